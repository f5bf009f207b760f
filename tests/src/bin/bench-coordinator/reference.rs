//! What others reach on the same cluster.

use anyhow::{Context, Result, bail, ensure};
use sqlx::Connection;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use support::cluster::Cluster;
use support::process::repository;

/// Transactions per second of `pgbench -N`.
pub fn pgbench(cluster: &Cluster, clients: usize, seconds: f64) -> Result<f64> {
    let pgbench = cluster.bin().join("pgbench");
    let port = cluster.port().to_string();
    let connection = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "postgres"];
    let initialised = Command::new(&pgbench).args(["-i", "-q", "-s", "10"]).args(connection).output()?;
    ensure!(initialised.status.success(), "pgbench -i: {}", String::from_utf8_lossy(&initialised.stderr));
    let seconds = seconds.ceil().to_string();
    let options = ["-N", "-n", "-T", &seconds, "-j", "2", "-c", &clients.to_string()].map(String::from);
    let output = Command::new(&pgbench).args(options).args(connection).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|l| l.strip_prefix("tps = ")).context("pgbench printed no tps")?;
    Ok(line.split_whitespace().next().context("empty")?.parse()?)
}

/// Rows per second of one long `INSERT` into a table like that of the learning curves.
pub async fn insert_points(database: &str) -> Result<f64> {
    const ROWS: i32 = 200_000;
    let mut connection = sqlx::PgConnection::connect(database).await?;
    sqlx::raw_sql(
        "CREATE TABLE points (work_id uuid NOT NULL, metric text NOT NULL, step integer NOT NULL,
             value double precision NOT NULL, attempt integer NOT NULL, PRIMARY KEY (work_id, metric, step))",
    )
    .execute(&mut connection)
    .await?;
    let start = Instant::now();
    sqlx::query(
        "INSERT INTO points SELECT '00000000-0000-7000-8000-000000000000', 'loss', i, 1.0 / (1 + i), 1
         FROM generate_series(1, $1) AS i",
    )
    .bind(ROWS)
    .execute(&mut connection)
    .await?;
    Ok(f64::from(ROWS) / start.elapsed().as_secs_f64())
}

/// Optuna's trials per second.
pub fn optuna(python: &Path, database: &str, trials: u32, clients: u32, reports: u32) -> Result<f64> {
    let script = repository().join("bench/optuna_reference.py");
    let arguments = [database.to_owned(), trials.to_string(), clients.to_string(), reports.to_string()];
    let output = Command::new(python).arg(script).args(arguments).output()?;
    if !output.status.success() {
        bail!("Optuna: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}
