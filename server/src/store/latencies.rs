//! Latency tables: what `measure` runs found, by device, batch and signature.

use super::StoreError;
use crate::app::{LatencyTableView, LatencyView};
use chrono::{DateTime, Utc};
use search::work::MeasureResult;
use sqlx::PgConnection;
use uuid::Uuid;

/// Longer names are not kept: an index takes no more.
const LONGEST: usize = 1000;

/// Keeps what a measurement found, over what was known before. Nothing happens for work of another kind; entries that
/// are no latencies are left out, since they must not spoil the outcome that brings them.
pub async fn latency_keep(conn: &mut PgConnection, work: Uuid, result: &MeasureResult) -> Result<(), StoreError> {
    let usable = |us: f64| us.is_finite() && us > 0.0;
    let kept = || {
        result.latencies.iter().filter(|(signature, latency)| {
            signature.len() <= LONGEST && usable(latency.median_us) && usable(latency.mean_us) && latency.runs > 0
        })
    };
    if result.device.is_empty() || result.device.len() > LONGEST {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO latencies (device, batch, signature, median_us, mean_us, runs, measured_at)
         SELECT $2, (w.payload ->> 'batch')::int, l.signature, l.median_us, l.mean_us, l.runs, clock_timestamp()
         FROM work w, UNNEST($3::text[], $4::float8[], $5::float8[], $6::int[])
             AS l (signature, median_us, mean_us, runs)
         WHERE w.id = $1 AND w.kind = 'measure' AND (w.payload ->> 'batch')::int > 0
         ON CONFLICT (device, batch, signature) DO UPDATE SET median_us = excluded.median_us,
             mean_us = excluded.mean_us, runs = excluded.runs, measured_at = excluded.measured_at
         WHERE latencies.measured_at <= excluded.measured_at",
    )
    .bind(work)
    .bind(&result.device)
    .bind(kept().map(|(signature, _)| signature.clone()).collect::<Vec<_>>())
    .bind(kept().map(|(_, latency)| latency.median_us).collect::<Vec<_>>())
    .bind(kept().map(|(_, latency)| latency.mean_us).collect::<Vec<_>>())
    .bind(kept().map(|(_, latency)| i32::try_from(latency.runs).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// All tables, by device and batch.
pub async fn latency_tables(conn: &mut PgConnection) -> Result<Vec<LatencyTableView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT device, batch, count(*) AS entries, max(measured_at) AS newest, min(measured_at) AS oldest
         FROM latencies GROUP BY device, batch ORDER BY device, batch",
    )
    .fetch_all(conn)
    .await?)
}

/// The entries of a table, by signature.
pub async fn latency_entries(
    conn: &mut PgConnection,
    device: &str,
    batch: i32,
) -> Result<Vec<(String, LatencyView)>, StoreError> {
    let rows: Vec<(String, f64, f64, i32, DateTime<Utc>)> = sqlx::query_as(
        "SELECT signature, median_us, mean_us, runs, measured_at FROM latencies
         WHERE device = $1 AND batch = $2 ORDER BY signature",
    )
    .bind(device)
    .bind(batch)
    .fetch_all(conn)
    .await?;
    let view = |(signature, median_us, mean_us, runs, measured_at)| {
        (signature, LatencyView { median_us, mean_us, runs, measured_at })
    };
    Ok(rows.into_iter().map(view).collect())
}
