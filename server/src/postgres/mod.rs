//! A Postgres of our own, for installations that bring none: found on the machine, run in the data folder.
//!
//! It listens on loopback alone, asks for a password that is kept beside the cluster, and makes commits durable. A server
//! that a killed coordinator left behind is adopted; coordinators on one data folder share it, and the last one stops it.

mod binaries;
mod cluster;
mod user;

pub use binaries::{NoPostgres, find};

use anyhow::{Context, Result};
use cluster::Cluster;
use sqlx::{Connection, PgConnection};
use std::path::Path;

const DATABASE: &str = "nascent";

/// A running server.
pub struct Embedded {
    cluster: Cluster,
    port: u16,
    password: String,
}

impl Embedded {
    /// Starts the cluster in `data_dir`, making it first where there is none, or adopts one that runs.
    pub async fn start(data_dir: &Path) -> Result<Embedded> {
        let data_dir = data_dir.to_path_buf();
        let start = move || {
            let cluster = Cluster::open(&data_dir)?;
            let _lock = cluster.lock()?;
            let password = cluster.initialise()?;
            let port = match cluster.running_port() {
                Some(port) => port,
                None => cluster.start()?,
            };
            anyhow::Ok(Embedded { cluster, port, password })
        };
        let embedded = tokio::task::spawn_blocking(start).await.context("starting Postgres")??;
        embedded.create_database().await?;
        Ok(embedded)
    }

    /// Address of the service's database.
    pub fn url(&self) -> String {
        self.address(DATABASE)
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://nascent:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    async fn create_database(&self) -> Result<()> {
        let mut admin = PgConnection::connect(&self.address("postgres")).await.context("connecting to Postgres")?;
        let known = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(DATABASE);
        if known.fetch_optional(&mut admin).await?.is_none() {
            sqlx::query("CREATE DATABASE nascent").execute(&mut admin).await?;
        }
        Ok(())
    }

    /// Stops the server, unless somebody else still uses it. Call it when the own connections are closed.
    pub async fn stop(self) -> Result<()> {
        if self.is_in_use().await {
            tracing::info!("Postgres stays up: another coordinator uses it");
            return Ok(());
        }
        tokio::task::spawn_blocking(move || self.cluster.stop()).await.context("stopping Postgres")?
    }

    async fn is_in_use(&self) -> bool {
        let others =
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let count = async {
            let mut admin = PgConnection::connect(&self.address("postgres")).await?;
            sqlx::query_scalar::<_, i64>(others).fetch_one(&mut admin).await
        };
        count.await.is_ok_and(|count| count > 0)
    }
}
