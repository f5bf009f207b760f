//! Advancing a study: read, think on a thread of its own, write in one transaction that holds only if nobody else has
//! written since.

use super::cache::Session;
use super::decide::{decide, memory};
use super::finals;
use super::known::Known;
use super::plan::{Ending, Input, Memory, Plan};
use super::prepare::Prepared;
use super::written::Written;
use crate::app::{App, AppError, EventView};
use crate::dispatch::{self, Change};
use crate::store::{self, AdvanceWrite, StepRow, StoreError, Transition};
use search::space::Space;
use search::strategy::StateDocument;
use serde::Deserialize;
use sqlx::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// Outcomes taken in by one advance.
const BATCH: i64 = 500;

/// What came of an advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advanced {
    /// Nothing to do until something changes.
    Idle,
    /// Something was written, or somebody else was faster: look again.
    Again,
}

impl App {
    /// Advances a study by one version, if there is anything to do. Safe to call at any time from any coordinator.
    pub(crate) async fn advance(&self, study: Uuid) -> Result<Advanced, AppError> {
        let mut lane = self.relaxed_lanes.take().await?;
        let row = store::study_step(&mut lane, study).await?;
        let outcomes = store::outcome_unconsumed(&mut lane, study, BATCH).await?;
        lane.keep();
        let Some(row) = row else { return Ok(Advanced::Idle) };
        if !matches!(row.state.as_str(), "running" | "stopping") {
            self.cache.take(study, -1);
            return Ok(Advanced::Idle);
        }
        let full = outcomes.len() as i64 == BATCH;
        let session = match self.cache.take(study, row.version) {
            Some(session) => session,
            None => match self.load(study, row.version).await? {
                Ok(session) => session,
                Err(reason) => return self.fail(study, &reason).await,
            },
        };
        let input = Input { row, outcomes };
        let thought = tokio::task::spawn_blocking(move || {
            let mut session = session;
            let plan = decide(&mut session, &input);
            (session, input, plan)
        });
        let (session, input, plan) = match thought.await {
            Ok((session, input, Ok(plan))) => (session, input, plan),
            Ok((_, _, Err(reason))) => return self.fail(study, &reason).await,
            Err(_) => return self.fail(study, "the strategy failed in an unforeseen way (see the server's log)").await,
        };
        if plan.is_idle() {
            let again = plan.again;
            self.cache.put(study, session);
            return Ok(if again { Advanced::Again } else { Advanced::Idle });
        }
        let again = plan.again || full;
        self.write(session, &input.row, plan, again).await
    }

    /// Loads a study that is not in the cache. The inner error is a sentence that fails the study.
    async fn load(&self, study: Uuid, version: i64) -> Result<Result<Session, String>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        let row = store::study_get(&mut conn, study).await?.ok_or(AppError::NotFound("study"))?;
        let (stored, bookkeeping) = store::study_memory(&mut conn, study).await?;
        let evaluated = store::trial_evaluated(&mut conn, study).await?;
        let in_flight = store::work_in_flight(&mut conn, study).await?;
        let space = store::space_get(&mut conn, &row.space_id).await?.ok_or(AppError::NotFound("space"))?;
        drop(conn);
        let document = row.parsed()?;
        let build = move || -> Result<Session, String> {
            let space = Space::parse(&space.document).map_err(|faults| faults.to_string())?;
            let prepared = Prepared::new(document, Arc::new(space)).map_err(|faults| faults.to_string())?;
            let written = Written::read(stored).map_err(|e| e.to_string())?;
            let state = written.state().map(StateDocument::deserialize).transpose();
            let state = state.map_err(|e| format!("strategy state: {e}"))?;
            let strategy = prepared.strategy(state.as_ref()).map_err(|faults| faults.to_string())?;
            let memory: Memory = serde_json::from_value(bookkeeping).map_err(|e| format!("bookkeeping: {e}"))?;
            Ok(Session { version, prepared, strategy, known: Known::load(evaluated), memory, in_flight, written })
        };
        Ok(tokio::task::spawn_blocking(build).await.unwrap_or_else(|_| Err("the study could not be loaded".into())))
    }

    /// Writes a plan. The end of a study waits for the disk; anything else would be decided again after a crash.
    async fn write(
        &self,
        mut session: Session,
        row: &StepRow,
        mut plan: Plan,
        again: bool,
    ) -> Result<Advanced, AppError> {
        if let Ending::Final(reason) = plan.ending.clone()
            && let Err(reason) = self.begin_final(&session.prepared, row, &mut plan, reason).await?
        {
            return self.fail(row.id, &reason).await;
        }
        plan.delta.bookkeeping = memory(&session.memory).map_err(|e| StoreError::unreadable("bookkeeping", e))?;
        let Some(ended) = self.store_plan(row, &plan).await? else {
            tracing::debug!(study.id = %row.id, "another coordinator has advanced the study");
            return Ok(Advanced::Again);
        };
        session.version += 1;
        plan.work.iter().for_each(|work| session.in_flight.add(work.epochs));
        if ended.state.is_none() {
            self.cache.put(row.id, session);
        }
        if !plan.work.is_empty() {
            self.bus.work_ready();
        }
        self.tell(&ended.changes);
        let again = again || !ended.changes.is_empty() || matches!(plan.ending, Ending::Final(_));
        self.announce(row.id, &plan, ended.event);
        Ok(if again { Advanced::Again } else { Advanced::Idle })
    }

    /// Writes a plan; `None` when the study is no longer as it was read.
    async fn store_plan(&self, row: &StepRow, plan: &Plan) -> Result<Option<StudyEnd>, AppError> {
        let write = AdvanceWrite {
            study: row.id,
            version: row.version,
            state: &row.state,
            delta: &plan.delta,
            consumed: &plan.consumed,
            trials: &plan.trials,
            work: &plan.work,
        };
        if plan.ending == Ending::GoesOn && !plan.cut {
            let mut lane = self.relaxed_lanes.take().await?;
            let moved = store::advance_study(&mut lane, &write).await?;
            lane.keep();
            return Ok(moved.then(StudyEnd::default));
        }
        let pool = if plan.ending == Ending::GoesOn { &self.relaxed } else { &self.pool };
        let mut tx = pool.begin().await?;
        if !store::advance_study(&mut tx, &write).await? {
            return Ok(None);
        }
        let mut changes = Vec::new();
        if plan.cut {
            changes = cut(&mut tx, row.id, plan.delta.reason.as_deref().or(row.reason.as_deref())).await?;
        }
        let mut ended = end(&mut tx, row, plan).await?;
        changes.append(&mut ended.changes);
        tx.commit().await?;
        Ok(Some(StudyEnd { changes, ..ended }))
    }

    /// Turns the end of the search into final trials; without any the study is complete. The inner error is a sentence
    /// that fails the study.
    async fn begin_final(
        &self,
        prepared: &Prepared,
        row: &StepRow,
        plan: &mut Plan,
        reason: String,
    ) -> Result<Result<(), String>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        let completed = store::trial_completed(&mut conn, row.id).await?;
        drop(conn);
        let reason = row.reason.clone().unwrap_or(reason);
        if completed.is_empty() {
            return Ok(Err(format!("no trial was completed ({reason})")));
        }
        plan.delta.reason = Some(reason.clone());
        let Some(settings) = &prepared.document.final_training else {
            plan.ending = Ending::Completed(Some(reason));
            return Ok(Ok(()));
        };
        let chosen = finals::choose(prepared, &completed, settings.candidates as usize);
        let first = row.trials_created + plan.trials.len() as i64 + 1;
        plan.delta.phase = "final";
        Ok(finals::add(plan, prepared, &chosen, first))
    }

    /// Ends a study that cannot go on.
    async fn fail(&self, study: Uuid, reason: &str) -> Result<Advanced, AppError> {
        tracing::error!(study.id = %study, reason, "a study has failed");
        match self.end_study(study, &["running", "stopping"], "failed", reason).await? {
            Transition::Done | Transition::Absent => {}
            Transition::NotFrom(state) => tracing::info!(study.id = %study, state, "the study had ended before"),
        }
        Ok(Advanced::Idle)
    }

    /// Tells streams of new trials and runs, and of the study's new state.
    fn announce(&self, study: Uuid, plan: &Plan, ended: Option<EventView>) {
        for trial in &plan.trials {
            let state = if trial.infeasible.is_some() { "infeasible" } else { "waiting" };
            self.bus.trial_changed(study, Some(trial.id), state);
        }
        for run in plan.work.iter().filter(|work| work.trial.is_none()) {
            self.bus.run_changed(study, run.id, "queued", None);
        }
        if let Some(event) = ended {
            self.bus.publish(event);
        }
    }
}

/// Takes back queued work and asks leased work to stop.
async fn cut(conn: &mut PgConnection, study: Uuid, reason: Option<&str>) -> Result<Vec<Change>, StoreError> {
    store::work_direct(conn, study, "stop").await?;
    let queued = store::work_ids(conn, study, &["queued", "held"]).await?;
    dispatch::cancel(conn, &queued, reason.unwrap_or("the search has ended")).await
}

/// What ending a study in its own transaction brings.
#[derive(Default)]
struct StudyEnd {
    state: Option<&'static str>,
    changes: Vec<Change>,
    event: Option<EventView>,
}

async fn end(conn: &mut PgConnection, row: &StepRow, plan: &Plan) -> Result<StudyEnd, StoreError> {
    let (state, reason) = match &plan.ending {
        Ending::GoesOn | Ending::Final(_) => return Ok(StudyEnd::default()),
        Ending::Completed(reason) => final_state(conn, row, reason.clone()).await?,
        Ending::Stopped => ("stopped", None),
        Ending::Failed(reason) => ("failed", Some(reason.clone())),
    };
    let changes = super::control::end_in(conn, row.id, &["running", "stopping"], state, reason.as_deref()).await?;
    let event = super::control::study_event(conn, row.id, state, reason).await?;
    Ok(StudyEnd { state: Some(state), changes: changes.unwrap_or_default(), event: Some(event) })
}

/// A study is complete unless it wanted final trainings and none of them came to its end.
async fn final_state(
    conn: &mut PgConnection,
    row: &StepRow,
    reason: Option<String>,
) -> Result<(&'static str, Option<String>), StoreError> {
    if row.phase != "final" {
        return Ok(("completed", reason));
    }
    let finals = store::trial_final(conn, row.id).await?;
    if finals.iter().any(|trial| !trial.baseline && trial.state == "completed") {
        return Ok(("completed", reason));
    }
    let why = finals.iter().find_map(|trial| trial.reason.clone()).unwrap_or_default();
    Ok(("failed", Some(format!("no final training was completed: {why}"))))
}
