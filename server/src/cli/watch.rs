//! Watching a study in the terminal: a bar where there is a terminal, lines elsewhere.

use super::client::Client;
use super::output::{Format, duration, metric, text};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::io::IsTerminal;
use std::time::Duration;

const ENDED: [&str; 3] = ["completed", "stopped", "failed"];

/// Shows progress until the study has ended; its last state.
///
/// Where there is no terminal the lines go to standard output, unless that is kept for JSON.
pub async fn watch(client: &Client, id: &str, format: Format) -> Result<Value> {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(1000) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:32.cyan/dim} {msg}") {
        bar.set_style(style);
    }
    let mut last = String::new();
    loop {
        let study = client.get(&format!("/v1/studies/{id}")).await?;
        let line = summary(&study);
        bar.set_position((study["progress"]["share"].as_f64().unwrap_or(0.0) * 1000.0) as u64);
        bar.set_message(line.clone());
        if bar.is_hidden() && line != last {
            match format {
                Format::Table => println!("{line}"),
                Format::Json => eprintln!("{line}"),
            }
        }
        last = line;
        if ENDED.contains(&text(&study, "/state").as_str()) {
            bar.finish_and_clear();
            return Ok(study);
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

/// `12 of 24 trials · best top1 97.21 % · about 40 s left`
fn summary(study: &Value) -> String {
    let done = study["progress"]["trials"].as_i64().unwrap_or(0);
    let trials = match study["limits"]["max_trials"].as_i64() {
        Some(all) => format!("{done} of {all} trials"),
        None => format!("{done} trials"),
    };
    let objective = text(study, "/document/objectives/0/metric");
    let best = study["best"]["metrics"][&objective].as_f64();
    let best = best.map(|value| format!(" · best {objective} {}", metric(&objective, value)));
    let left = match (study["phase"].as_str(), study["seconds_left"].as_f64()) {
        (Some("final"), _) => " · training and testing the best".to_owned(),
        (_, Some(seconds)) => format!(" · about {} left", duration(seconds)),
        _ => String::new(),
    };
    format!("{trials}{}{left}", best.unwrap_or_default())
}
