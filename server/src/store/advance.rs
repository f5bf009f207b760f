//! What one advance of a study reads, and the one transaction that it writes.

use super::{StoreError, text};
use crate::app::Values;
use search::work::{Outcome, Work};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// An outcome that no advance has taken in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unconsumed {
    pub id: i64,
    pub outcome: Json<Outcome>,
    pub settled: String,
    pub tag: Option<i64>,
    pub trial_id: Option<Uuid>,
    pub number: Option<i64>,
    pub key: Option<String>,
    pub genotype: Option<Json<Value>>,
    pub statistics: Option<Json<Values>>,
    pub metrics: Option<Json<Values>>,
    pub epochs: i32,
    pub epochs_done: i32,
    pub repeat: i64,
    pub is_final: bool,
}

pub async fn outcome_unconsumed(
    conn: &mut PgConnection,
    study: Uuid,
    limit: i64,
) -> Result<Vec<Unconsumed>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT o.id, o.outcome, o.settled, w.tag, w.trial_id, t.number, t.key, t.genotype, t.statistics, t.metrics,
                w.epochs, coalesce(t.epochs_done, w.epochs) AS epochs_done, coalesce(t.repeat, 0) AS repeat,
                coalesce(t.final, false) AS is_final
         FROM outcomes o JOIN work w ON w.id = o.work_id LEFT JOIN trials t ON t.id = w.trial_id
         WHERE o.study_id = $1 AND o.settled IS NOT NULL AND o.consumed_by IS NULL ORDER BY o.id LIMIT $2",
    )
    .bind(study)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// What an advance must know of the study's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StepRow {
    pub id: Uuid,
    pub state: String,
    pub phase: String,
    pub reason: Option<String>,
    pub max_trials: Option<i64>,
    pub max_epochs: Option<i64>,
    pub timeout_seconds: Option<f64>,
    pub parallel_trials: i32,
    pub max_failed_trials: Option<i64>,
    pub version: i64,
    pub trials_created: i64,
    pub trained: i64,
    pub failed: i64,
    pub epochs_spent: i64,
    pub best_trial: Option<Uuid>,
    /// Running time up to now without pauses.
    pub seconds: f64,
    /// Metrics and statistics of the best trial.
    pub best_metrics: Option<Json<Values>>,
}

pub async fn study_step(conn: &mut PgConnection, study: Uuid) -> Result<Option<StepRow>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT s.id, s.state, s.phase, s.reason, s.max_trials, s.max_epochs, s.timeout_seconds, s.parallel_trials,
                s.max_failed_trials, s.version, s.trials_created, s.trained, s.failed, s.epochs_spent, s.best_trial,
                s.ran_seconds + coalesce(extract(epoch FROM now() - s.running_since), 0)::float8 AS seconds,
                best.statistics || best.metrics AS best_metrics
         FROM studies s LEFT JOIN trials best ON best.id = s.best_trial WHERE s.id = $1",
    )
    .bind(study)
    .fetch_optional(conn)
    .await?)
}

/// A strategy's state: as it was last written as a whole, and what has changed since, oldest first.
#[derive(Clone, Debug, Default)]
pub struct StoredState {
    pub state: Option<Value>,
    pub changes: Vec<Value>,
}

/// The strategy's state and the engine's bookkeeping.
pub async fn study_memory(conn: &mut PgConnection, study: Uuid) -> Result<(StoredState, Value), StoreError> {
    let (state, changes, bookkeeping): (Option<Json<Value>>, Json<Vec<Value>>, Json<Value>) = sqlx::query_as(
        "SELECT strategy_state,
                (SELECT coalesce(json_agg(change ORDER BY version), '[]') FROM strategy_changes
                 WHERE study_id = studies.id AND version > studies.state_version),
                bookkeeping
         FROM studies WHERE id = $1",
    )
    .bind(study)
    .fetch_one(conn)
    .await?;
    Ok((StoredState { state: state.map(|json| json.0), changes: changes.0 }, bookkeeping.0))
}

/// What a study has in flight: pieces of work and the epochs that they were planned for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct InFlight {
    pub count: i64,
    pub epochs: i64,
}

impl InFlight {
    pub fn add(&mut self, epochs: i32) {
        self.count += 1;
        self.epochs += i64::from(epochs);
    }

    pub fn remove(&mut self, epochs: i32) {
        self.count -= 1;
        self.epochs -= i64::from(epochs);
    }
}

/// Counts work whose outcome no advance has taken in: it changes with the version of the study only, not when a worker
/// ends something.
pub async fn work_in_flight(conn: &mut PgConnection, study: Uuid) -> Result<InFlight, StoreError> {
    Ok(sqlx::query_as(
        "SELECT count(*) AS count, coalesce(sum(epochs), 0)::bigint AS epochs FROM (
             SELECT epochs FROM work WHERE study_id = $1 AND state IN ('queued', 'held', 'leased')
             UNION ALL
             SELECT w.epochs FROM outcomes o JOIN work w ON w.id = o.work_id
             WHERE o.study_id = $1 AND o.settled IS NOT NULL AND o.consumed_by IS NULL
         ) AS live",
    )
    .bind(study)
    .fetch_one(conn)
    .await?)
}

/// How the strategy's state is written, as JSON text.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StateWrite {
    #[default]
    Same,
    /// Beside the state, which stays as it is.
    Change(String),
    /// Instead of the state and all changes.
    Whole(String),
}

impl StateWrite {
    fn whole(&self) -> Option<&str> {
        if let StateWrite::Whole(text) = self { Some(text) } else { None }
    }

    fn change(&self) -> Option<&str> {
        if let StateWrite::Change(text) = self { Some(text) } else { None }
    }
}

/// How the study row changes.
#[derive(Clone, Debug, Default)]
pub struct StudyDelta {
    pub strategy_state: StateWrite,
    pub bookkeeping: Value,
    pub phase: &'static str,
    pub trained: i64,
    pub completed: i64,
    pub pruned: i64,
    pub infeasible: i64,
    pub failed: i64,
    pub cancelled: i64,
    pub epochs_spent: i64,
    pub best_trial: Option<Uuid>,
    pub reason: Option<String>,
}

/// A trial to insert; with work unless it is infeasible before any.
#[derive(Clone, Debug)]
pub struct NewTrial {
    pub id: Uuid,
    pub number: i64,
    pub genotype: Option<Value>,
    pub key: String,
    pub statistics: Values,
    /// `None` waits for a worker; `Some(reason)` is infeasible at once.
    pub infeasible: Option<String>,
    pub epochs: i32,
    pub is_final: bool,
    pub baseline: bool,
    pub repeat: i64,
}

#[derive(Clone, Debug)]
pub struct NewWork {
    pub id: Uuid,
    pub trial: Option<Uuid>,
    pub payload: Work,
    pub dataset: Option<String>,
    pub tag: Option<i64>,
    pub epochs: i32,
    pub priority: i32,
}

/// One advance as it is written.
pub struct AdvanceWrite<'a> {
    pub study: Uuid,
    /// What the study must still be.
    pub version: i64,
    pub state: &'a str,
    pub delta: &'a StudyDelta,
    /// Outcomes that are taken in.
    pub consumed: &'a [i64],
    pub trials: &'a [NewTrial],
    pub work: &'a [NewWork],
}

/// Moves the study to its next version, marks outcomes as consumed, inserts trials and work; all in one statement.
/// `false`: another coordinator advanced it, or a person changed its state; nothing was changed.
pub async fn advance_study(conn: &mut PgConnection, write: &AdvanceWrite<'_>) -> Result<bool, StoreError> {
    let AdvanceWrite { delta, trials, work, .. } = write;
    let genotypes = trials.iter().map(|t| t.genotype.as_ref().map(text).transpose()).collect::<Result<Vec<_>, _>>()?;
    let statistics = trials.iter().map(|t| text(&t.statistics)).collect::<Result<Vec<_>, _>>()?;
    let payloads = work.iter().map(|w| text(&w.payload)).collect::<Result<Vec<_>, _>>()?;
    let moved: bool = sqlx::query_scalar(ADVANCE)
        .bind(write.study)
        .bind(write.version)
        .bind(write.state)
        .bind(write.consumed)
        .bind(delta.strategy_state.whole())
        .bind(text(&delta.bookkeeping)?)
        .bind(delta.phase)
        .bind(trials.len() as i64)
        .bind(delta.trained)
        .bind(delta.completed)
        .bind(delta.pruned)
        .bind(delta.infeasible)
        .bind(delta.failed)
        .bind(delta.cancelled)
        .bind(delta.epochs_spent)
        .bind(delta.best_trial)
        .bind(&delta.reason)
        .bind(trials.iter().map(|t| t.id).collect::<Vec<_>>())
        .bind(trials.iter().map(|t| t.number).collect::<Vec<_>>())
        .bind(genotypes)
        .bind(trials.iter().map(|t| t.key.as_str()).collect::<Vec<_>>())
        .bind(statistics)
        .bind(trials.iter().map(|t| t.infeasible.as_deref()).collect::<Vec<_>>())
        .bind(trials.iter().map(|t| t.epochs).collect::<Vec<_>>())
        .bind(trials.iter().map(|t| t.is_final).collect::<Vec<_>>())
        .bind(trials.iter().map(|t| t.baseline).collect::<Vec<_>>())
        .bind(trials.iter().map(|t| t.repeat).collect::<Vec<_>>())
        .bind(work.iter().map(|w| w.id).collect::<Vec<_>>())
        .bind(work.iter().map(|w| w.trial).collect::<Vec<_>>())
        .bind(work.iter().map(|w| w.payload.kind().as_str()).collect::<Vec<_>>())
        .bind(payloads)
        .bind(work.iter().map(|w| w.dataset.as_deref()).collect::<Vec<_>>())
        .bind(work.iter().map(|w| w.tag).collect::<Vec<_>>())
        .bind(work.iter().map(|w| w.epochs).collect::<Vec<_>>())
        .bind(work.iter().map(|w| w.priority).collect::<Vec<_>>())
        .bind(delta.strategy_state.change())
        .fetch_one(conn)
        .await?;
    Ok(moved)
}

/// `moved` has a row only if the study is as it was read and nobody has consumed one of the outcomes.
const ADVANCE: &str = "
    WITH moved AS (
        UPDATE studies SET version = version + 1, strategy_state = coalesce($5::text::json, strategy_state),
            state_version = CASE WHEN $5 IS NULL THEN state_version ELSE version + 1 END, bookkeeping = $6::text::json, phase = $7, trials_created = trials_created + $8, trained = trained + $9,
            completed = completed + $10, pruned = pruned + $11, infeasible = infeasible + $12, failed = failed + $13,
            cancelled = cancelled + $14, epochs_spent = epochs_spent + $15, best_trial = $16,
            reason = coalesce($17, reason)
        WHERE id = $1 AND version = $2 AND state = $3
            AND (SELECT count(*) FROM outcomes WHERE id = ANY($4) AND consumed_by IS NULL) = cardinality($4)
        RETURNING id, version
    ), changed AS (
        INSERT INTO strategy_changes (study_id, version, change)
        SELECT id, version, $36::text::json FROM moved WHERE $36 IS NOT NULL
    ), outdated AS (
        DELETE FROM strategy_changes USING moved WHERE $5 IS NOT NULL AND study_id = moved.id
    ), taken AS (
        UPDATE outcomes SET consumed_by = moved.version FROM moved WHERE outcomes.id = ANY($4)
    ), new_trials AS (
        INSERT INTO trials (study_id, id, number, genotype, key, statistics, reason, state, epochs, final, baseline,
            repeat, finished_at)
        SELECT moved.id, t.id, number, genotype::json, key, statistics::jsonb, reason,
            CASE WHEN reason IS NULL THEN 'waiting' ELSE 'infeasible' END, epochs, final, baseline, repeat,
            CASE WHEN reason IS NOT NULL THEN now() END
        FROM moved, UNNEST($18::uuid[], $19::bigint[], $20::text[], $21::text[], $22::text[], $23::text[], $24::int[],
            $25::bool[], $26::bool[], $27::bigint[])
            AS t (id, number, genotype, key, statistics, reason, epochs, final, baseline, repeat)
    ), new_work AS (
        INSERT INTO work (study_id, id, trial_id, kind, payload, dataset, tag, epochs, priority, state)
        SELECT moved.id, w.id, trial, kind, payload::json, dataset, tag, epochs, priority, 'queued'
        FROM moved, UNNEST($28::uuid[], $29::uuid[], $30::text[], $31::text[], $32::text[], $33::bigint[], $34::int[],
            $35::int[]) AS w (id, trial, kind, payload, dataset, tag, epochs, priority)
    )
    SELECT EXISTS (SELECT 1 FROM moved)";
