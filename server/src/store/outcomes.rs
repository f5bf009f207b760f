//! The end of leases: locking the work, and one statement that settles any number of it.

use super::StoreError;
use crate::app::Values;
use sqlx::PgConnection;
use uuid::Uuid;

/// Work about to be settled, locked until the transaction ends.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LockedWork {
    pub id: Uuid,
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
    pub state: String,
    pub lease_token: Option<Uuid>,
    /// Whether the deadline of the lease has passed.
    pub expired: bool,
    pub attempt: i32,
    pub epochs: i32,
    pub progress: f64,
    pub max_attempts: i32,
    /// Metrics that a training must report; empty for other kinds.
    pub required: Vec<String>,
}

/// Locks work by id, in the order of ids so that two batches cannot wait for each other.
pub async fn work_lock(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<LockedWork>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT w.id, w.study_id, w.trial_id, w.state, w.lease_token, w.attempt,
                coalesce(w.deadline < clock_timestamp(), false) AS expired, w.epochs, w.progress, s.max_attempts,
                ARRAY(SELECT json_array_elements_text(w.payload -> 'metrics')) AS required
         FROM work w JOIN studies s ON s.id = w.study_id
         WHERE w.id = ANY($1) ORDER BY w.id FOR UPDATE OF w",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?)
}

/// Which of these leases have an outcome of their worker already. A lease that was ended here (its worker crashed or went
/// silent, or somebody cancelled) is none of them: what comes under its token is stale.
pub async fn outcome_known(conn: &mut PgConnection, tokens: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let own = "SELECT work_id, token FROM outcomes WHERE token = ANY($1)
         AND (outcome->>'reason' IS NULL OR outcome->>'reason' NOT IN ('crashed', 'lease_expired'))
         AND settled IS DISTINCT FROM 'cancelled'";
    Ok(sqlx::query_as(own).bind(tokens).fetch_all(conn).await?)
}

/// How a piece of work goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It has ended; the trial ends in this state.
    Ended { trial: Ended, reason: Option<String>, metrics: Values, epochs_done: i32 },
    /// Back to the queue; `reason` is what the trial shows while it waits.
    Queued { reason: Option<String>, attempts: i32 },
    /// Kept until the study is resumed.
    Held { attempts: i32 },
}

impl Next {
    /// The state of the work itself.
    pub fn work_state(&self) -> &'static str {
        match self {
            Next::Ended { trial, .. } => trial.work_state(),
            Next::Queued { .. } => "queued",
            Next::Held { .. } => "held",
        }
    }
}

/// States that a trial ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Completed,
    Pruned,
    Infeasible,
    Failed,
    Cancelled,
}

impl Ended {
    pub fn as_str(self) -> &'static str {
        match self {
            Ended::Completed => "completed",
            Ended::Pruned => "pruned",
            Ended::Infeasible => "infeasible",
            Ended::Failed => "failed",
            Ended::Cancelled => "cancelled",
        }
    }

    pub fn parse(word: &str) -> Option<Ended> {
        [Ended::Completed, Ended::Pruned, Ended::Infeasible, Ended::Failed, Ended::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == word)
    }

    fn work_state(self) -> &'static str {
        match self {
            Ended::Completed | Ended::Pruned => "done",
            Ended::Infeasible | Ended::Failed => "failed",
            Ended::Cancelled => "cancelled",
        }
    }
}

/// One piece of work to settle.
#[derive(Clone, Debug)]
pub struct Settlement {
    pub work: Uuid,
    /// The lease that ended; `None` for work that nobody held.
    pub token: Option<Uuid>,
    pub attempt: i32,
    /// The outcome as JSON text.
    pub outcome: String,
    pub next: Next,
}

/// Settles locked work: its state, its trial's, and the outcome row.
pub async fn work_settle(conn: &mut PgConnection, settlements: &[Settlement]) -> Result<(), StoreError> {
    let columns = settlements.iter().map(Columns::of).collect::<Result<Vec<_>, _>>()?;
    sqlx::query(
        "WITH s AS (
             SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
                 $8::text[], $9::text[], $10::int[], $11::int[])
                 AS s (work_id, token, attempt, outcome, settled, work_state, trial_state, reason, metrics, epochs_done,
                       attempts)
         ), w AS (
             UPDATE work SET state = s.work_state, attempt = s.attempts, lease_token = NULL, deadline = NULL,
                 directive = NULL
             FROM s WHERE work.id = s.work_id RETURNING work.id, work.study_id, work.trial_id
         ), t AS (
             UPDATE trials SET state = s.trial_state, reason = s.reason, metrics = trials.metrics || s.metrics::jsonb,
                 epochs_done = s.epochs_done, finished_at = CASE WHEN s.settled IS NOT NULL THEN now() END
             FROM s JOIN w ON w.id = s.work_id WHERE trials.id = w.trial_id
         )
         INSERT INTO outcomes (work_id, study_id, token, attempt, outcome, settled)
         SELECT s.work_id, w.study_id, s.token, s.attempt, s.outcome::json, s.settled
         FROM s JOIN w ON w.id = s.work_id ORDER BY s.work_id",
    )
    .bind(settlements.iter().map(|s| s.work).collect::<Vec<_>>())
    .bind(settlements.iter().map(|s| s.token).collect::<Vec<_>>())
    .bind(settlements.iter().map(|s| s.attempt).collect::<Vec<_>>())
    .bind(settlements.iter().map(|s| s.outcome.clone()).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.settled).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.work_state).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.trial_state).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.reason.clone()).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.metrics.clone()).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.epochs_done).collect::<Vec<_>>())
    .bind(columns.iter().map(|c| c.attempts).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// A settlement as columns.
struct Columns {
    settled: Option<&'static str>,
    work_state: &'static str,
    trial_state: &'static str,
    reason: Option<String>,
    metrics: String,
    epochs_done: i32,
    attempts: i32,
}

impl Columns {
    fn of(settlement: &Settlement) -> Result<Columns, StoreError> {
        Ok(match &settlement.next {
            Next::Ended { trial, reason, metrics, epochs_done } => Columns {
                settled: Some(trial.as_str()),
                work_state: trial.work_state(),
                trial_state: trial.as_str(),
                reason: reason.clone(),
                metrics: super::text(metrics)?,
                epochs_done: *epochs_done,
                attempts: settlement.attempt,
            },
            Next::Queued { reason, attempts } => Columns::unsettled("queued", "waiting", reason.clone(), *attempts),
            Next::Held { attempts } => Columns::unsettled("held", "paused", None, *attempts),
        })
    }

    fn unsettled(work: &'static str, trial: &'static str, reason: Option<String>, attempts: i32) -> Columns {
        Columns {
            settled: None,
            work_state: work,
            trial_state: trial,
            reason,
            metrics: "{}".into(),
            epochs_done: 0,
            attempts,
        }
    }
}

/// Takes in the outcomes of a study that has ended: no advance will, and its tallies must be right.
pub async fn outcome_absorb(conn: &mut PgConnection, study: Uuid) -> Result<(), StoreError> {
    sqlx::query(
        "WITH taken AS (
             UPDATE outcomes o SET consumed_by = s.version FROM studies s, work w
             WHERE s.id = $1 AND o.study_id = $1 AND o.settled IS NOT NULL AND o.consumed_by IS NULL AND w.id = o.work_id
             RETURNING o.settled, w.trial_id
         ), sums AS (
             SELECT count(*) FILTER (WHERE settled = 'completed') AS completed,
                    count(*) FILTER (WHERE settled = 'pruned') AS pruned,
                    count(*) FILTER (WHERE settled = 'infeasible') AS infeasible,
                    count(*) FILTER (WHERE settled = 'failed') AS failed,
                    count(*) FILTER (WHERE settled = 'cancelled') AS cancelled
             FROM taken WHERE trial_id IS NOT NULL
         )
         UPDATE studies SET completed = studies.completed + sums.completed, pruned = studies.pruned + sums.pruned,
             infeasible = studies.infeasible + sums.infeasible, failed = studies.failed + sums.failed,
             cancelled = studies.cancelled + sums.cancelled
         FROM sums WHERE studies.id = $1",
    )
    .bind(study)
    .execute(conn)
    .await?;
    Ok(())
}
