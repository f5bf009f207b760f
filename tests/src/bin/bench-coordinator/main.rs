//! `make bench-coordinator`: what a trial costs the coordinator when the training costs nothing.
//!
//! External no-op work over HTTP on a durable Postgres of its own, against Optuna and `pgbench -N` on the same cluster in
//! the same run. Ends with `BENCH name=… ours=… reference=… ratio=…` lines (ratio > 1: ours is better).
//!
//! A client works as a trainer does: it leases once, and from then on each outcome asks for the next lease. *Commits* are
//! transactions that wrote something, of the whole cluster, background loops included: the growth of the transaction
//! counter (`pg_snapshot_xmax`), which only writers move. Processor times per trial tell more than rates on a machine that
//! others use too.

mod reference;
mod trials;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use futures::future::try_join_all;
use search::work::{CurvePoint, Report};
use serde_json::{Value, json};
use sqlx::Row as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use support::client::Client;
use support::cluster::Cluster;
use support::process::{Process, free_port, program};
use trials::{Limit, trial_loop};

#[derive(Parser)]
#[command(about = "Measures trials per second, waiting times, commits and memory of the coordinator")]
struct Arguments {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Finished trials behind the second half of the table.
    #[arg(long, default_value_t = 10_000)]
    history: u64,
    /// Numbers of clients.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    clients: Vec<usize>,
    /// Leave out the comparison with pgbench and Optuna.
    #[arg(long)]
    alone: bool,
    /// Python with Optuna and psycopg2; without it that comparison is left out.
    #[arg(long, env = "NASCENT_BENCH_PYTHON")]
    python: Option<PathBuf>,
}

/// Trials in flight for each client: while one is trained, others wait in the queue.
const AHEAD: usize = 4;

/// One line of the table.
struct Measurement {
    clients: usize,
    history: u64,
    reports: u32,
    trials_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    commits_per_trial: f64,
    server_cpu_ms: f64,
    postgres_cpu_ms: f64,
    server_mib: f64,
}

struct Bench {
    cluster: Cluster,
    server: Process,
    client: Client,
    arguments: Arguments,
    _folder: tempfile::TempDir,
}

#[tokio::main]
async fn main() -> Result<()> {
    let bench = Bench::start(Arguments::parse()).await?;
    println!(
        "clients history reports  trials/s  outcome p50 ms  outcome p99 ms  commits/trial  server cpu ms  postgres cpu ms  MiB"
    );
    let mut measurements = Vec::new();
    for history in [0, bench.arguments.history] {
        bench.fill(history).await?;
        for &clients in &bench.arguments.clients {
            for reports in [0, 20] {
                let m = bench.measure(clients, history, reports).await?;
                m.print();
                measurements.push(m);
            }
        }
        if bench.arguments.history == 0 {
            break;
        }
    }
    let points = bench.points(4).await?;
    println!("metric points/s, 4 clients, 1000 in a report: {points:.0}");
    if bench.arguments.alone {
        return Ok(());
    }
    bench.compare(&measurements, points).await
}

impl Measurement {
    fn print(&self) {
        println!(
            "{:7} {:7} {:7} {:9.1} {:15.2} {:15.2} {:14.2} {:14.2} {:16.2} {:4.0}",
            self.clients,
            self.history,
            self.reports,
            self.trials_per_second,
            self.p50_ms,
            self.p99_ms,
            self.commits_per_trial,
            self.server_cpu_ms,
            self.postgres_cpu_ms,
            self.server_mib
        );
    }
}

impl Bench {
    async fn start(arguments: Arguments) -> Result<Bench> {
        let cluster = Cluster::start()?;
        let database = cluster.create_database("nascent").await?;
        let folder = tempfile::tempdir()?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = Command::new(program("nascent")?);
        command.args(["up", "--listen", &address, "--data-dir"]).arg(folder.path());
        command.env("DATABASE_URL", &database).env("RUST_LOG", "warn");
        let server = Process::start(command, &folder.path().join("server.log"))?;
        let client = Client::new(&format!("http://{address}"));
        client.ready(Duration::from_secs(60)).await.with_context(|| server.log())?;
        Ok(Bench { cluster, server, client, arguments, _folder: folder })
    }

    async fn study(&self, parallel: usize) -> Result<String> {
        let parameter = |i| (format!("x{i}"), json!({"$float": {"min": 0.0, "max": 1.0}}));
        let root: serde_json::Map<String, Value> = (0..10).map(parameter).collect();
        let study = json!({
            "name": "bench",
            "space": {"document": {"nas_space": 1, "name": "bench", "root": root}},
            "objectives": [{"metric": "score", "direction": "maximize"}],
            "strategy": {"name": "random"},
            "budget": {"max_trials": 10_000_000, "parallel_trials": parallel},
        });
        self.client.submit(&study).await
    }

    /// Finishes trials until the database holds so many.
    async fn fill(&self, trials: u64) -> Result<()> {
        if trials == 0 {
            return Ok(());
        }
        let study = self.study(64).await?;
        let share = Limit::Trials(trials / 32);
        try_join_all((0..32).map(|i| trial_loop(self.client.clone(), format!("fill-{i}"), 0, share))).await?;
        self.stop(&study).await
    }

    async fn stop(&self, study: &str) -> Result<()> {
        self.client.post(&format!("/v1/studies/{study}/cancel"), &json!({})).await?;
        Ok(())
    }

    async fn measure(&self, clients: usize, history: u64, reports: u32) -> Result<Measurement> {
        let study = self.study(clients * AHEAD).await?;
        let commits_before = self.commits().await?;
        let cpu_before = (self.server.cpu_seconds()?, self.cluster.cpu_seconds()?);
        let start = Instant::now();
        let until = Limit::Time(start + Duration::from_secs_f64(self.arguments.seconds));
        let loops = (0..clients).map(|i| trial_loop(self.client.clone(), format!("client-{i}"), reports, until));
        let times: Vec<f64> = try_join_all(loops).await?.into_iter().flatten().collect();
        let seconds = start.elapsed().as_secs_f64();
        let trials = times.len();
        ensure!(trials > 0, "no trial finished; server log:\n{}", self.server.log());
        let commits = self.commits().await? - commits_before;
        let cpu = (self.server.cpu_seconds()? - cpu_before.0, self.cluster.cpu_seconds()? - cpu_before.1);
        self.stop(&study).await?;
        Ok(Measurement {
            clients,
            history,
            reports,
            trials_per_second: trials as f64 / seconds,
            p50_ms: percentile(&times, 0.5),
            p99_ms: percentile(&times, 0.99),
            commits_per_trial: commits as f64 / trials as f64,
            server_cpu_ms: cpu.0 * 1000.0 / trials as f64,
            postgres_cpu_ms: cpu.1 * 1000.0 / trials as f64,
            server_mib: self.server.resident_mib()?,
        })
    }

    /// Transactions that have written something since the cluster was made.
    async fn commits(&self) -> Result<i64> {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&self.cluster.url("postgres")).await?;
        let row = sqlx::query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
        Ok(row.fetch_one(&mut connection).await?.get(0))
    }

    /// Metric points per second: each client holds one lease and reports long curves.
    async fn points(&self, clients: usize) -> Result<f64> {
        const IN_A_REPORT: u32 = 1000;
        let study = self.study(clients).await?;
        let start = Instant::now();
        let end = start + Duration::from_secs_f64(self.arguments.seconds);
        let one = |client: Client, worker: String| async move {
            let lease = client.lease(&worker, 10).await?.context("no work")?;
            let mut step = 0;
            while Instant::now() < end {
                let point = |i| CurvePoint { metric: "loss".into(), step: step + i, value: 1.0 / f64::from(step + i) };
                let points = (1..=IN_A_REPORT).map(point).collect();
                client.report(&lease, &Report { token: lease.token.clone(), points, ..Report::default() }).await?;
                step += IN_A_REPORT;
            }
            anyhow::Ok(step)
        };
        let counts = try_join_all((0..clients).map(|i| one(self.client.clone(), format!("reporter-{i}")))).await?;
        let rate = counts.iter().map(|n| f64::from(*n)).sum::<f64>() / start.elapsed().as_secs_f64();
        self.stop(&study).await?;
        Ok(rate)
    }

    async fn compare(&self, measurements: &[Measurement], points: f64) -> Result<()> {
        let ours = |clients: usize, reports| {
            let mut rows = measurements.iter().filter(|m| m.history == 0);
            let row = rows.find(|m| m.clients == clients && m.reports == reports);
            row.map(|m| m.trials_per_second)
        };
        for &clients in &self.arguments.clients {
            let rate = reference::pgbench(&self.cluster, clients, self.arguments.seconds)?;
            bench_line(&format!("trials-pgbench-{clients}-clients"), ours(clients, 0).unwrap_or(0.0), rate);
        }
        let alone = reference::insert_points(&self.cluster.url("postgres")).await?;
        bench_line("metric-points-postgres-alone", points, alone);
        let Some(python) = self.arguments.python.as_deref() else {
            println!("SKIPPED: Optuna is not compared (set NASCENT_BENCH_PYTHON to a Python with optuna and psycopg2)");
            return Ok(());
        };
        for (clients, reports, trials) in [(1, 0, 60), (1, 20, 30), (4, 0, 80)] {
            let database = self.cluster.create_database(&format!("optuna_{clients}_{reports}")).await?;
            let rate = reference::optuna(python, &database, trials, clients as u32, reports)?;
            let suffix = if reports > 0 { format!("-{reports}-reports") } else { String::new() };
            let plural = if clients == 1 { "client" } else { "clients" };
            let own = match ours(clients, reports) {
                Some(own) => own,
                None => self.measure(clients, 0, reports).await?.trials_per_second,
            };
            bench_line(&format!("trials-optuna-{clients}-{plural}{suffix}"), own, rate);
        }
        Ok(())
    }
}

fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn bench_line(name: &str, ours: f64, reference: f64) {
    println!("BENCH name={name} ours={ours:.1} reference={reference:.1} ratio={:.2}", ours / reference);
}
