//! Runs (work that is no trial) as the terminal shows them.

use super::output::{metric, table, text};
use comfy_table::Table;
use serde_json::Value;

/// A line per run.
pub fn list(runs: &Value) -> Table {
    let mut table = table(&["run", "kind", "state", "attempt", "progress", "metrics", "worker", "reason"]);
    for run in runs.as_array().into_iter().flatten() {
        table.add_row([
            text(run, "/id"),
            text(run, "/kind"),
            text(run, "/state"),
            text(run, "/attempt"),
            progress(run),
            metrics(run).join(", "),
            text(run, "/worker"),
            reason(run),
        ]);
    }
    table
}

/// ` · supernet: epoch 3 of 50, loss 1.2034, top1 45.10 %` of the run that is furthest on; nothing without a live run.
pub fn news(runs: &Value) -> String {
    let runs = runs.as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(run) = runs.iter().find(|run| run["state"] == "leased").or(runs.first()) else { return String::new() };
    let mut parts = vec![match run["state"].as_str() {
        Some("leased") => progress(run),
        Some("held") => "paused".to_owned(),
        _ => "waits for a worker".to_owned(),
    }];
    parts.extend(metrics(run));
    let more = if runs.len() > 1 { format!(" (and {} more)", runs.len() - 1) } else { String::new() };
    let failed = match reason(run) {
        reason if reason.is_empty() => reason,
        reason => format!(" · attempt {} ended: {reason}", text(run, "/attempt")),
    };
    format!(" · {}: {}{more}{failed}", text(run, "/kind"), parts.join(", "))
}

/// `epoch 3 of 50`, or the share for work without epochs.
fn progress(run: &Value) -> String {
    match run["epochs"].as_i64() {
        Some(epochs) if epochs > 0 => format!("epoch {} of {epochs}", run["epochs_done"].as_i64().unwrap_or(0)),
        _ => format!("{:.0} %", run["progress"].as_f64().unwrap_or(0.0) * 100.0),
    }
}

fn metrics(run: &Value) -> Vec<String> {
    let one = |name: &&str| Some(format!("{name} {}", metric(name, run["latest"][name].as_f64()?)));
    ["loss", "top1"].iter().filter_map(one).collect()
}

fn reason(run: &Value) -> String {
    let words = [text(run, "/reason").replace('_', " "), text(run, "/detail")];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_run_is_told_in_a_line() {
        let mut run = json!({
            "kind": "supernet", "state": "leased", "attempt": 1, "epochs": 50, "epochs_done": 3, "progress": 0.06,
            "latest": {"loss": 1.2034, "top1": 0.451, "entropy": 1.0},
        });
        assert_eq!(news(&json!([run])), " · supernet: epoch 3 of 50, loss 1.2034, top1 45.10 %");
        run["state"] = json!("queued");
        run["latest"] = json!({});
        run["reason"] = json!("out_of_memory");
        run["detail"] = json!("batch 256");
        let told = " · supernet: waits for a worker (and 1 more) · attempt 1 ended: out of memory: batch 256";
        assert_eq!(news(&json!([run, run])), told);
        assert_eq!(news(&json!([])), "");
    }

    #[test]
    fn work_without_epochs_shows_its_share() {
        let run = json!({"kind": "measure", "state": "leased", "epochs": 0, "progress": 0.5, "latest": {}});
        assert_eq!(news(&json!([run])), " · measure: 50 %");
    }
}
