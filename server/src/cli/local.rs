//! Workers that run beside the service on this machine, for `up` and `quickstart`.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a worker may take to save its work and give it back.
const PATIENCE: Duration = Duration::from_secs(20);

/// A worker process; killed when dropped.
pub struct LocalWorker(Child);

impl LocalWorker {
    /// The worker's program, which stands beside this one.
    pub fn program() -> Result<PathBuf> {
        let path = std::env::current_exe()?.with_file_name("nascent-worker");
        if path.is_file() {
            return Ok(path);
        }
        bail!("{} is missing: build it with `make build`", path.display())
    }

    /// Starts a worker that logs into the data folder.
    pub fn start(program: &Path, url: &str, name: &str, slots: usize, data_dir: &Path) -> Result<LocalWorker> {
        let log = data_dir.join(format!("{name}.log"));
        let file = std::fs::File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let child = Command::new(program)
            .args(["run", "--url", url, "--name", name, "--slots", &slots.to_string(), "--threads", "1"])
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            // A Ctrl-C in the terminal is for the service, which tells its workers in time.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        Ok(LocalWorker(child))
    }

    /// Tells all to save their work and give it back, and waits for them; the service must still run.
    pub async fn stop_all(mut workers: Vec<LocalWorker>) {
        for LocalWorker(child) in &mut workers {
            if let Some(id) = child.id() {
                // The shell's own `kill`: small systems have no program of that name.
                let told = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().await;
                tracing::debug!(worker.process = id, ?told, "told a worker to end");
            }
        }
        for LocalWorker(child) in &mut workers {
            if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
                tracing::warn!("a worker did not end within {PATIENCE:?} and is killed");
            }
        }
    }
}
