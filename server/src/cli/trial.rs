//! Trials from the command line.

use super::client::Client;
use super::output::{Format, facts, metric, table, text};
use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Subcommand, Debug)]
pub enum TrialCommand {
    /// List the trials of a study
    List {
        study: String,
        /// Only trials in this state
        #[arg(long)]
        state: Option<String>,
        /// number, a metric or a statistic; - in front for descending
        #[arg(long, allow_hyphen_values = true, default_value = "number")]
        sort: String,
    },
    /// Show a trial
    Show { id: String },
    /// Show its learning curve
    Curve { id: String },
    /// Take it back from whoever has it
    Cancel { id: String },
}

impl TrialCommand {
    pub async fn run(self, client: &Client, format: Format) -> Result<()> {
        match self {
            TrialCommand::List { study, state, sort } => {
                let state = state.map(|state| format!("&state={state}")).unwrap_or_default();
                let trials = client.pages(&format!("/v1/studies/{study}/trials?sort={sort}{state}")).await?;
                format.print(&Value::Array(trials), list)
            }
            TrialCommand::Show { id } => format.print(&client.get(&format!("/v1/trials/{id}")).await?, show),
            TrialCommand::Curve { id } => format.print(&client.get(&format!("/v1/trials/{id}/curve")).await?, curve),
            TrialCommand::Cancel { id } => {
                format.print(&client.post(&format!("/v1/trials/{id}/cancel"), &json!({})).await?, show)
            }
        }
    }
}

fn values(trial: &Value, group: &str) -> String {
    let entries = trial[group].as_object().into_iter().flatten();
    let entries = entries.filter_map(|(name, value)| Some(format!("{name} {}", metric(name, value.as_f64()?))));
    entries.collect::<Vec<_>>().join(", ")
}

fn list(trials: &Value) -> comfy_table::Table {
    let mut table = table(&["number", "id", "state", "metrics", "statistics", "reason"]);
    for trial in trials.as_array().into_iter().flatten() {
        table.add_row([
            text(trial, "/number"),
            text(trial, "/id"),
            text(trial, "/state"),
            values(trial, "metrics"),
            values(trial, "statistics"),
            text(trial, "/reason"),
        ]);
    }
    table
}

fn show(trial: &Value) -> comfy_table::Table {
    let artifacts = trial["artifacts"].as_array().into_iter().flatten();
    let artifacts = artifacts.map(|artifact| format!("{} {}", text(artifact, "/name"), text(artifact, "/id")));
    let rows = [
        ("trial", text(trial, "/id")),
        ("number", text(trial, "/number")),
        ("state", [text(trial, "/state"), text(trial, "/reason")].join("  ").trim().to_owned()),
        ("attempt", text(trial, "/attempt")),
        ("genotype", text(trial, "/genotype")),
        ("metrics", values(trial, "metrics")),
        ("statistics", values(trial, "statistics")),
        ("artifacts", artifacts.collect::<Vec<_>>().join("\n")),
    ];
    facts(rows.map(|(name, value)| (name.to_owned(), value)))
}

fn curve(points: &Value) -> comfy_table::Table {
    let mut table = table(&["epoch", "metric", "value"]);
    for point in points.as_array().into_iter().flatten() {
        let name = text(point, "/metric");
        let value = point["value"].as_f64().map(|value| metric(&name, value)).unwrap_or_default();
        table.add_row([text(point, "/step"), name, value]);
    }
    table
}
