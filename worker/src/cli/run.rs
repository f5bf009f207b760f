//! `nascent-worker run`: leases work from a server and does it, until it is told to end.

use crate::agent::{Client, Executor, Identity, on_signals};
use crate::dataset::{Catalog, data_roots};
use crate::device::{DeviceChoice, bf16};
use crate::trainer::{Build, Finished, Inputs, Resources, Supervisor};
use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use search::work::{Work, WorkKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tch::Device;
use tokio_util::sync::CancellationToken;

/// Options of `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Address of the server.
    #[arg(long, env = "NASCENT_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Token with the role `worker`; not needed for a server on this machine that was started by `nascent up`.
    #[arg(long, env = "NASCENT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Name of this worker, unique in the installation. A worker that comes back under its name gets its unfinished
    /// work back at once. Default: host name and process id.
    #[arg(long, env = "NASCENT_WORKER_NAME")]
    name: Option<String>,
    /// Pieces of work to do side by side.
    #[arg(long, env = "NASCENT_SLOTS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    slots: u32,
    /// CPU threads of each slot. Default: the cores of this machine, shared among the slots.
    #[arg(long, env = "NASCENT_THREADS", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    #[arg(long, env = "NASCENT_DEVICE", default_value = "auto")]
    device: DeviceChoice,
    /// Folders with data sets, searched before `$NASCENT_HOME/data`, `./data` and `data` beside the program
    /// (several: repeat, or separate by `:`).
    #[arg(long = "data", env = "NASCENT_DATA", value_delimiter = ':', value_name = "DIR")]
    data: Vec<PathBuf>,
    /// Kinds of work to take.
    #[arg(long, env = "NASCENT_KINDS", value_delimiter = ',', default_value = "train,supernet,score,measure")]
    kinds: Vec<KindName>,
    /// Take only work of this study.
    #[arg(long, env = "NASCENT_STUDY_ID", value_name = "ID")]
    study: Option<String>,
    /// Seconds of training between two checkpoints.
    #[arg(long, env = "NASCENT_CHECKPOINT_SECONDS", default_value_t = 30.0, value_name = "SECONDS")]
    checkpoint_seconds: f64,
}

/// Kinds of work that this worker can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindName {
    Train,
    Supernet,
    Score,
    Measure,
}

impl From<KindName> for WorkKind {
    fn from(name: KindName) -> WorkKind {
        match name {
            KindName::Train => WorkKind::Train,
            KindName::Supernet => WorkKind::Supernet,
            KindName::Score => WorkKind::Score,
            KindName::Measure => WorkKind::Measure,
        }
    }
}

/// Does training work with libtorch.
struct Trainer {
    resources: Resources,
    threads: u32,
}

impl Executor for Trainer {
    fn prepare(&self) {
        // OpenMP keeps this number per thread: each slot has its own.
        tch::set_num_threads(self.threads as i32);
    }

    fn execute(&self, work: &Work, inputs: &Inputs, supervisor: &dyn Supervisor) -> Finished {
        crate::trainer::run(work, inputs, &self.resources, supervisor)
    }
}

/// Runs a worker until it is told to end.
pub fn run(args: RunArgs, build: Build) -> anyhow::Result<()> {
    let device = args.device.resolve()?;
    let half = bf16(device)?;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    let threads = args.threads.unwrap_or((cores / args.slots).max(1));
    let catalog = Catalog::open(data_roots(&args.data));
    let description = match device {
        Device::Cpu if threads == 1 => "cpu, 1 thread".to_string(),
        Device::Cpu => format!("cpu, {threads} threads"),
        other => format!("{other:?}").to_lowercase(),
    };
    let identity = Identity {
        name: args.name.clone().unwrap_or_else(default_name),
        device: description,
        slots: args.slots,
        kinds: args.kinds.iter().copied().map(WorkKind::from).collect(),
        datasets: catalog.names(),
        study: args.study.clone(),
    };
    tracing::info!(
        device = identity.device,
        slots = args.slots,
        threads,
        dtypes = if half.pays() { "bf16, fp32" } else { "fp32" },
        datasets = identity.datasets.join(", "),
        "worker {} starts",
        identity.name
    );
    ensure!(args.checkpoint_seconds > 0.0, "--checkpoint-seconds must be above 0");
    let checkpoint_every = Duration::from_secs_f64(args.checkpoint_seconds);
    let device_name = identity.device.clone();
    let resources = Resources { device, device_name, build, catalog, bf16: half.pays(), checkpoint_every };
    let client = Client::new(&args.url, args.token)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        on_signals(stop.clone()).context("listening for signals")?;
        crate::agent::run(client, identity, Arc::new(Trainer { resources, threads }), stop).await;
        tracing::info!("worker ended");
        Ok(())
    })
}

/// Host name and process id: two workers on one host must not share a name.
fn default_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host =
        std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| host.trim().to_string());
    let host = if host.is_empty() { "worker".to_string() } else { host };
    format!("{host}-{}", std::process::id())
}
