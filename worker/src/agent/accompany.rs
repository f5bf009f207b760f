//! Beside running work: heartbeats with what there is to report, and the server's word back to the thread.

use super::backoff::Backoff;
use super::desk::{Desk, Pending};
use super::slot::Slot;
use super::thread::Job;
use super::{Client, ClientError};
use crate::trainer::{Finished, Inputs};
use search::work::{Directive, Lease, Report};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// News waits this long for more of it, so that quick epochs share a report.
const GATHER: Duration = Duration::from_secs(1);

impl Slot {
    /// Hands the work to the thread and reports until it is done. `None` when nobody wants the outcome any more.
    pub(super) async fn accompany(
        &self,
        jobs: &mpsc::Sender<Job>,
        lease: &Lease,
        inputs: Inputs,
    ) -> Result<Option<(Finished, Arc<Desk>)>, &'static str> {
        let desk = Arc::new(Desk::default());
        let (done, mut ended) = oneshot::channel();
        let job = Job { work: lease.work.clone(), inputs, desk: desk.clone(), done };
        jobs.send(job).map_err(|_| "it takes no work")?;
        let beat = Duration::from_secs_f64(lease.heartbeat_seconds.clamp(0.05, 3600.0));
        let (mut last, mut wanted, mut stopping) = (Instant::now(), true, false);
        let mut backoff = Backoff::new();
        loop {
            let due = match (wanted, backoff.failures(), desk.has_news()) {
                (false, ..) => None,
                (true, 0, true) => Some(last + GATHER.min(beat)),
                (true, 0, false) => Some(last + beat),
                (true, ..) => Some(last + backoff.delay().min(beat)),
            };
            tokio::select! {
                biased;
                finished = &mut ended => {
                    let finished = finished.map_err(|_| "it ended in the middle of work")?;
                    return Ok(wanted.then_some((finished, desk)));
                }
                () = self.stop.cancelled(), if !stopping => {
                    stopping = true;
                    desk.direct(Directive::Release);
                }
                () = desk.news(), if wanted && backoff.failures() == 0 => {}
                () = sleep_until(due.unwrap_or(last)), if due.is_some() => {
                    match report(&self.client, lease, &desk).await {
                        Ok(directive) => {
                            backoff.reset();
                            desk.direct(directive);
                            wanted = directive != Directive::Cancel;
                        }
                        Err(ClientError::Stale) => {
                            tracing::warn!(work.id = lease.work_id, "the lease is no longer ours: the work is dropped");
                            desk.direct(Directive::Cancel);
                            wanted = false;
                        }
                        // Training goes on meanwhile; nothing that was to be reported is lost.
                        Err(error) => backoff.complain("reporting", &error),
                    }
                    last = Instant::now();
                }
            }
        }
    }
}

/// Sends what there is to report, a new checkpoint first uploaded. What could not be sent goes back on the desk.
pub(super) async fn report(client: &Client, lease: &Lease, desk: &Desk) -> Result<Directive, ClientError> {
    let Pending { points, checkpoint } = desk.take();
    let content = checkpoint.map(bytes::Bytes::from);
    let restore = |points| desk.put_back(Pending { points, checkpoint: content.as_ref().map(|c| c.to_vec()) });
    let artifact = match &content {
        None => None,
        Some(content) => match client.upload(lease, "checkpoint", content.clone()).await {
            Ok(artifact) => Some(artifact),
            Err(error) => {
                restore(points);
                return Err(error);
            }
        },
    };
    let report = Report { token: lease.token.clone(), points, progress: Some(desk.done()), checkpoint: artifact };
    match client.report(&lease.work_id, &report).await {
        Ok(answer) => Ok(answer.directive),
        Err(error) => {
            restore(report.points);
            Err(error)
        }
    }
}
