//! Ending leases inside a transaction: lock, decide, write.

use super::settle::{StudyStage, cancelled, settle};
use crate::app::{App, AppError, EventView, Values};
use crate::store::{self, LockedWork, Next, Settlement, StoreError};
use search::work::{FailureReason, MeasureResult, Outcome};
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A piece of work that is to end, or to go back to the queue.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// The holder of the lease says how it ended (or came back after a crash without knowing of it).
    Reported { work: Uuid, token: Uuid, outcome: Outcome },
    /// The lease ran out. A report that came in since then saves it.
    Expired { work: Uuid, token: Uuid, outcome: Outcome },
    /// The coordinator takes it back from whoever has it.
    Cancelled { work: Uuid, detail: String },
}

impl Ending {
    pub fn work(&self) -> Uuid {
        match self {
            Ending::Reported { work, .. } | Ending::Expired { work, .. } | Ending::Cancelled { work, .. } => *work,
        }
    }

    /// The outcome, if the lease that it speaks of is the present one.
    fn outcome_for(&self, work: &LockedWork) -> Option<(&Outcome, Uuid)> {
        let (token, outcome, due) = match self {
            Ending::Reported { token, outcome, .. } => (token, outcome, true),
            Ending::Expired { token, outcome, .. } => (token, outcome, work.expired),
            Ending::Cancelled { .. } => return None,
        };
        (due && holds(work, token)).then_some((outcome, *token))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndAnswer {
    Recorded,
    /// The same lease has its outcome already.
    Repeated,
    Stale,
    Unknown,
}

/// What changed, to be told to loops and streams after the commit.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub study: Uuid,
    /// Whether an advance has something to take in (else the work went back to the queue).
    pub settled: bool,
    pub event: EventView,
}

/// Ends work in the caller's transaction. The works of `endings` must differ.
pub(crate) async fn end_work(
    conn: &mut PgConnection,
    endings: &[Ending],
) -> Result<(Vec<EndAnswer>, Vec<Change>), StoreError> {
    let ids: Vec<Uuid> = endings.iter().map(Ending::work).collect();
    let locked: BTreeMap<Uuid, LockedWork> =
        store::work_lock(conn, &ids).await?.into_iter().map(|work| (work.id, work)).collect();
    let repeated = repeated(conn, endings, &locked).await?;
    let stages = stages(conn, endings, &locked).await?;
    let mut answers = Vec::with_capacity(endings.len());
    let mut settlements = Vec::new();
    let mut changes = Vec::new();
    for ending in endings {
        let Some(work) = locked.get(&ending.work()) else {
            answers.push(EndAnswer::Unknown);
            continue;
        };
        let Some((settlement, event)) = decide(ending, work, &stages)? else {
            let again = matches!(ending, Ending::Reported { token, .. } if repeated.contains(token));
            answers.push(if again { EndAnswer::Repeated } else { EndAnswer::Stale });
            continue;
        };
        let settled = matches!(settlement.next, Next::Ended { .. });
        if work.trial_id.is_none() {
            keep_latencies(conn, ending).await?;
        }
        changes.push(Change { study: work.study_id, settled, event });
        settlements.push(settlement);
        answers.push(EndAnswer::Recorded);
    }
    if !settlements.is_empty() {
        store::work_settle(conn, &settlements).await?;
        keep_events(conn, &mut changes).await?;
    }
    Ok((answers, changes))
}

fn holds(work: &LockedWork, token: &Uuid) -> bool {
    work.state == "leased" && work.lease_token.as_ref() == Some(token)
}

/// Tokens that are no longer a lease because their outcome is known.
async fn repeated(
    conn: &mut PgConnection,
    endings: &[Ending],
    locked: &BTreeMap<Uuid, LockedWork>,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let doubtful: Vec<Uuid> = endings
        .iter()
        .filter_map(|ending| match ending {
            Ending::Reported { work, token, .. } => {
                locked.get(work).filter(|found| !holds(found, token)).map(|_| *token)
            }
            Ending::Expired { .. } | Ending::Cancelled { .. } => None,
        })
        .collect();
    if doubtful.is_empty() {
        return Ok(BTreeSet::new());
    }
    let known = store::outcome_known(conn, &doubtful).await?;
    let asked: BTreeSet<(Uuid, Uuid)> = endings
        .iter()
        .filter_map(|ending| match ending {
            Ending::Reported { work, token, .. } => Some((*work, *token)),
            Ending::Expired { .. } | Ending::Cancelled { .. } => None,
        })
        .collect();
    Ok(known.into_iter().filter(|pair| asked.contains(pair)).map(|(_, token)| token).collect())
}

/// The stages of the studies whose work may go back to the queue. Their rows are share-locked, so that a pause cannot
/// slip in between this look and the write; a plain completion needs no look and takes no lock.
async fn stages(
    conn: &mut PgConnection,
    endings: &[Ending],
    locked: &BTreeMap<Uuid, LockedWork>,
) -> Result<BTreeMap<Uuid, StudyStage>, StoreError> {
    let studies: BTreeSet<Uuid> = endings
        .iter()
        .filter_map(|ending| {
            let work = locked.get(&ending.work())?;
            let (outcome, _) = ending.outcome_for(work)?;
            // Settled as for a running study: only what would be queued depends on the study.
            matches!(settle(work, outcome, StudyStage::Running), Next::Queued { .. }).then_some(work.study_id)
        })
        .collect();
    if studies.is_empty() {
        return Ok(BTreeMap::new());
    }
    let states = store::study_states_shared(conn, &studies.into_iter().collect::<Vec<_>>()).await?;
    Ok(states.into_iter().map(|(id, state)| (id, StudyStage::of(&state))).collect())
}

/// The settlement of one ending; `None` when the lease is not (or no longer) the one that reported.
fn decide(
    ending: &Ending,
    work: &LockedWork,
    stages: &BTreeMap<Uuid, StudyStage>,
) -> Result<Option<(Settlement, EventView)>, StoreError> {
    let (next, token, outcome) = match ending {
        Ending::Reported { .. } | Ending::Expired { .. } => {
            let Some((outcome, token)) = ending.outcome_for(work) else { return Ok(None) };
            let stage = stages.get(&work.study_id).copied().unwrap_or(StudyStage::Running);
            (settle(work, outcome, stage), Some(token), store::text(outcome)?)
        }
        Ending::Cancelled { detail, .. } => {
            if !matches!(work.state.as_str(), "queued" | "held" | "leased") {
                return Ok(None);
            }
            let outcome = Outcome::Failed { reason: FailureReason::Other, detail: detail.clone() };
            (cancelled(work, detail), work.lease_token, store::text(&outcome)?)
        }
    };
    let event = event(work, &next);
    Ok(Some((Settlement { work: work.id, token, attempt: work.attempt, outcome, next }, event)))
}

fn event(work: &LockedWork, next: &Next) -> EventView {
    if work.trial_id.is_none() {
        let data = serde_json::json!({ "run_id": work.id, "state": next.work_state() });
        return EventView { id: None, study_id: work.study_id, trial_id: None, kind: "run".into(), data };
    }
    let none = Values::new();
    let (state, metrics) = match next {
        Next::Ended { trial, metrics, .. } => (trial.as_str(), metrics),
        Next::Queued { .. } => ("waiting", &none),
        Next::Held { .. } => ("paused", &none),
    };
    EventView::trial(work.study_id, work.trial_id, state, metrics)
}

/// What a measurement found outlives its study.
async fn keep_latencies(conn: &mut PgConnection, ending: &Ending) -> Result<(), StoreError> {
    if let Ending::Reported { work, outcome: Outcome::Done { result: Some(result), .. }, .. } = ending
        && let Ok(measured) = MeasureResult::deserialize(result)
    {
        store::latency_keep(conn, *work, &measured).await?;
    }
    Ok(())
}

/// Keeps the events of ended work for streams that come back.
async fn keep_events(conn: &mut PgConnection, changes: &mut [Change]) -> Result<(), StoreError> {
    let mut kept: Vec<EventView> = changes.iter().filter(|c| c.settled).map(|c| c.event.clone()).collect();
    store::event_insert(conn, &mut kept).await?;
    for (change, event) in changes.iter_mut().filter(|c| c.settled).zip(kept) {
        change.event = event;
    }
    Ok(())
}

impl App {
    /// Ends work in a transaction of its own, for the coordinator's own reasons, and tells who needs to know.
    pub(crate) async fn end_now(&self, endings: &[Ending]) -> Result<usize, AppError> {
        let mut tx = self.pool.begin().await?;
        let (answers, changes) = end_work(&mut tx, endings).await?;
        tx.commit().await?;
        self.tell(&changes);
        Ok(answers.iter().filter(|answer| **answer == EndAnswer::Recorded).count())
    }

    /// Wakes loops and feeds streams after a commit.
    pub(crate) fn tell(&self, changes: &[Change]) {
        for change in changes {
            if change.settled {
                self.bus.study_changed(change.study);
            } else {
                self.bus.work_ready();
            }
            self.bus.publish(change.event.clone());
        }
    }
}

/// Takes work back from whoever has it, in the caller's transaction.
pub(crate) async fn cancel(conn: &mut PgConnection, works: &[Uuid], detail: &str) -> Result<Vec<Change>, StoreError> {
    let ending = |work: &Uuid| Ending::Cancelled { work: *work, detail: detail.to_owned() };
    let endings: Vec<Ending> = works.iter().map(ending).collect();
    if endings.is_empty() {
        return Ok(Vec::new());
    }
    Ok(end_work(conn, &endings).await?.1)
}
