//! Leasing: a long poll over one statement.

use super::{Ending, parse_id};
use crate::app::{App, AppError};
use crate::store::{self, Holder, LeaseFilter, LeaseRow};
use search::fault::Faults;
use search::work::{ArtifactRef, FailureReason, Lease, LeaseRequest, Outcome};
use std::pin::pin;
use std::time::Duration;
use tokio::time::Instant;

/// The longest that a request is held; proxies cut silent connections at a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(50);

impl App {
    /// Leases one piece of work; waits for some up to `wait_seconds`, `None` if there is none or the server is ending.
    pub async fn work_lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, AppError> {
        let (filter, holder) = ask(request)?;
        self.heard.note(&request.worker);
        if let Some(lease) = self.work_give_back(&filter, &holder).await? {
            return Ok(Some(lease));
        }
        let end = Instant::now() + Duration::from_secs(request.wait_seconds.into()).min(LONGEST_WAIT);
        loop {
            // Registered before looking: work that comes between the look and the wait is not missed.
            let mut woken = pin!(self.bus.work.notified());
            woken.as_mut().enable();
            if let Some(lease) = self.work_lease_now(&filter, &holder).await? {
                return Ok(Some(lease));
            }
            let now = Instant::now();
            if now >= end {
                return Ok(None);
            }
            tokio::select! {
                _ = self.stop.cancelled() => return Ok(None),
                _ = woken => {}
                _ = tokio::time::sleep_until(end.min(now + self.settings.period)) => {}
            }
        }
    }

    async fn work_lease_now(&self, filter: &LeaseFilter, holder: &Holder) -> Result<Option<Lease>, AppError> {
        let mut lane = self.relaxed_lanes.take().await?;
        let row = store::work_lease(&mut lane, filter, holder, self.lease_seconds(), None).await?;
        lane.keep();
        Ok(row.map(|row| self.announce_lease(row)))
    }

    pub(super) fn lease_seconds(&self) -> f64 {
        self.settings.lease.as_secs_f64()
    }

    /// Turns a row into the answer, and tells streams that it runs.
    pub(super) fn announce_lease(&self, row: LeaseRow) -> Lease {
        match row.trial_id {
            Some(_) => self.bus.trial_changed(row.study_id, row.trial_id, "running"),
            None => self.bus.run_changed(row.study_id, row.work_id, "leased", None),
        }
        Lease {
            work_id: row.work_id.to_string(),
            token: row.lease_token.to_string(),
            study_id: row.study_id.to_string(),
            trial_id: row.trial_id.map(|id| id.to_string()),
            attempt: u32::try_from(row.attempt).unwrap_or(1),
            deadline: row.deadline.to_rfc3339(),
            heartbeat_seconds: self.settings.heartbeat.as_secs_f64(),
            checkpoint: row.checkpoint.map(|id| ArtifactRef(id.to_string())),
            work: row.payload.0,
        }
    }

    /// A worker that asks while it holds a lease has come back after a crash: the lease ends as `crashed`, and the same
    /// work is given to it again, with the last checkpoint, if it has attempts left.
    async fn work_give_back(&self, filter: &LeaseFilter, holder: &Holder) -> Result<Option<Lease>, AppError> {
        let mut lane = self.relaxed_lanes.take().await?;
        let unfinished = store::work_unfinished(&mut lane, holder).await?;
        lane.keep();
        if unfinished.is_empty() {
            return Ok(None);
        }
        let outcome = || Outcome::Failed {
            reason: FailureReason::Crashed,
            detail: format!("the worker {} asked for work again while it held this", holder.worker),
        };
        let endings = unfinished
            .iter()
            .map(|&(work, token)| Ending::Reported { work, token, outcome: outcome() })
            .collect::<Vec<_>>();
        self.end_now(&endings).await?;
        let mut conn = self.relaxed.acquire().await?;
        for (work, _) in unfinished {
            if let Some(row) = store::work_lease(&mut conn, filter, holder, self.lease_seconds(), Some(work)).await? {
                return Ok(Some(self.announce_lease(row)));
            }
        }
        Ok(None)
    }
}

/// Reads a request into what it can take and who asks.
pub(super) fn ask(request: &LeaseRequest) -> Result<(LeaseFilter, Holder), AppError> {
    let mut faults = Faults::default();
    if request.worker.is_empty() || request.worker.len() > 200 {
        faults.push("/worker", "a name of 1 to 200 characters");
    }
    if request.kinds.is_empty() {
        faults.push("/kinds", "at least one of train, supernet, score, measure");
    }
    let slot = i32::try_from(request.slot).unwrap_or_else(|_| {
        faults.push("/slot", "a small number");
        0
    });
    faults.or(())?;
    let study = request.study.as_deref().map(|id| parse_id(id, "study")).transpose()?;
    let kinds = request.kinds.iter().map(|kind| kind.as_str()).collect();
    let filter = LeaseFilter { kinds, datasets: request.datasets.clone(), study };
    Ok((filter, Holder { worker: request.worker.clone(), slot }))
}
