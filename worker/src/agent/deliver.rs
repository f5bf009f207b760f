//! Brings finished work home: files, the last points, the outcome. Every request may be sent again without harm.

use super::ClientError;
use super::accompany::report;
use super::backoff::Backoff;
use super::desk::Desk;
use super::slot::Slot;
use crate::trainer::Finished;
use search::work::{Lease, NamedArtifact, Outcome};
use std::time::Duration;
use tokio::time::Instant;

/// How long a worker that is to stop tries to bring its work home.
const LAST_TRIES: Duration = Duration::from_secs(20);

/// Why delivering was given up.
struct GivenUp;

impl Slot {
    /// Delivers; gives the next work, if the server sent one along.
    pub(super) async fn deliver(&self, lease: &Lease, finished: Finished, desk: &Desk) -> Option<Lease> {
        let outcome = self.upload_all(lease, finished).await.ok()?;
        if desk.has_news() {
            self.persist("reporting", || report(&self.client, lease, desk)).await.ok()?;
        }
        let next = (!self.stop.is_cancelled()).then(|| self.request(0));
        let send = || self.client.outcome(&lease.work_id, &lease.token, &outcome, next.as_ref());
        let following = self.persist("sending an outcome", send).await.ok()?;
        tracing::info!(work.id = lease.work_id, trial.id = lease.trial_id, outcome = summary(&outcome), "work ended");
        following
    }

    /// Uploads the files of an outcome and names them in it.
    async fn upload_all(&self, lease: &Lease, finished: Finished) -> Result<Outcome, GivenUp> {
        let Finished { mut outcome, files } = finished;
        for (name, content) in files {
            let content = bytes::Bytes::from(content);
            let id = self.persist("uploading", || self.client.upload(lease, &name, content.clone())).await?;
            if let Outcome::Done { artifacts, .. } | Outcome::Stopped { artifacts, .. } = &mut outcome {
                artifacts.push(NamedArtifact { name, id });
            }
        }
        Ok(outcome)
    }

    /// Tries until it works, the server refuses, or a worker that is to stop has tried long enough.
    async fn persist<T, F>(&self, what: &str, request: impl Fn() -> F) -> Result<T, GivenUp>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let mut backoff = Backoff::new();
        let mut last_tries: Option<Instant> = None;
        loop {
            match request().await {
                Ok(value) => return Ok(value),
                Err(ClientError::Stale) => {
                    tracing::warn!("{what}: the lease is no longer ours; the work is dropped");
                    return Err(GivenUp);
                }
                Err(error @ ClientError::Refused { .. }) => {
                    tracing::error!(%error, "{what} failed for good; the lease will run out");
                    return Err(GivenUp);
                }
                Err(error) => backoff.complain(what, &error),
            }
            if self.stop.is_cancelled() && last_tries.get_or_insert_with(Instant::now).elapsed() > LAST_TRIES {
                tracing::error!("{what}: the server stays away; the lease will run out");
                return Err(GivenUp);
            }
            backoff.wait().await;
        }
    }
}

/// For the log.
fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done { metrics, .. } => {
            let shown = ["top1", "test_top1"].iter().find_map(|name| Some((name, metrics.get(*name)?)));
            shown.map_or("done".into(), |(name, value)| format!("done, {name} {value:.4}"))
        }
        Outcome::Stopped { epoch, .. } => format!("stopped after epoch {epoch}"),
        Outcome::Infeasible { detail } => format!("infeasible: {detail}"),
        Outcome::Failed { reason, detail } => format!("failed, {reason:?}: {detail}"),
        Outcome::Released => "given back".into(),
    }
}
