//! Study rows: submission, lists, and the changes that people make. The engine's own changes are in `advance`.

use super::{StoreError, text};
use crate::app::{LimitsView, TrialCounts, Values};
use chrono::{DateTime, Utc};
use search::study::StudyDocument;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StudyRow {
    pub id: Uuid,
    pub name: String,
    pub space_id: String,
    #[sqlx(json)]
    pub document: Value,
    pub state: String,
    pub phase: String,
    pub reason: Option<String>,
    pub max_trials: Option<i64>,
    pub max_epochs: Option<i64>,
    pub timeout_seconds: Option<f64>,
    pub parallel_trials: i32,
    pub max_failed_trials: Option<i64>,
    pub max_attempts: i32,
    pub version: i64,
    pub trials_created: i64,
    pub trained: i64,
    pub completed: i64,
    pub pruned: i64,
    pub infeasible: i64,
    pub failed: i64,
    pub cancelled: i64,
    pub epochs_spent: i64,
    pub best_trial: Option<Uuid>,
    /// Running time up to now without pauses.
    pub seconds: f64,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    // In flight, from the work table.
    pub waiting: i64,
    pub running: i64,
    pub paused: i64,
    /// Metrics and statistics of the best trial.
    pub best_metrics: Option<Json<Values>>,
}

impl StudyRow {
    pub fn counts(&self) -> TrialCounts {
        TrialCounts {
            waiting: self.waiting,
            running: self.running,
            paused: self.paused,
            completed: self.completed,
            pruned: self.pruned,
            infeasible: self.infeasible,
            failed: self.failed,
            cancelled: self.cancelled,
        }
    }

    pub fn limits(&self) -> LimitsView {
        LimitsView {
            max_trials: self.max_trials,
            max_epochs: self.max_epochs,
            timeout_seconds: self.timeout_seconds,
            parallel_trials: self.parallel_trials,
            max_failed_trials: self.max_failed_trials,
            max_attempts: self.max_attempts,
        }
    }

    pub fn parsed(&self) -> Result<StudyDocument, StoreError> {
        serde_json::from_value(self.document.clone()).map_err(|e| StoreError::unreadable("study document", e))
    }
}

/// Everything of [`StudyRow`]; completed by a `WHERE` clause.
const SELECT: &str = "
    SELECT s.id, s.name, s.space_id, s.document, s.state, s.phase, s.reason, s.max_trials, s.max_epochs,
           s.timeout_seconds, s.parallel_trials, s.max_failed_trials, s.max_attempts, s.version, s.trials_created,
           s.trained, s.completed, s.pruned, s.infeasible, s.failed, s.cancelled, s.epochs_spent, s.best_trial,
           s.ran_seconds + coalesce(extract(epoch FROM now() - s.running_since), 0)::float8 AS seconds,
           s.created_at, s.started_at, s.finished_at, live.waiting, live.running, live.paused,
           best.statistics || best.metrics AS best_metrics
    FROM studies s
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE w.state = 'queued') AS waiting,
               count(*) FILTER (WHERE w.state = 'leased') AS running,
               count(*) FILTER (WHERE w.state = 'held') AS paused
        FROM work w WHERE w.study_id = s.id AND w.state IN ('queued', 'held', 'leased') AND w.trial_id IS NOT NULL
    ) live
    LEFT JOIN trials best ON best.id = s.best_trial ";

/// Inserts a study in state `running`.
pub async fn study_insert(
    conn: &mut PgConnection,
    id: Uuid,
    space_id: &str,
    document: &StudyDocument,
) -> Result<(), StoreError> {
    let budget = &document.budget;
    let count = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    sqlx::query(
        "INSERT INTO studies (id, name, space_id, document, state, max_trials, max_epochs, timeout_seconds,
             parallel_trials, max_failed_trials, max_attempts, running_since, started_at)
         VALUES ($1, $2, $3, $4::text::json, 'running', $5, $6, $7, $8, $9, $10, now(), now())",
    )
    .bind(id)
    .bind(&document.name)
    .bind(space_id)
    .bind(text(document)?)
    .bind(count(budget.max_trials))
    .bind(count(budget.max_epochs))
    .bind(budget.timeout_seconds)
    .bind(i32::try_from(budget.parallel_trials).unwrap_or(i32::MAX))
    .bind(count(budget.max_failed_trials))
    .bind(i32::try_from(budget.max_attempts).unwrap_or(i32::MAX))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn study_get(conn: &mut PgConnection, id: Uuid) -> Result<Option<StudyRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE s.id = $1"));
    Ok(sqlx::query_as(sql).bind(id).fetch_optional(conn).await?)
}

/// Newest first; `before` is the id that the previous page ended with.
pub async fn study_list(
    conn: &mut PgConnection,
    state: Option<&str>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<StudyRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE ($1::text IS NULL OR s.state = $1) AND ($2::uuid IS NULL OR s.id < $2)
         ORDER BY s.id DESC LIMIT $3"
    ));
    Ok(sqlx::query_as(sql).bind(state).bind(before).bind(limit).fetch_all(conn).await?)
}

/// The answer to a change that only some states allow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Transition {
    Done,
    /// It is there, but in this state.
    NotFrom(String),
    Absent,
}

/// Moves a study from one of `from` to `to`, keeping its clock.
pub async fn study_transition(
    conn: &mut PgConnection,
    id: Uuid,
    from: &[&str],
    to: &str,
    reason: Option<&str>,
) -> Result<Transition, StoreError> {
    let (done, state): (bool, Option<String>) = sqlx::query_as(
        "WITH moved AS (
             UPDATE studies SET state = $3, reason = coalesce($4, reason),
                 ran_seconds = ran_seconds + CASE WHEN $3 IN ('running', 'stopping') THEN 0
                     ELSE coalesce(extract(epoch FROM now() - running_since), 0)::float8 END,
                 running_since = CASE WHEN $3 IN ('running', 'stopping') THEN coalesce(running_since, now()) END,
                 finished_at = CASE WHEN $3 IN ('completed', 'stopped', 'failed') THEN now() END
             WHERE id = $1 AND state = ANY($2) RETURNING id
         )
         SELECT EXISTS (SELECT 1 FROM moved), (SELECT state FROM studies WHERE id = $1)",
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .bind(reason)
    .fetch_one(conn)
    .await?;
    Ok(match (done, state) {
        (true, _) => Transition::Done,
        (false, Some(state)) => Transition::NotFrom(state),
        (false, None) => Transition::Absent,
    })
}

/// Sets the limits of a study that has not ended.
pub async fn study_limits(conn: &mut PgConnection, id: Uuid, limits: &LimitsView) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE studies SET max_trials = $2, max_epochs = $3, timeout_seconds = $4, parallel_trials = $5,
             max_failed_trials = $6, max_attempts = $7
         WHERE id = $1 AND finished_at IS NULL",
    )
    .bind(id)
    .bind(limits.max_trials)
    .bind(limits.max_epochs)
    .bind(limits.timeout_seconds)
    .bind(limits.parallel_trials)
    .bind(limits.max_failed_trials)
    .bind(limits.max_attempts)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn study_rename(conn: &mut PgConnection, id: Uuid, name: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE studies SET name = $2 WHERE id = $1").bind(id).bind(name).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes an ended study with its trials, work and outcomes.
pub async fn study_delete(conn: &mut PgConnection, id: Uuid) -> Result<bool, StoreError> {
    let done =
        sqlx::query("DELETE FROM studies WHERE id = $1 AND finished_at IS NOT NULL").bind(id).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Studies that the engine may have something to do for.
pub async fn study_live(conn: &mut PgConnection) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar("SELECT id FROM studies WHERE state IN ('running', 'stopping') ORDER BY id")
        .fetch_all(conn)
        .await?)
}

/// Holds off changes of state until the transaction ends: for who is about to put work back into the queue.
pub async fn study_states_shared(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(sqlx::query_as("SELECT id, state FROM studies WHERE id = ANY($1) ORDER BY id FOR SHARE")
        .bind(ids)
        .fetch_all(conn)
        .await?)
}
