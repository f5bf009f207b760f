//! Flags and environment of the coordinator, each declared once: flag, variable, default and help together.

mod artifacts;
mod limits;

pub use artifacts::ArtifactOptions;
pub use limits::LimitOptions;

use crate::app::Settings;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What `serve`, `up` and `quickstart` have in common.
#[derive(Args, Clone, Debug)]
pub struct ServerOptions {
    /// Address to listen on
    #[arg(long, env = "NASCENT_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Folder for the embedded Postgres and local artifacts
    #[arg(long, env = "NASCENT_DATA_DIR", default_value = ".data")]
    pub data_dir: PathBuf,

    /// Postgres to use; without it an embedded one runs in the data folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    #[command(flatten)]
    pub artifacts: ArtifactOptions,

    #[command(flatten)]
    pub limits: LimitOptions,
}

impl ServerOptions {
    /// The inside's settings around a database that is known by now.
    pub fn settings(&self, database_url: &str) -> Settings {
        Settings {
            connections: self.limits.connections,
            artifact_limit: self.limits.artifact_bytes,
            lease: Duration::from_secs_f64(self.limits.lease_seconds),
            heartbeat: Duration::from_secs_f64(self.limits.heartbeat_seconds),
            ..Settings::new(database_url, self.artifacts.place(&self.data_dir))
        }
    }
}
