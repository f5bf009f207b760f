//! A private Postgres cluster in a temporary folder, for runs that look into the database themselves.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A running cluster; stopped and deleted on drop.
pub struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    /// `initdb` and start with durable commits, as in production.
    pub fn start() -> Result<Cluster> {
        let bin = binaries().context("no Postgres server programs found (set NASCENT_POSTGRES_BIN)")?;
        let folder = tempfile::Builder::new().prefix("nascent-pg").tempdir_in("/tmp")?;
        let port = crate::process::free_port()?;
        let cluster = Cluster { folder, bin, port };
        cluster.hand_over_folder()?;
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "postgres", "--auth=trust", "--no-instructions"])?;
        let options = format!("-p {port} -h 127.0.0.1 -k '' -c max_connections=200");
        let log = format!("{data}/log");
        cluster.run("pg_ctl", &["-D", &data, "-w", "-o", &options, "-l", &log, "start"])?;
        Ok(cluster)
    }

    /// Address of a database on this cluster.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with `psql`, `pgbench` and the server programs.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// Processor time of all its processes so far.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let file = std::fs::read_to_string(format!("{}/postmaster.pid", self.data()))?;
        let postmaster: u32 = file.lines().next().context("an empty postmaster.pid")?.parse()?;
        let backends = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?;
        let mut seconds = crate::process::cpu_seconds(postmaster, true)?;
        for backend in backends.split_whitespace() {
            // It may have ended meanwhile.
            seconds += crate::process::cpu_seconds(backend.parse()?, false).unwrap_or(0.0);
        }
        Ok(seconds)
    }

    pub async fn create_database(&self, name: &str) -> Result<String> {
        let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(&self.url("postgres")).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).execute(&mut admin).await?;
        Ok(self.url(name))
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Postgres refuses to run as root, so root hands the folder to an unprivileged user.
    fn hand_over_folder(&self) -> Result<()> {
        if is_root() {
            let status = Command::new("chown").arg(unprivileged_user()).arg(self.folder.path()).status()?;
            ensure!(status.success(), "chown failed");
        }
        Ok(())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = if is_root() {
            let user = unprivileged_user();
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".into()]);
            command.arg(self.bin.join(program));
            command
        } else {
            Command::new(self.bin.join(program))
        };
        // pg_ctl's server would keep captured pipes open for ever, hence a file.
        let log = tempfile::tempfile()?;
        let status = command.args(arguments).stdout(log.try_clone()?).stderr(log).status()?;
        ensure!(status.success(), "{program} failed with {status}");
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        if let Err(error) = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]) {
            eprintln!("stopping the private cluster: {error}");
        }
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

fn unprivileged_user() -> &'static str {
    let has = |user: &str| {
        std::fs::read_to_string("/etc/passwd")
            .is_ok_and(|text| text.lines().any(|l| l.starts_with(&format!("{user}:"))))
    };
    if has("postgres") { "postgres" } else { "nobody" }
}

fn binaries() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    let named = std::env::var_os("NASCENT_POSTGRES_BIN").map(PathBuf::from);
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    named.into_iter().chain(versions.into_iter().rev()).find(complete)
}
