//! Watching a study in the terminal: a bar where there is a terminal, lines elsewhere.

use super::client::Client;
use super::output::{Format, duration, metric, text};
use super::run;
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
        // While a supernet is trained there are no trials yet: its run is the news.
        let runs = client.get(&format!("/v1/studies/{id}/runs?state=live&limit=20")).await?;
        let news = format!("{}{}", news(&study), run::news(&runs["items"]));
        let line = format!("{news}{}", left(&study));
        bar.set_position((study["progress"]["share"].as_f64().unwrap_or(0.0) * 1000.0) as u64);
        bar.set_message(line.clone());
        // A line of its own only for what happened, not for each change of an estimate.
        if bar.is_hidden() && news != last {
            match format {
                Format::Table => println!("{line}"),
                Format::Json => eprintln!("{line}"),
            }
        }
        last = news;
        if ENDED.contains(&text(&study, "/state").as_str()) {
            bar.finish_and_clear();
            return Ok(study);
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

/// `12 of 24 trials · best top1 97.21 %`
fn news(study: &Value) -> String {
    let done = study["progress"]["trials"].as_i64().unwrap_or(0);
    let trials = match study["limits"]["max_trials"].as_i64() {
        // The final training's trials come on top.
        Some(all) => format!("{} of {all} trials", done.min(all)),
        None => format!("{done} trials"),
    };
    let objective = text(study, "/document/objectives/0/metric");
    let best = study["best"]["metrics"][&objective].as_f64();
    let best = best.map(|value| format!(" · best {objective} {}", metric(&objective, value)));
    let phase = if is_final(study) { " · training and testing the best" } else { "" };
    format!("{trials}{}{phase}", best.unwrap_or_default())
}

fn is_final(study: &Value) -> bool {
    study["phase"] == "final"
}

/// ` · about 40 s left`
fn left(study: &Value) -> String {
    let seconds = study["seconds_left"].as_f64().filter(|_| !is_final(study));
    seconds.map(|seconds| format!(" · about {} left", duration(seconds))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn progress_reads_well() {
        let mut study = json!({
            "phase": "search", "limits": {"max_trials": 24}, "progress": {"trials": 12}, "seconds_left": 40.2,
            "document": {"objectives": [{"metric": "top1"}]}, "best": {"metrics": {"top1": 0.9721}},
        });
        assert_eq!(news(&study), "12 of 24 trials · best top1 97.21 %");
        assert_eq!(left(&study), " · about 40 s left");
        study["phase"] = json!("final");
        study["progress"]["trials"] = json!(26);
        assert_eq!(news(&study), "24 of 24 trials · best top1 97.21 % · training and testing the best");
        assert_eq!(left(&study), "");
        study["best"] = json!(null);
        study["limits"]["max_trials"] = json!(null);
        assert_eq!(news(&study), "26 trials · training and testing the best");
    }
}
