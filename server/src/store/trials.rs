//! Trials: lists, the candidates for final training, what a study has evaluated.

use super::StoreError;
use crate::app::{AttemptView, TrialView, Values};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

const COLUMNS: &str =
    "id, study_id, number, state, reason, attempt, genotype, statistics, metrics, epochs, epochs_done,
    final, baseline, worker, created_at, started_at, finished_at";

pub async fn trial_get(conn: &mut PgConnection, id: Uuid) -> Result<Option<TrialView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM trials WHERE id = $1"));
    Ok(sqlx::query_as(sql).bind(id).fetch_optional(conn).await?)
}

/// How a list of trials is ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialOrder {
    /// Metric or statistic; `None` orders by number.
    pub by: Option<String>,
    pub descending: bool,
}

/// Where the previous page ended: the value that it is ordered by, and the number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrialCursor {
    pub value: f64,
    pub number: i64,
}

/// One page of a study's trials with the value that each is ordered by. Trials without the metric come last.
pub async fn trial_list(
    conn: &mut PgConnection,
    study: Uuid,
    state: Option<&str>,
    order: &TrialOrder,
    after: Option<TrialCursor>,
    limit: i64,
) -> Result<Vec<(TrialView, f64)>, StoreError> {
    let direction = if order.descending { ("DESC", "<") } else { ("ASC", ">") };
    let mut sql = QueryBuilder::<Postgres>::new(format!("SELECT * FROM (SELECT {COLUMNS}, "));
    match &order.by {
        None => sql.push("number::float8"),
        Some(metric) => sql
            .push("coalesce((metrics ->> ")
            .push_bind(metric)
            .push(")::float8, (statistics ->> ")
            .push_bind(metric)
            .push(if order.descending { ")::float8, '-Infinity')" } else { ")::float8, 'Infinity')" }),
    };
    sql.push(" AS sort_value FROM trials WHERE study_id = ").push_bind(study);
    if let Some(state) = state {
        sql.push(" AND state = ").push_bind(state);
    }
    sql.push(") AS t");
    if let Some(after) = after {
        sql.push(format!(" WHERE sort_value {} ", direction.1)).push_bind(after.value);
        sql.push(" OR (sort_value = ").push_bind(after.value).push(" AND number > ").push_bind(after.number).push(")");
    }
    sql.push(format!(" ORDER BY sort_value {}, number LIMIT ", direction.0)).push_bind(limit);
    let rows: Vec<SortedTrial> = sql.build_query_as().fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.trial, row.sort_value)).collect())
}

#[derive(sqlx::FromRow)]
struct SortedTrial {
    #[sqlx(flatten)]
    trial: TrialView,
    sort_value: f64,
}

/// Completed trials of the search (not the final ones), by number.
pub async fn trial_completed(conn: &mut PgConnection, study: Uuid) -> Result<Vec<TrialView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM trials WHERE study_id = $1 AND state = 'completed' AND NOT final ORDER BY number"
    ));
    Ok(sqlx::query_as(sql).bind(study).fetch_all(conn).await?)
}

/// Final trials, by number.
pub async fn trial_final(conn: &mut PgConnection, study: Uuid) -> Result<Vec<TrialView>, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM trials WHERE study_id = $1 AND final ORDER BY number"));
    Ok(sqlx::query_as(sql).bind(study).fetch_all(conn).await?)
}

/// The work payload of a trial; absent for trials that were infeasible before any work was made.
pub async fn trial_payload(conn: &mut PgConnection, id: Uuid) -> Result<Option<Value>, StoreError> {
    let row: Option<Json<Value>> =
        sqlx::query_scalar("SELECT payload FROM work WHERE trial_id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|json| json.0))
}

/// How the attempts of a trial ended, oldest first.
pub async fn trial_attempts(conn: &mut PgConnection, id: Uuid) -> Result<Vec<AttemptView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT o.attempt, o.outcome, o.created_at FROM work w JOIN outcomes o ON o.work_id = w.id
         WHERE w.trial_id = $1 ORDER BY o.id",
    )
    .bind(id)
    .fetch_all(conn)
    .await?)
}

/// What a study has evaluated or is evaluating, for answering duplicates.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EvaluatedRow {
    pub key: String,
    pub epochs: i32,
    pub repeat: i64,
    pub state: String,
    pub epochs_done: i32,
    #[sqlx(json)]
    pub statistics: Values,
    #[sqlx(json)]
    pub metrics: Values,
    /// Whether its outcome was taken in by an advance (a trial without work never had one).
    pub consumed: bool,
}

/// Every trial of the search; read once, when a study is loaded into the cache.
pub async fn trial_evaluated(conn: &mut PgConnection, study: Uuid) -> Result<Vec<EvaluatedRow>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT t.key, t.epochs, t.repeat, t.state, t.epochs_done, t.statistics, t.metrics,
                w.id IS NULL OR EXISTS (SELECT 1 FROM outcomes o WHERE o.work_id = w.id AND o.consumed_by IS NOT NULL)
                    AS consumed
         FROM trials t LEFT JOIN work w ON w.trial_id = t.id
         WHERE t.study_id = $1 AND NOT t.final ORDER BY t.number",
    )
    .bind(study)
    .fetch_all(conn)
    .await?)
}
