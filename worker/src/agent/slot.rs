//! A slot: leases work, has its thread do it, brings the outcome home, and again.

use super::backoff::Backoff;
use super::thread::{self, Job};
use super::{Client, ClientError, Executor, Identity, register};
use crate::trainer::Inputs;
use search::work::{ArtifactRef, Lease, LeaseRequest};
use std::sync::{Arc, mpsc};
use tokio_util::sync::CancellationToken;

/// How long the server may hold a request for work.
const LONG_POLL_SECONDS: u32 = 25;
/// Tries to fetch an artifact before the work starts without it.
const DOWNLOAD_TRIES: u32 = 6;

pub struct Slot {
    pub(super) index: u32,
    pub(super) client: Arc<Client>,
    pub(super) identity: Arc<Identity>,
    executor: Arc<dyn Executor>,
    pub(super) stop: CancellationToken,
}

impl Slot {
    pub fn new(
        index: u32,
        client: Arc<Client>,
        identity: Arc<Identity>,
        executor: Arc<dyn Executor>,
        stop: CancellationToken,
    ) -> Slot {
        Slot { index, client, identity, executor, stop }
    }

    /// Works until the worker is to stop.
    pub async fn run(self) {
        let jobs = match thread::start(self.index, self.executor.clone()) {
            Ok(jobs) => jobs,
            Err(error) => return tracing::error!(slot = self.index, %error, "the slot's thread cannot be started"),
        };
        let mut next = None;
        loop {
            let lease = match next.take() {
                Some(lease) => lease,
                None => match self.lease().await {
                    Some(lease) => lease,
                    None => return,
                },
            };
            match self.work(&jobs, &lease).await {
                Ok(following) => next = following,
                Err(detail) => return tracing::error!(slot = self.index, detail, "the slot's thread is gone"),
            }
            if self.stop.is_cancelled() && next.is_none() {
                return;
            }
        }
    }

    pub(super) fn request(&self, wait_seconds: u32) -> LeaseRequest {
        LeaseRequest {
            worker: self.identity.name.clone(),
            slot: self.index,
            kinds: self.identity.kinds.clone(),
            datasets: Some(self.identity.datasets.clone()),
            study: self.identity.study.clone(),
            wait_seconds,
        }
    }

    /// Polls until there is work; `None` once the worker is to stop.
    async fn lease(&self) -> Option<Lease> {
        let request = self.request(LONG_POLL_SECONDS);
        let mut backoff = Backoff::new();
        loop {
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                answer = self.client.lease(&request) => answer,
            };
            match answer {
                Ok(Some(lease)) => return Some(lease),
                Ok(None) => {
                    backoff.reset();
                    continue;
                }
                Err(error) => backoff.complain("asking for work", &error),
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = backoff.wait() => {}
            }
            // The server may have been replaced meanwhile: it should know who asks.
            if !register(&self.client, &self.identity, &self.stop).await {
                return None;
            }
        }
    }

    /// Does one piece of work; gives the next, if the server sent one along.
    async fn work(&self, jobs: &mpsc::Sender<Job>, lease: &Lease) -> Result<Option<Lease>, &'static str> {
        tracing::info!(
            work.id = lease.work_id,
            study.id = lease.study_id,
            trial.id = lease.trial_id,
            attempt = lease.attempt,
            kind = lease.work.kind().as_str(),
            slot = self.index,
            "work begins"
        );
        let inputs = self.inputs(lease).await;
        let ended = self.accompany(jobs, lease, inputs).await?;
        Ok(match ended {
            Some((finished, desk)) => self.deliver(lease, finished, &desk).await,
            None => None,
        })
    }

    /// What the work begins with: the checkpoint to go on from, and the artifacts that it names. Work whose checkpoint is
    /// gone starts from nothing; an artifact that cannot be fetched is missed by whoever needs it.
    async fn inputs(&self, lease: &Lease) -> Inputs {
        let mut inputs = Inputs::default();
        if let Some(artifact) = &lease.checkpoint {
            inputs.checkpoint = self.fetch(lease, artifact, "a checkpoint").await;
        }
        for artifact in lease.work.inputs() {
            if let Some(content) = self.fetch(lease, artifact, "an input").await {
                inputs.artifacts.insert(artifact.0.clone(), content);
            }
        }
        inputs
    }

    async fn fetch(&self, lease: &Lease, artifact: &ArtifactRef, what: &str) -> Option<Vec<u8>> {
        let mut backoff = Backoff::new();
        loop {
            match self.client.download(artifact).await {
                Ok(content) => return Some(content),
                Err(error) => {
                    let hopeless = matches!(error, ClientError::Refused { .. } | ClientError::Stale);
                    backoff.complain("fetching an artifact", &error);
                    if hopeless || backoff.failures() >= DOWNLOAD_TRIES {
                        tracing::warn!(work.id = lease.work_id, artifact = artifact.0, %error, "{what} cannot be fetched");
                        return None;
                    }
                }
            }
            backoff.wait().await;
        }
    }
}
