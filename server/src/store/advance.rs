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

/// The strategy's state and the engine's bookkeeping, as JSON.
pub async fn study_memory(conn: &mut PgConnection, study: Uuid) -> Result<(Option<Value>, Value), StoreError> {
    let row: (Option<Json<Value>>, Json<Value>) =
        sqlx::query_as("SELECT strategy_state, bookkeeping FROM studies WHERE id = $1")
            .bind(study)
            .fetch_one(conn)
            .await?;
    Ok((row.0.map(|json| json.0), row.1.0))
}

/// What a study has in flight: pieces of work and the epochs that they were planned for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct InFlight {
    pub count: i64,
    pub epochs: i64,
}

/// Counts work that has not ended, and work that has ended but whose outcome is not in `consumed`: an outcome that
/// comes in between two reads must not look like free room.
pub async fn work_in_flight(conn: &mut PgConnection, study: Uuid, consumed: &[i64]) -> Result<InFlight, StoreError> {
    Ok(sqlx::query_as(
        "SELECT count(*) AS count, coalesce(sum(epochs), 0)::bigint AS epochs FROM (
             SELECT epochs FROM work WHERE study_id = $1 AND state IN ('queued', 'held', 'leased')
             UNION ALL
             SELECT w.epochs FROM outcomes o JOIN work w ON w.id = o.work_id
             WHERE o.study_id = $1 AND o.settled IS NOT NULL AND o.consumed_by IS NULL AND o.id <> ALL($2)
         ) AS live",
    )
    .bind(study)
    .bind(consumed)
    .fetch_one(conn)
    .await?)
}

/// How the study row changes.
#[derive(Clone, Debug, Default)]
pub struct StudyDelta {
    pub strategy_state: Option<Value>,
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

/// Moves the study from `version` to the next and in the same transaction marks outcomes as consumed. `false`: another
/// coordinator advanced it, or a person changed its state; nothing was changed.
pub async fn advance_study(
    conn: &mut PgConnection,
    study: Uuid,
    version: i64,
    state: &str,
    delta: &StudyDelta,
    consumed: &[i64],
    created: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE studies SET version = version + 1, strategy_state = coalesce($4::text::json, strategy_state),
             bookkeeping = $5::text::json, phase = $6, trials_created = trials_created + $7, trained = trained + $8,
             completed = completed + $9, pruned = pruned + $10, infeasible = infeasible + $11, failed = failed + $12,
             cancelled = cancelled + $13, epochs_spent = epochs_spent + $14, best_trial = $15,
             reason = coalesce($16, reason)
         WHERE id = $1 AND version = $2 AND state = $3",
    )
    .bind(study)
    .bind(version)
    .bind(state)
    .bind(delta.strategy_state.as_ref().map(text).transpose()?)
    .bind(text(&delta.bookkeeping)?)
    .bind(delta.phase)
    .bind(created)
    .bind(delta.trained)
    .bind(delta.completed)
    .bind(delta.pruned)
    .bind(delta.infeasible)
    .bind(delta.failed)
    .bind(delta.cancelled)
    .bind(delta.epochs_spent)
    .bind(delta.best_trial)
    .bind(&delta.reason)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    if !consumed.is_empty() {
        let marked = sqlx::query("UPDATE outcomes SET consumed_by = $2 WHERE id = ANY($1) AND consumed_by IS NULL")
            .bind(consumed)
            .bind(version + 1)
            .execute(conn)
            .await?;
        return Ok(marked.rows_affected() == consumed.len() as u64);
    }
    Ok(true)
}

pub async fn trial_insert(conn: &mut PgConnection, study: Uuid, trials: &[NewTrial]) -> Result<(), StoreError> {
    if trials.is_empty() {
        return Ok(());
    }
    let genotypes = trials.iter().map(|t| t.genotype.as_ref().map(text).transpose()).collect::<Result<Vec<_>, _>>()?;
    let statistics = trials.iter().map(|t| text(&t.statistics)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query(
        "INSERT INTO trials (study_id, id, number, genotype, key, statistics, reason, state, epochs, final, baseline,
             repeat, finished_at)
         SELECT $1, id, number, genotype::json, key, statistics::jsonb, reason,
                CASE WHEN reason IS NULL THEN 'waiting' ELSE 'infeasible' END, epochs, final, baseline, repeat,
                CASE WHEN reason IS NOT NULL THEN now() END
         FROM UNNEST($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bool[],
             $10::bool[], $11::bigint[])
             AS t (id, number, genotype, key, statistics, reason, epochs, final, baseline, repeat)",
    )
    .bind(study)
    .bind(trials.iter().map(|t| t.id).collect::<Vec<_>>())
    .bind(trials.iter().map(|t| t.number).collect::<Vec<_>>())
    .bind(genotypes)
    .bind(trials.iter().map(|t| t.key.clone()).collect::<Vec<_>>())
    .bind(statistics)
    .bind(trials.iter().map(|t| t.infeasible.clone()).collect::<Vec<_>>())
    .bind(trials.iter().map(|t| t.epochs).collect::<Vec<_>>())
    .bind(trials.iter().map(|t| t.is_final).collect::<Vec<_>>())
    .bind(trials.iter().map(|t| t.baseline).collect::<Vec<_>>())
    .bind(trials.iter().map(|t| t.repeat).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn work_insert(conn: &mut PgConnection, study: Uuid, work: &[NewWork]) -> Result<(), StoreError> {
    if work.is_empty() {
        return Ok(());
    }
    let payloads = work.iter().map(|w| text(&w.payload)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query(
        "INSERT INTO work (study_id, id, trial_id, kind, payload, dataset, tag, epochs, priority, state)
         SELECT $1, id, trial, kind, payload::json, dataset, tag, epochs, priority, 'queued'
         FROM UNNEST($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::int[], $9::int[])
             AS w (id, trial, kind, payload, dataset, tag, epochs, priority)",
    )
    .bind(study)
    .bind(work.iter().map(|w| w.id).collect::<Vec<_>>())
    .bind(work.iter().map(|w| w.trial).collect::<Vec<_>>())
    .bind(work.iter().map(|w| w.payload.kind().as_str()).collect::<Vec<_>>())
    .bind(payloads)
    .bind(work.iter().map(|w| w.dataset.clone()).collect::<Vec<_>>())
    .bind(work.iter().map(|w| w.tag).collect::<Vec<_>>())
    .bind(work.iter().map(|w| w.epochs).collect::<Vec<_>>())
    .bind(work.iter().map(|w| w.priority).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
