//! A whole installation in a temporary folder: a coordinator with its own Postgres, and workers.

use crate::client::Client;
use crate::process::{Process, free_port, program, repository};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

pub struct Installation {
    folder: TempDir,
    address: String,
    pub server: Process,
    pub client: Client,
}

impl Installation {
    /// Starts `nascent up` on a free port with an embedded Postgres and waits until it answers.
    pub async fn start() -> Result<Installation> {
        let folder = tempfile::Builder::new().prefix("nascent-test").tempdir_in("/tmp")?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let server = start_server(folder.path(), &address)?;
        let client = Client::new(&format!("http://{address}"));
        let installation = Installation { folder, address, server, client };
        installation.ready().await?;
        Ok(installation)
    }

    /// `kill -9` of the coordinator, then a new one on the same data folder and port.
    pub async fn crash_and_restart(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server = start_server(self.folder.path(), &self.address)?;
        self.ready().await
    }

    async fn ready(&self) -> Result<()> {
        self.client.ready(Duration::from_secs(60)).await.with_context(|| self.server.log())
    }

    /// A second coordinator on the same data folder, on another port.
    pub async fn second_coordinator(&self) -> Result<(Process, Client)> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let server = start_server(self.folder.path(), &address)?;
        let client = Client::new(&format!("http://{address}"));
        client.ready(Duration::from_secs(60)).await.with_context(|| server.log())?;
        Ok((server, client))
    }

    /// A worker with one slot and one thread.
    pub fn worker(&self, name: &str) -> Result<Process> {
        let mut command = Command::new(program("nascent-worker")?);
        command.args(["run", "--url", self.client.base(), "--name", name, "--slots", "1", "--threads", "1", "--data"]);
        command.arg(repository().join("data")).env("RUST_LOG", "info").env("NASCENT_CHECKPOINT_SECONDS", "0.3");
        Process::start(command, &self.folder.path().join(format!("{name}.log")))
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Installation {
    /// Ends the coordinator politely, so that its Postgres stops too.
    fn drop(&mut self) {
        if let Err(error) = self.server.terminate(Duration::from_secs(20)) {
            eprintln!("stopping the coordinator: {error}");
        }
    }
}

fn start_server(folder: &Path, address: &str) -> Result<Process> {
    let mut command = Command::new(program("nascent")?);
    command.args(["up", "--listen", address, "--data-dir"]).arg(folder.join("data"));
    command.env_remove("DATABASE_URL").env("RUST_LOG", "info");
    // Killed workers are to be missed within seconds.
    command.env("NASCENT_LEASE_SECONDS", "4").env("NASCENT_HEARTBEAT_SECONDS", "1");
    Process::start(command, &folder.join("server.log"))
}
