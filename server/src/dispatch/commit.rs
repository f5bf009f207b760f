//! Outcomes of many workers in one transaction.
//!
//! An outcome has to be on disk before it is answered, and a disk does a few hundred flushes a second. Outcomes that
//! come in while a transaction waits for its flush are therefore gathered and make up the next one. Trainings that went
//! well, nearly all of them, take one statement together with the leases that they ask for; whatever is not as simple is
//! looked at row by row.

use super::ending::{Change, EndAnswer, Ending, end_work};
use super::outcome::OutcomeAnswer;
use crate::app::{App, AppError, EventView};
use crate::store::{self, Finish, FinishAnswer, Holder, LeaseFilter, text};
use search::work::Outcome;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

/// Most outcomes of one transaction.
const BATCH: usize = 64;
/// Transactions at once: one is being written while another is being flushed.
const AT_ONCE: usize = 2;

type Answer = Result<OutcomeAnswer, AppError>;

/// One outcome on its way.
pub struct Request {
    work: Uuid,
    token: Uuid,
    outcome: Outcome,
    next: Option<(LeaseFilter, Holder)>,
    answer: oneshot::Sender<Answer>,
}

/// The way in.
pub struct Committer {
    requests: mpsc::Sender<Request>,
}

impl Committer {
    pub fn new() -> (Committer, mpsc::Receiver<Request>) {
        let (requests, receiver) = mpsc::channel(4096);
        (Committer { requests }, receiver)
    }

    pub(super) async fn commit(
        &self,
        work: Uuid,
        token: Uuid,
        outcome: Outcome,
        next: Option<(LeaseFilter, Holder)>,
    ) -> Answer {
        let (answer, answered) = oneshot::channel();
        let ending = || anyhow::anyhow!("the coordinator is ending");
        self.requests.send(Request { work, token, outcome, next, answer }).await.map_err(|_| ending())?;
        answered.await.map_err(|_| ending())?
    }
}

/// Runs until the coordinator ends and the last outcome is answered.
pub async fn commit_outcomes(app: App, requests: mpsc::Receiver<Request>) {
    let requests = Arc::new(Mutex::new(requests));
    let writers = (0..AT_ONCE).map(|_| {
        let (app, requests) = (app.clone(), requests.clone());
        async move {
            while let Some(batch) = next_batch(&app, &requests).await {
                commit_batch(&app, batch).await;
            }
        }
    });
    futures::future::join_all(writers).await;
}

/// What has come in, at least one; `None` when nothing will come any more.
async fn next_batch(app: &App, requests: &Mutex<mpsc::Receiver<Request>>) -> Option<Vec<Request>> {
    let mut requests = requests.lock().await;
    let mut batch = Vec::new();
    let count = tokio::select! {
        count = requests.recv_many(&mut batch, BATCH) => count,
        _ = app.stop.cancelled() => {
            requests.close();
            requests.recv_many(&mut batch, BATCH).await
        }
    };
    (count > 0).then_some(batch)
}

/// Commits a batch, each work once at a time; who was not simple enough for the one statement goes through the other
/// door, and alone if that fails, so that one cannot spoil the others.
async fn commit_batch(app: &App, batch: Vec<Request>) {
    let mut works = HashSet::new();
    let (first, repeated): (Vec<Request>, Vec<Request>) = batch.into_iter().partition(|r| works.insert(r.work));
    let (done, others): (Vec<Request>, Vec<Request>) =
        first.into_iter().partition(|r| matches!(r.outcome, Outcome::Done { .. }));
    let left = finish(app, done).await;
    let rest: Vec<Request> = left.into_iter().chain(others).collect();
    if !rest.is_empty() {
        end_together(app, rest).await;
    }
    for request in repeated {
        end_together(app, vec![request]).await;
    }
}

/// Settles trainings that went well; gives back those that were not so simple.
async fn finish(app: &App, requests: Vec<Request>) -> Vec<Request> {
    if requests.is_empty() {
        return requests;
    }
    match finish_in_one(app, &requests).await {
        Ok(answer) => tell_finished(app, requests, answer),
        Err(error) => {
            tracing::warn!(%error, outcomes = requests.len(), "outcomes could not be settled in one statement");
            requests
        }
    }
}

async fn finish_in_one(app: &App, requests: &[Request]) -> Result<FinishAnswer, AppError> {
    // One statement knows one filter; who asks by another leases for itself afterwards.
    let filter = requests.iter().find_map(|r| r.next.as_ref().map(|(filter, _)| filter.clone())).unwrap_or_default();
    let mut holders = HashSet::new();
    let mut finishes = Vec::with_capacity(requests.len());
    for request in requests {
        let Outcome::Done { metrics, .. } = &request.outcome else { continue };
        let next = request.next.as_ref().filter(|(own, holder)| *own == filter && holders.insert(holder.clone()));
        finishes.push(Finish {
            work: request.work,
            token: request.token,
            outcome: text(&request.outcome)?,
            metrics: metrics.clone(),
            next: next.map(|(_, holder)| holder.clone()),
        });
    }
    finishes.sort_by_key(|finish| finish.work);
    let mut lane = app.durable_lanes.take().await?;
    let answer = store::work_finish(&mut lane, &finishes, &filter, app.lease_seconds()).await?;
    lane.keep();
    Ok(answer)
}

/// Answers those that were settled and tells who needs to know; gives back the others.
fn tell_finished(app: &App, requests: Vec<Request>, answer: FinishAnswer) -> Vec<Request> {
    let mut finished: HashMap<Uuid, _> = answer.finished.into_iter().collect();
    let mut leases: HashMap<Holder, _> = answer.leases.into_iter().map(|row| (row.holder(), row)).collect();
    let mut changes = Vec::with_capacity(finished.len());
    let mut left = Vec::new();
    for request in requests {
        let Some(settled) = finished.remove(&request.work) else {
            left.push(request);
            continue;
        };
        let Outcome::Done { metrics, .. } = &request.outcome else { continue };
        let event = EventView {
            id: Some(settled.event),
            ..EventView::trial(settled.study_id, settled.trial_id, "completed", metrics)
        };
        changes.push(Change { study: settled.study_id, settled: true, event });
        let lease = request.next.as_ref().and_then(|(_, holder)| leases.remove(holder));
        let next = lease.map(|row| app.announce_lease(row));
        send(request, Ok(OutcomeAnswer { recorded: true, next }));
    }
    app.tell(&changes);
    left
}

/// Ends work in one transaction; if that fails, each alone.
async fn end_together(app: &App, requests: Vec<Request>) {
    match end(app, &requests).await {
        Ok(answers) => requests.into_iter().zip(answers).for_each(|(request, answer)| send(request, answer)),
        Err(error) if requests.len() == 1 => {
            let failed = |request| send(request, Err(AppError::Internal(anyhow::anyhow!("{error}"))));
            requests.into_iter().for_each(failed);
        }
        Err(error) => {
            tracing::warn!(%error, outcomes = requests.len(), "a batch of outcomes failed; each is tried alone");
            for request in requests {
                Box::pin(end_together(app, vec![request])).await;
            }
        }
    }
}

/// A worker that went away does not hear the answer; it will ask again and be told `recorded: false`.
fn send(request: Request, answer: Answer) {
    let _ = request.answer.send(answer);
}

async fn end(app: &App, requests: &[Request]) -> Result<Vec<Answer>, AppError> {
    let ending = |r: &Request| Ending::Reported { work: r.work, token: r.token, outcome: r.outcome.clone() };
    let endings: Vec<Ending> = requests.iter().map(ending).collect();
    let mut tx = app.pool.begin().await?;
    let (answers, changes) = end_work(&mut tx, &endings).await?;
    tx.commit().await?;
    app.tell(&changes);
    let answer = |answer| match answer {
        EndAnswer::Recorded => Ok(OutcomeAnswer { recorded: true, next: None }),
        EndAnswer::Repeated => Ok(OutcomeAnswer { recorded: false, next: None }),
        EndAnswer::Stale => Err(AppError::Stale),
        EndAnswer::Unknown => Err(AppError::NotFound("work")),
    };
    Ok(answers.into_iter().map(answer).collect())
}
