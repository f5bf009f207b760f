//! Workers as they announced themselves.

use super::StoreError;
use crate::app::WorkerView;
use search::work::WorkerInfo;
use sqlx::PgConnection;

/// Registers or replaces.
pub async fn worker_put(conn: &mut PgConnection, info: &WorkerInfo) -> Result<(), StoreError> {
    let kinds: Vec<&str> = info.kinds.iter().map(|k| k.as_str()).collect();
    sqlx::query(
        "INSERT INTO workers (name, device, slots, kinds, datasets, version) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET device = excluded.device, slots = excluded.slots, kinds = excluded.kinds,
             datasets = excluded.datasets, version = excluded.version, registered_at = now(), seen_at = now()",
    )
    .bind(&info.name)
    .bind(&info.device)
    .bind(i32::try_from(info.slots).unwrap_or(i32::MAX))
    .bind(kinds)
    .bind(&info.datasets)
    .bind(&info.version)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that these workers were heard of.
pub async fn worker_seen(conn: &mut PgConnection, names: &[String]) -> Result<(), StoreError> {
    sqlx::query("UPDATE workers SET seen_at = now() WHERE name = ANY($1)").bind(names).execute(conn).await?;
    Ok(())
}

/// All workers, the one last heard of first.
pub async fn worker_list(conn: &mut PgConnection) -> Result<Vec<WorkerView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT w.*, (SELECT count(*) FROM work WHERE work.worker = w.name AND work.state = 'leased') AS busy
         FROM workers w ORDER BY w.seen_at DESC, w.name",
    )
    .fetch_all(conn)
    .await?)
}

/// Names of data sets that some worker has announced.
pub async fn worker_datasets(conn: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar("SELECT DISTINCT unnest(datasets) AS name FROM workers ORDER BY name")
        .fetch_all(conn)
        .await?)
}

/// Forgets workers that were not heard of for so long and hold nothing.
pub async fn worker_prune(conn: &mut PgConnection, seconds: f64) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM workers w WHERE seen_at < now() - make_interval(secs => $1)
         AND NOT EXISTS (SELECT 1 FROM work WHERE work.worker = w.name AND work.state = 'leased')",
    )
    .bind(seconds)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
