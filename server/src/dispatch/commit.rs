//! Outcomes of many workers in one transaction.
//!
//! An outcome has to be on disk before it is answered, and a disk does a few hundred flushes a second. Outcomes that
//! come in while a transaction waits for its flush are therefore gathered and make up the next one.

use super::ending::{Change, EndAnswer, Ending, end_work};
use super::outcome::OutcomeAnswer;
use crate::app::{App, AppError};
use crate::store::{self, Holder, LeaseFilter, LeaseRow};
use search::work::Outcome;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

/// Most outcomes of one transaction.
const BATCH: usize = 64;
/// Transactions at once: one is being written while another is being flushed.
const AT_ONCE: usize = 2;

/// One outcome on its way.
pub struct Request {
    work: Uuid,
    token: Uuid,
    outcome: Outcome,
    next: Option<(LeaseFilter, Holder)>,
    answer: oneshot::Sender<Result<OutcomeAnswer, AppError>>,
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
    ) -> Result<OutcomeAnswer, AppError> {
        let (answer, answered) = oneshot::channel();
        let ending = || anyhow::anyhow!("the coordinator is ending");
        self.requests.send(Request { work, token, outcome, next, answer }).await.map_err(|_| ending())?;
        answered.await.map_err(|_| ending())?
    }
}

/// Runs until the coordinator ends and the last outcome is answered.
pub async fn commit_outcomes(app: App, mut requests: mpsc::Receiver<Request>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let mut batch = Vec::new();
        let count = tokio::select! {
            count = requests.recv_many(&mut batch, BATCH) => count,
            _ = app.stop.cancelled() => {
                requests.close();
                requests.recv_many(&mut batch, usize::MAX).await
            }
        };
        if count == 0 {
            return;
        }
        let app = app.clone();
        let task = app.tasks.clone();
        task.spawn(async move {
            commit_batch(&app, batch).await;
            drop(permit);
        });
    }
}

/// Commits a batch; if that fails, each outcome alone, so that one cannot spoil the others.
async fn commit_batch(app: &App, batch: Vec<Request>) {
    let mut works = HashSet::new();
    let (first, repeated): (Vec<Request>, Vec<Request>) = batch.into_iter().partition(|r| works.insert(r.work));
    match commit_together(app, &first).await {
        Ok(answers) => first.into_iter().zip(answers).for_each(|(request, answer)| send(request, answer)),
        Err(error) if first.len() == 1 => {
            first.into_iter().for_each(|request| send(request, Err(AppError::Internal(anyhow::anyhow!("{error}")))));
        }
        Err(error) => {
            tracing::warn!(%error, outcomes = first.len(), "a batch of outcomes failed; each is tried alone");
            for request in first {
                commit_alone(app, request).await;
            }
        }
    }
    for request in repeated {
        commit_alone(app, request).await;
    }
}

async fn commit_alone(app: &App, request: Request) {
    let answer = match commit_together(app, std::slice::from_ref(&request)).await {
        Ok(mut answers) => answers.pop().unwrap_or_else(|| Err(AppError::NotFound("work"))),
        Err(error) => Err(error),
    };
    send(request, answer);
}

/// A worker that went away does not hear the answer; it will ask again and be told `recorded: false`.
fn send(request: Request, answer: Result<OutcomeAnswer, AppError>) {
    let _ = request.answer.send(answer);
}

async fn commit_together(app: &App, batch: &[Request]) -> Result<Vec<Result<OutcomeAnswer, AppError>>, AppError> {
    let endings: Vec<Ending> =
        batch.iter().map(|r| Ending::Reported { work: r.work, token: r.token, outcome: r.outcome.clone() }).collect();
    let mut tx = app.pool.begin().await?;
    let (answers, changes): (Vec<EndAnswer>, Vec<Change>) = end_work(&mut tx, &endings).await?;
    let mut leases = lease_next(app, &mut tx, batch, &answers).await?;
    tx.commit().await?;
    app.tell(&changes);
    let answer = |(request, answer): (&Request, EndAnswer)| {
        let holder = request.next.as_ref().map(|(_, holder)| holder);
        let next = holder.and_then(|holder| leases.remove(holder)).map(|row| app.announce_lease(row));
        match answer {
            EndAnswer::Recorded => Ok(OutcomeAnswer { recorded: true, next }),
            EndAnswer::Repeated => Ok(OutcomeAnswer { recorded: false, next }),
            EndAnswer::Stale => Err(AppError::Stale),
            EndAnswer::Unknown => Err(AppError::NotFound("work")),
        }
    };
    Ok(batch.iter().zip(answers).map(answer).collect())
}

/// Leases new work to those whose outcome was recorded, one statement per kind of request.
async fn lease_next(
    app: &App,
    conn: &mut sqlx::PgConnection,
    batch: &[Request],
    answers: &[EndAnswer],
) -> Result<HashMap<Holder, LeaseRow>, AppError> {
    let mut asked: HashMap<&LeaseFilter, Vec<Holder>> = HashMap::new();
    for (request, answer) in batch.iter().zip(answers) {
        if let (EndAnswer::Recorded, Some((filter, holder))) = (answer, &request.next) {
            let holders = asked.entry(filter).or_default();
            if !holders.contains(holder) {
                holders.push(holder.clone());
            }
        }
    }
    let mut leases = HashMap::new();
    for (filter, holders) in asked {
        let rows = store::work_lease(conn, filter, &holders, app.lease_seconds(), None).await?;
        leases.extend(rows.into_iter().map(|row| (Holder { worker: row.worker.clone(), slot: row.slot }, row)));
    }
    Ok(leases)
}
