//! Leasing: what a worker asks for, and what it left unfinished.

use super::{Ending, parse_id};
use crate::app::{App, AppError};
use crate::store::{self, Holder, LeaseFilter, LeaseRow};
use search::fault::Faults;
use search::work::{ArtifactRef, FailureReason, Lease, LeaseRequest, Outcome};
use std::time::Duration;
use tokio::time::Instant;

/// The longest that a request is held; proxies cut silent connections at a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(50);

impl App {
    /// Leases one piece of work; waits for some up to `wait_seconds`, `None` if there is none or the server is ending.
    pub async fn work_lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, AppError> {
        let (filter, holder) = ask(request)?;
        self.heard.note(&request.worker);
        match self.work_give_back(&filter, &holder).await? {
            Some(lease) => Ok(Some(lease)),
            None => self.work_wait(filter, holder, request.wait_seconds).await,
        }
    }

    /// As [`App::work_lease`], for a worker that is known to hold nothing.
    pub(super) async fn work_wait(
        &self,
        filter: LeaseFilter,
        holder: Holder,
        seconds: u32,
    ) -> Result<Option<Lease>, AppError> {
        let until = Instant::now() + Duration::from_secs(seconds.into()).min(LONGEST_WAIT);
        Ok(self.desk.ask(filter, holder, until).await?.map(|row| self.announce_lease(row)))
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
            let holders = std::slice::from_ref(holder);
            let rows = store::work_lease(&mut conn, filter, holders, self.lease_seconds(), Some(work)).await?;
            if let Some(row) = rows.into_iter().next() {
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
