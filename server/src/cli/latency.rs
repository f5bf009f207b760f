//! Latency tables from the command line.

use super::client::Client;
use super::output::{Format, table, text};
use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

#[derive(Subcommand, Debug)]
pub enum LatencyCommand {
    /// List the tables by device and batch
    List,
    /// Show a table; with `--format json` a document for a study's options (`latency_table`)
    Show {
        /// As listed
        device: String,
        /// Images in one forward pass
        batch: u32,
    },
}

impl LatencyCommand {
    pub async fn run(self, client: &Client, format: Format) -> Result<()> {
        match self {
            LatencyCommand::List => format.print(&client.get("/v1/latency-tables").await?, list),
            LatencyCommand::Show { device, batch } => {
                let path = format!("/v1/latency-tables/{}/{batch}", escaped(&device));
                let path = if format == Format::Json { format!("{path}/document") } else { path };
                format.print(&client.get(&path).await?, show)
            }
        }
    }
}

/// A device's name as one segment of a path.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn list(tables: &Value) -> comfy_table::Table {
    let mut table = table(&["device", "batch", "entries", "newest", "oldest"]);
    for entry in tables.as_array().into_iter().flatten() {
        table.add_row(["/device", "/batch", "/entries", "/newest", "/oldest"].map(|field| text(entry, field)));
    }
    table
}

fn show(latencies: &Value) -> comfy_table::Table {
    let mut table = table(&["graph", "median (µs)", "mean (µs)", "runs", "measured"]);
    for (signature, latency) in latencies["latencies"].as_object().into_iter().flatten() {
        let time = |field: &str| latency[field].as_f64().map(|us| format!("{us:.1}")).unwrap_or_default();
        let (runs, measured) = (text(latency, "/runs"), text(latency, "/measured_at"));
        table.add_row([signature.clone(), time("median_us"), time("mean_us"), runs, measured]);
    }
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_device_is_one_segment_of_a_path() {
        assert_eq!(super::escaped("cpu, 2/µ"), "cpu%2C%202%2F%C2%B5");
    }
}
