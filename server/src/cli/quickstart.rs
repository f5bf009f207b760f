//! The first five minutes: a service, a worker, a real search, its result.

use super::client::Client;
use super::local::LocalWorker;
use super::output::{Format, metric, table, text};
use super::serve::{Service, signal};
use super::study::{export_best, read_document};
use super::watch::watch;
use crate::auth::Access;
use crate::config::ServerOptions;
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;

/// The study that is run; shipped with the program.
const STUDY: &str = include_str!("../../../examples/quickstart.yaml");

/// Trials at once, each on one thread; as many as the study asks for.
const SLOTS: usize = 2;

#[derive(Args, Debug)]
pub struct Quickstart {
    #[command(flatten)]
    server: ServerOptions,

    /// Leave with status 0 when the search is done, instead of staying up
    #[arg(long)]
    exit_when_done: bool,
}

impl Quickstart {
    pub async fn run(self) -> Result<()> {
        let program = LocalWorker::program()?;
        let service = Service::start(&self.server, Access::Open).await?;
        let url = service.url();
        let worker = LocalWorker::start(&program, &url, "quickstart", SLOTS, &self.server.data_dir)?;
        println!("Nascent is up. Dashboard: {url}");
        let stopped = tokio::select! {
            result = search(&url, &self.server.data_dir) => result.map(|()| false),
            told = signal() => told.map(|()| true),
        };
        if !self.exit_when_done && matches!(stopped, Ok(false)) {
            println!("\nThe dashboard stays up at {url}; Ctrl-C ends it.");
            signal().await?;
        }
        LocalWorker::stop_all(vec![worker]).await;
        service.stop().await?;
        stopped.map(drop)
    }
}

async fn search(url: &str, data_dir: &std::path::Path) -> Result<()> {
    let client = Client::local(url)?;
    let document = read_document(STUDY)?;
    let id = match unfinished(&client, &document).await? {
        Some(id) => {
            println!("Going on with the search that was interrupted: study {id}");
            id
        }
        None => {
            let id = text(&client.submit(&document).await?, "/id");
            println!("Searching a network for 8×8 digits: study {id}");
            id
        }
    };
    let ended = watch(&client, &id, Format::Table).await?;
    if text(&ended, "/state") != "completed" {
        let worker_log = data_dir.join("quickstart.log");
        bail!(
            "the study ended as {}: {} (worker's log: {})",
            text(&ended, "/state"),
            text(&ended, "/reason"),
            worker_log.display()
        );
    }
    let finals = client.get(&format!("/v1/studies/{id}/best")).await?;
    println!("\n{}", result_table(&finals));
    let folder: PathBuf = data_dir.join("quickstart").join(&id);
    let files = export_best(&client, &id, &folder).await.context("exporting the best network")?;
    let model = files.iter().find(|file| file.extension().is_some_and(|e| e == "pt")).or(files.first());
    if let Some(model) = model {
        println!("Exported model: {}", model.display());
    }
    Ok(())
}

/// The quick-start study of an earlier run that was ended before its time.
async fn unfinished(client: &Client, document: &Value) -> Result<Option<String>> {
    let running = client.pages("/v1/studies?state=running").await?;
    let earlier = running.iter().find(|study| study["name"] == document["name"]);
    Ok(earlier.map(|study| text(study, "/id")))
}

/// The best candidate beside the hand-made baseline, both tested once on images that the search never saw.
fn result_table(finals: &Value) -> comfy_table::Table {
    let mut table = table(&["", "top-1 (test)", "params", "FLOPs"]);
    for trial in finals.as_array().into_iter().flatten() {
        let name = if trial["baseline"] == true { "hand-made baseline" } else { "best candidate" };
        let value =
            |group: &str, key: &str| trial[group][key].as_f64().map(|value| metric(key, value)).unwrap_or_default();
        table.add_row([
            name.to_owned(),
            value("metrics", "test_top1"),
            value("statistics", "params"),
            value("statistics", "flops"),
        ]);
    }
    table
}
