//! Reports: one statement renews the lease and writes the curve points.

use super::{Fenced, StoreError};
use chrono::{DateTime, Utc};
use search::work::CurvePoint;
use sqlx::PgConnection;
use uuid::Uuid;

/// A report with its ids parsed.
pub struct ReportWrite<'a> {
    pub work: Uuid,
    pub token: Uuid,
    pub points: &'a [CurvePoint],
    pub progress: Option<f64>,
    pub checkpoint: Option<Uuid>,
    /// Length of the renewed lease.
    pub seconds: f64,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Renewed {
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
    pub directive: Option<String>,
    pub deadline: DateTime<Utc>,
}

/// Points of one metric and step that stand twice in a report are an error of the database; the last one is taken by
/// the caller. A checkpoint counts only if it is an artifact of the same work.
pub async fn work_report(conn: &mut PgConnection, report: &ReportWrite<'_>) -> Result<Fenced<Renewed>, StoreError> {
    let row: Option<Renewed> = sqlx::query_as(
        "WITH renewed AS (
             UPDATE work SET deadline = now() + make_interval(secs => $3), progress = coalesce($4, progress),
                 checkpoint = coalesce((SELECT a.id FROM artifacts a WHERE a.id = $5 AND a.work_id = work.id), checkpoint)
             WHERE id = $1 AND lease_token = $2 AND state = 'leased'
             RETURNING id, study_id, trial_id, attempt, directive, deadline
         ), points AS (
             INSERT INTO curve_points (work_id, metric, step, value, attempt)
             SELECT renewed.id, p.metric, p.step, p.value, renewed.attempt
             FROM renewed, UNNEST($6::text[], $7::int[], $8::float8[]) AS p (metric, step, value)
             ON CONFLICT (work_id, metric, step) DO UPDATE SET value = excluded.value, attempt = excluded.attempt
         )
         SELECT study_id, trial_id, directive, deadline FROM renewed",
    )
    .bind(report.work)
    .bind(report.token)
    .bind(report.seconds)
    .bind(report.progress)
    .bind(report.checkpoint)
    .bind(report.points.iter().map(|p| p.metric.clone()).collect::<Vec<_>>())
    .bind(report.points.iter().map(|p| i32::try_from(p.step).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .bind(report.points.iter().map(|p| p.value).collect::<Vec<_>>())
    .fetch_optional(conn)
    .await?;
    Ok(row.map_or(Fenced::Stale, Fenced::Applied))
}
