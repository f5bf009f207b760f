//! Gets work from a server and carries it home: registration, leases, heartbeats, artifacts, outcomes, shutdown.
//!
//! Each slot has a task here and a thread of its own for the work itself, because training blocks. The two share a
//! [`desk::Desk`]. There is no tensor in this room: what work means is the [`Executor`]'s business.

mod accompany;
mod backoff;
mod client;
mod deliver;
mod desk;
mod shutdown;
mod slot;
mod thread;

pub use client::{Client, ClientError};
pub use shutdown::on_signals;

use crate::trainer::{Finished, Inputs, Supervisor};
use backoff::Backoff;
use search::work::{Work, WorkKind, WorkerInfo};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Carries out work on a slot's thread.
pub trait Executor: Send + Sync + 'static {
    /// Called once on the thread of each slot before any work.
    fn prepare(&self);

    /// Carries out one piece of work; never panics.
    fn execute(&self, work: &Work, inputs: &Inputs, supervisor: &dyn Supervisor) -> Finished;
}

/// Who asks for work, and for which.
#[derive(Clone, Debug)]
pub struct Identity {
    pub name: String,
    pub device: String,
    pub slots: u32,
    pub kinds: Vec<WorkKind>,
    pub datasets: Vec<String>,
    /// Take only work of this study.
    pub study: Option<String>,
}

impl Identity {
    fn introduction(&self) -> WorkerInfo {
        WorkerInfo {
            name: self.name.clone(),
            device: self.device.clone(),
            slots: self.slots,
            kinds: self.kinds.clone(),
            datasets: self.datasets.clone(),
            version: env!("CARGO_PKG_VERSION").to_string(),
        }
    }
}

/// Works until `stop`: then running work saves a checkpoint and is given back.
pub async fn run(client: Client, identity: Identity, executor: Arc<dyn Executor>, stop: CancellationToken) {
    if !register(&client, &identity, &stop).await {
        return;
    }
    let (client, identity) = (Arc::new(client), Arc::new(identity));
    let mut slots = tokio::task::JoinSet::new();
    for index in 0..identity.slots {
        let slot = slot::Slot::new(index, client.clone(), identity.clone(), executor.clone(), stop.clone());
        slots.spawn(slot.run());
    }
    while let Some(ended) = slots.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a slot's task failed");
        }
    }
}

/// Introduces the worker, again and again until the server listens; false once the worker is to stop.
pub(crate) async fn register(client: &Client, identity: &Identity, stop: &CancellationToken) -> bool {
    let introduction = identity.introduction();
    let mut backoff = Backoff::new();
    loop {
        let attempt = tokio::select! {
            () = stop.cancelled() => return false,
            attempt = client.register(&introduction) => attempt,
        };
        match attempt {
            Ok(()) => {
                tracing::info!(worker = identity.name, server = client.address(), "registered");
                return true;
            }
            Err(error) => backoff.complain("registering", &error),
        }
        tokio::select! {
            () = stop.cancelled() => return false,
            () = backoff.wait() => {}
        }
    }
}

#[cfg(test)]
mod tests;
