//! Studies from the command line.

use super::client::Client;
use super::output::{Format, duration, facts, metric, table, text};
use super::run;
use super::watch::watch;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub enum StudyCommand {
    /// List studies, newest first
    List {
        /// Only studies in this state
        #[arg(long)]
        state: Option<String>,
    },
    /// Show a study
    Show { id: String },
    /// List its runs: the work that is no trial (supernets, scores, measurements)
    Runs { id: String },
    /// Submit a study document (YAML or JSON)
    Submit { file: PathBuf },
    /// Stop giving out work
    Pause { id: String },
    /// Go on after a pause
    Resume { id: String },
    /// End gently: running trials keep their metrics
    Stop { id: String },
    /// End at once
    Cancel { id: String },
    /// Change limits while it runs: max_trials=100 parallel_trials=8
    Set {
        id: String,
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
    },
    /// Watch until it ends
    Watch { id: String },
    /// Take away the best network
    Export(Export),
    /// Delete an ended study with its trials and artifacts
    Delete { id: String },
}

#[derive(Args, Debug)]
pub struct Run {
    /// Study document (YAML or JSON)
    file: PathBuf,
}

#[derive(Args, Debug)]
pub struct Export {
    /// Id of the study
    study: String,
    /// Folder for the files
    #[arg(long, default_value = "export")]
    to: PathBuf,
}

impl Run {
    pub async fn run(self, client: &Client, format: Format) -> Result<()> {
        let study = client.submit(&read_file(&self.file)?).await?;
        let id = text(&study, "/id");
        eprintln!("Study {id}: {}/studies/{id}", client.url());
        ended(&watch(client, &id, format).await?, format)
    }
}

impl Export {
    pub async fn run(self, client: &Client) -> Result<()> {
        for file in export_best(client, &self.study, &self.to).await? {
            println!("{}", file.display());
        }
        Ok(())
    }
}

impl StudyCommand {
    pub async fn run(self, client: &Client, format: Format) -> Result<()> {
        let verb = |id: &str, verb: &str| format!("/v1/studies/{id}/{verb}");
        let study = match self {
            StudyCommand::List { state } => return list(client, state, format).await,
            StudyCommand::Show { id } => return show_with_runs(client, &id, format).await,
            StudyCommand::Runs { id } => return runs(client, &id, format).await,
            StudyCommand::Submit { file } => client.submit(&read_file(&file)?).await?,
            StudyCommand::Pause { id } => client.post(&verb(&id, "pause"), &json!({})).await?,
            StudyCommand::Resume { id } => client.post(&verb(&id, "resume"), &json!({})).await?,
            StudyCommand::Stop { id } => client.post(&verb(&id, "stop"), &json!({})).await?,
            StudyCommand::Cancel { id } => client.post(&verb(&id, "cancel"), &json!({})).await?,
            StudyCommand::Set { id, changes } => {
                client.patch(&format!("/v1/studies/{id}"), &assignments(&changes)?.into()).await?
            }
            StudyCommand::Watch { id } => return ended(&watch(client, &id, format).await?, format),
            StudyCommand::Export(export) => return export.run(client).await,
            StudyCommand::Delete { id } => {
                client.delete(&format!("/v1/studies/{id}")).await?;
                return Ok(());
            }
        };
        show(&study, format)
    }
}

async fn list(client: &Client, state: Option<String>, format: Format) -> Result<()> {
    let filter = state.map(|state| format!("?state={state}")).unwrap_or_default();
    let studies = Value::Array(client.pages(&format!("/v1/studies{filter}")).await?);
    format.print(&studies, |studies| {
        let mut table = table(&["id", "name", "state", "trials", "best", "left"]);
        for study in studies.as_array().into_iter().flatten() {
            table.add_row([
                text(study, "/id"),
                text(study, "/name"),
                text(study, "/state"),
                text(study, "/progress/trials"),
                best(study),
                study["seconds_left"].as_f64().map(duration).unwrap_or_default(),
            ]);
        }
        table
    })
}

fn best(study: &Value) -> String {
    let objective = text(study, "/document/objectives/0/metric");
    study["best"]["metrics"][&objective].as_f64().map(|value| metric(&objective, value)).unwrap_or_default()
}

/// Shows how a study ended; one that failed makes the command fail.
fn ended(study: &Value, format: Format) -> Result<()> {
    show(study, format)?;
    if text(study, "/state") == "failed" {
        bail!("the study failed: {}", text(study, "/reason"));
    }
    Ok(())
}

/// A study, and below it its runs where it has any.
async fn show_with_runs(client: &Client, id: &str, format: Format) -> Result<()> {
    show(&client.get(&format!("/v1/studies/{id}")).await?, format)?;
    let runs = client.pages(&format!("/v1/studies/{id}/runs")).await?;
    if format == Format::Table && !runs.is_empty() {
        println!("{}", run::list(&Value::Array(runs)));
    }
    Ok(())
}

async fn runs(client: &Client, id: &str, format: Format) -> Result<()> {
    let runs = client.pages(&format!("/v1/studies/{id}/runs")).await?;
    format.print(&Value::Array(runs), run::list)
}

fn show(study: &Value, format: Format) -> Result<()> {
    format.print(study, |study| {
        let counts = study["counts"].as_object().into_iter().flatten();
        let counts =
            counts.filter(|(_, count)| count.as_i64() != Some(0)).map(|(state, count)| format!("{count} {state}"));
        let rows = [
            ("study", text(study, "/id")),
            ("name", text(study, "/name")),
            ("state", [text(study, "/state"), text(study, "/reason")].join("  ").trim().to_owned()),
            ("strategy", text(study, "/document/strategy/name")),
            ("trials", counts.collect::<Vec<_>>().join(", ")),
            ("best", best(study)),
            ("best trial", text(study, "/best/trial_id")),
            ("running for", study["progress"]["seconds"].as_f64().map(duration).unwrap_or_default()),
        ];
        facts(rows.map(|(name, value)| (name.to_owned(), value)))
    })
}

/// `key=value` pairs; values are JSON where they can be read so, else text.
pub fn assignments(pairs: &[String]) -> Result<Map<String, Value>> {
    let one = |pair: &String| {
        let (key, value) = pair.split_once('=').with_context(|| format!("`{pair}` is not KEY=VALUE"))?;
        Ok((key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()))))
    };
    pairs.iter().map(one).collect()
}

pub fn read_file(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    read_document(&text).with_context(|| format!("reading {}", path.display()))
}

/// JSON or YAML.
pub fn read_document(text: &str) -> Result<Value> {
    search::options::read_text(text).map_err(anyhow::Error::new)
}

/// Saves the files of a study's best trial; their paths.
pub async fn export_best(client: &Client, study: &str, to: &Path) -> Result<Vec<PathBuf>> {
    let best = client.get(&format!("/v1/studies/{study}/best")).await?;
    let Some(trial) = best.as_array().and_then(|trials| trials.iter().find(|trial| trial["baseline"] != true)) else {
        bail!("study {study} has no completed trial yet");
    };
    let detail = client.get(&format!("/v1/trials/{}", text(trial, "/id"))).await?;
    std::fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
    let mut files = Vec::new();
    for artifact in detail["artifacts"].as_array().into_iter().flatten() {
        let name = match text(artifact, "/name").as_str() {
            "weights" => "weights.safetensors".to_owned(),
            "description" => "network.json".to_owned(),
            "torchscript" => "model.pt".to_owned(),
            "checkpoint" => continue,
            other => other.to_owned(),
        };
        let path = to.join(name);
        client.download(artifact, &path).await?;
        files.push(path);
    }
    if files.is_empty() {
        bail!("the best trial exported no files; give the study a `final` training");
    }
    Ok(files)
}
