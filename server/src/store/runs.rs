//! Runs: the work of a study that is no trial.

use super::StoreError;
use crate::app::{ArtifactView, AttemptView, RunCurve, RunView};
use search::work::Work;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A run with how its last attempt ended. Each of the usual metrics is one look into the index of the points.
const SELECT: &str = "SELECT w.id, w.study_id, w.kind, w.tag, w.state, w.attempt, w.worker, w.progress, w.epochs,
        w.created_at, o.reason, o.detail, o.ended_at, coalesce(p.epochs_done, 0) AS epochs_done,
        coalesce(p.latest, '{}') AS latest
    FROM work w
    LEFT JOIN LATERAL (
        SELECT coalesce(outcome ->> 'reason', nullif(nullif(outcome ->> 'state', 'done'), 'released')) AS reason,
               coalesce(outcome ->> 'detail', 'after epoch ' || (outcome ->> 'epoch')) AS detail,
               CASE WHEN settled IS NOT NULL THEN created_at END AS ended_at
        FROM outcomes WHERE work_id = w.id ORDER BY id DESC LIMIT 1
    ) o ON true
    LEFT JOIN LATERAL (
        SELECT max(newest.step) AS epochs_done, json_object_agg(name, newest.value) AS latest
        FROM unnest('{train_loss,loss,top1,entropy,skip_count,lambda_max,temperature,expected_cost}'::text[]) AS name
        CROSS JOIN LATERAL (
            SELECT step, value FROM curve_points WHERE work_id = w.id AND metric = name
            ORDER BY attempt DESC, step DESC LIMIT 1
        ) newest
    ) p ON true
    WHERE w.trial_id IS NULL";

pub async fn run_get(conn: &mut PgConnection, id: Uuid) -> Result<Option<RunView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} AND w.id = $1"));
    Ok(sqlx::query_as(sql).bind(id).fetch_optional(conn).await?)
}

/// In the order of creation; `after` is the id that the previous page ended with. The state `live` is all that have not
/// ended.
pub async fn run_list(
    conn: &mut PgConnection,
    study: Uuid,
    state: Option<&str>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<RunView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} AND w.study_id = $1 AND ($2::uuid IS NULL OR w.id > $2)
         AND ($3::text IS NULL OR w.state = $3 OR ($3 = 'live' AND w.state IN ('queued', 'held', 'leased')))
         ORDER BY w.id LIMIT $4"
    ));
    Ok(sqlx::query_as(sql).bind(study).bind(after).bind(state).bind(limit).fetch_all(conn).await?)
}

/// What a run was asked to do.
pub async fn run_payload(conn: &mut PgConnection, id: Uuid) -> Result<Option<Work>, StoreError> {
    let row: Option<Json<Work>> = sqlx::query_scalar("SELECT payload FROM work WHERE id = $1 AND trial_id IS NULL")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|json| json.0))
}

/// What a run found.
pub async fn run_result(conn: &mut PgConnection, id: Uuid) -> Result<Option<Value>, StoreError> {
    let row: Option<Option<Json<Value>>> = sqlx::query_scalar(
        "SELECT outcome -> 'result' FROM outcomes WHERE work_id = $1 AND settled = 'completed' ORDER BY id DESC LIMIT 1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.flatten().map(|json| json.0))
}

/// How its attempts ended, oldest first; the result is left out.
pub async fn run_attempts(conn: &mut PgConnection, id: Uuid) -> Result<Vec<AttemptView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT attempt, outcome::jsonb - 'result' AS outcome, created_at FROM outcomes WHERE work_id = $1 ORDER BY id",
    )
    .bind(id)
    .fetch_all(conn)
    .await?)
}

/// The artifacts of a run, oldest first.
pub async fn run_artifacts(conn: &mut PgConnection, id: Uuid) -> Result<Vec<ArtifactView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id, name, size, sha256, study_id, trial_id, created_at FROM artifacts WHERE work_id = $1 ORDER BY id",
    )
    .bind(id)
    .fetch_all(conn)
    .await?)
}

/// Which metrics of a run.
#[derive(Clone, Debug, Default)]
pub struct CurveFilter {
    /// Only metrics whose name begins so.
    pub prefix: Option<String>,
    /// No metrics whose name begins so.
    pub without: Option<String>,
}

/// The curves of a run as its last attempt left them: what an earlier attempt reported beyond the checkpoint that the
/// last one started from is left out.
pub async fn run_curves(conn: &mut PgConnection, id: Uuid, filter: &CurveFilter) -> Result<Vec<RunCurve>, StoreError> {
    Ok(sqlx::query_as(
        "WITH last AS (
             SELECT attempt, min(step) AS first_step FROM curve_points WHERE work_id = $1
             GROUP BY attempt ORDER BY attempt DESC LIMIT 1
         )
         SELECT p.metric, array_agg(p.step ORDER BY p.step) AS steps, array_agg(p.value ORDER BY p.step) AS values
         FROM curve_points p, last
         WHERE p.work_id = $1 AND (p.attempt = last.attempt OR p.step < last.first_step)
           AND ($2::text IS NULL OR starts_with(p.metric, $2)) AND ($3::text IS NULL OR NOT starts_with(p.metric, $3))
         GROUP BY p.metric ORDER BY p.metric",
    )
    .bind(id)
    .bind(&filter.prefix)
    .bind(&filter.without)
    .fetch_all(conn)
    .await?)
}
