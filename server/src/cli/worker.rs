//! Workers from the command line.

use super::client::Client;
use super::output::{Format, table, text};
use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub enum WorkerCommand {
    /// List workers, the one last heard of first
    List,
}

impl WorkerCommand {
    pub async fn run(self, client: &Client, format: Format) -> Result<()> {
        let WorkerCommand::List = self;
        format.print(&client.get("/v1/workers").await?, |workers| {
            let mut table = table(&["name", "device", "slots", "busy", "data sets", "last heard of"]);
            for worker in workers.as_array().into_iter().flatten() {
                let fields = ["/name", "/device", "/slots", "/busy", "/datasets", "/seen_at"];
                table.add_row(fields.map(|field| text(worker, field)));
            }
            table
        })
    }
}
