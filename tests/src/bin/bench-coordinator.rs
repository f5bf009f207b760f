//! `make bench-coordinator`: what a trial costs the coordinator when the training costs nothing.
//!
//! External no-op work over HTTP on a durable Postgres of its own, against Optuna and `pgbench -N` on the same cluster in
//! the same run. Ends with `BENCH name=… ours=… reference=… ratio=…` lines (ratio > 1: ours is better).

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use futures::future::try_join_all;
use search::work::{CurvePoint, Lease, Outcome, Report};
use serde_json::{Value, json};
use sqlx::Row as _;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use support::client::Client;
use support::cluster::Cluster;
use support::process::{Process, free_port, program, repository};

#[derive(Parser)]
#[command(about = "Measures trials per second, lease latency, commits and memory of the coordinator")]
struct Arguments {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Finished trials behind the second half of the table.
    #[arg(long, default_value_t = 10_000)]
    history: u64,
    /// Python with Optuna and psycopg2; without it the comparison is left out.
    #[arg(long, env = "NASCENT_BENCH_PYTHON")]
    python: Option<PathBuf>,
}

/// One line of the table.
struct Measurement {
    clients: usize,
    history: u64,
    reports: u32,
    trials_per_second: f64,
    lease_p50_ms: f64,
    lease_p99_ms: f64,
    commits_per_trial: f64,
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
    println!("clients history reports  trials/s  lease p50 ms  lease p99 ms  commits/trial  server MiB");
    let mut measurements = Vec::new();
    for history in [0, bench.arguments.history] {
        bench.fill(history).await?;
        for clients in [1, 8, 32] {
            for reports in [0, 20] {
                let m = bench.measure(clients, history, reports).await?;
                println!(
                    "{:7} {:7} {:7} {:9.1} {:13.2} {:13.2} {:14.2} {:11.0}",
                    m.clients,
                    m.history,
                    m.reports,
                    m.trials_per_second,
                    m.lease_p50_ms,
                    m.lease_p99_ms,
                    m.commits_per_trial,
                    m.server_mib
                );
                measurements.push(m);
            }
        }
    }
    bench.compare(&measurements).await
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
        let share = trials / 32;
        try_join_all((0..32).map(|i| trial_loop(self.client.clone(), format!("fill-{i}"), 0, Limit::Trials(share))))
            .await?;
        self.stop(&study).await
    }

    async fn stop(&self, study: &str) -> Result<()> {
        self.client.post(&format!("/v1/studies/{study}/cancel"), &json!({})).await?;
        Ok(())
    }

    async fn measure(&self, clients: usize, history: u64, reports: u32) -> Result<Measurement> {
        let study = self.study(clients * 2).await?;
        let commits_before = self.commits().await?;
        let start = Instant::now();
        let until = Limit::Time(start + Duration::from_secs_f64(self.arguments.seconds));
        let loops = (0..clients).map(|i| trial_loop(self.client.clone(), format!("client-{i}"), reports, until));
        let latencies: Vec<f64> = try_join_all(loops).await?.into_iter().flatten().collect();
        let seconds = start.elapsed().as_secs_f64();
        let trials = latencies.len();
        ensure!(trials > 0, "no trial finished; server log:\n{}", self.server.log());
        let commits = self.commits().await? - commits_before;
        self.stop(&study).await?;
        Ok(Measurement {
            clients,
            history,
            reports,
            trials_per_second: trials as f64 / seconds,
            lease_p50_ms: percentile(&latencies, 0.5),
            lease_p99_ms: percentile(&latencies, 0.99),
            commits_per_trial: commits as f64 / trials as f64,
            server_mib: self.server.resident_mib()?,
        })
    }

    /// Transactions committed on the coordinator's database; statistics reach the view with a delay.
    async fn commits(&self) -> Result<i64> {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&self.cluster.url("postgres")).await?;
        let row = sqlx::query("SELECT xact_commit FROM pg_stat_database WHERE datname = 'nascent'");
        Ok(row.fetch_one(&mut connection).await?.get(0))
    }

    async fn compare(&self, measurements: &[Measurement]) -> Result<()> {
        let ours = |clients: usize, reports| {
            let mut rows = measurements.iter().filter(|m| m.history == 0);
            let row = rows.find(|m| m.clients == clients && m.reports == reports);
            row.map_or(0.0, |m| m.trials_per_second)
        };
        for clients in [1, 8, 32] {
            let tps = self.pgbench(clients)?;
            bench_line(&format!("trials-pgbench-{clients}-clients"), ours(clients, 0), tps);
        }
        let Some(python) = self.arguments.python.as_deref() else {
            println!("SKIPPED: Optuna is not compared (set NASCENT_BENCH_PYTHON to a Python with optuna and psycopg2)");
            return Ok(());
        };
        for (clients, reports, trials) in [(1, 0, 60), (1, 20, 30), (4, 0, 80)] {
            let database = self.cluster.create_database(&format!("optuna_{clients}_{reports}")).await?;
            let rate = optuna(python, &database, trials, clients as u32, reports)?;
            let suffix = if reports > 0 { format!("-{reports}-reports") } else { String::new() };
            let plural = if clients == 1 { "client" } else { "clients" };
            let own =
                if clients == 4 { self.measure(4, 0, 0).await?.trials_per_second } else { ours(clients, reports) };
            bench_line(&format!("trials-optuna-{clients}-{plural}{suffix}"), own, rate);
        }
        Ok(())
    }

    /// Transactions per second of `pgbench -N` on the same cluster.
    fn pgbench(&self, clients: usize) -> Result<f64> {
        let pgbench = self.cluster.bin().join("pgbench");
        let port = self.cluster.port().to_string();
        let connection = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "postgres"];
        let initialised = Command::new(&pgbench).args(["-i", "-q", "-s", "10"]).args(connection).output()?;
        ensure!(initialised.status.success(), "pgbench -i: {}", String::from_utf8_lossy(&initialised.stderr));
        let seconds = self.arguments.seconds.ceil().to_string();
        let options = ["-N", "-n", "-T", &seconds, "-j", "2", "-c", &clients.to_string()].map(String::from);
        let output = Command::new(&pgbench).args(options).args(connection).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find_map(|l| l.strip_prefix("tps = ")).context("pgbench printed no tps")?;
        Ok(line.split_whitespace().next().context("empty")?.parse()?)
    }
}

#[derive(Clone, Copy)]
enum Limit {
    Time(Instant),
    Trials(u64),
}

/// One client: lease, report, outcome, again. The latency of each lease in milliseconds, one per finished trial.
async fn trial_loop(client: Client, worker: String, reports: u32, limit: Limit) -> Result<Vec<f64>> {
    let mut latencies = Vec::new();
    let go_on = |done: usize| match limit {
        Limit::Time(end) => Instant::now() < end,
        Limit::Trials(count) => (done as u64) < count,
    };
    while go_on(latencies.len()) {
        let asked = Instant::now();
        let Some(lease) = client.lease(&worker, 5).await? else {
            continue;
        };
        latencies.push(asked.elapsed().as_secs_f64() * 1000.0);
        if reports > 0 {
            client.report(&lease, &curve(&lease, reports)).await?;
        }
        let metrics = BTreeMap::from([("score".to_owned(), 0.5)]);
        client.outcome(&lease, &Outcome::Done { metrics, artifacts: Vec::new(), result: None }).await?;
    }
    Ok(latencies)
}

/// All reports of a trial in one message, as a trainer batches them.
fn curve(lease: &Lease, reports: u32) -> Report {
    let point = |step| CurvePoint { metric: "score".into(), step, value: f64::from(step) };
    Report { token: lease.token.clone(), points: (1..=reports).map(point).collect(), ..Report::default() }
}

fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn optuna(python: &std::path::Path, database: &str, trials: u32, clients: u32, reports: u32) -> Result<f64> {
    let script = repository().join("bench/optuna_reference.py");
    let arguments = [database.to_owned(), trials.to_string(), clients.to_string(), reports.to_string()];
    let output = Command::new(python).arg(script).args(arguments).output()?;
    if !output.status.success() {
        bail!("Optuna: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

fn bench_line(name: &str, ours: f64, reference: f64) {
    println!("BENCH name={name} ours={ours:.1} reference={reference:.1} ratio={:.2}", ours / reference);
}
