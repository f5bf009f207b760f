//! Numbers for `/metrics`, from tallies and small partial indexes: nothing here grows with history.

use super::StoreError;
use crate::app::ServiceCounts;
use sqlx::PgConnection;

pub async fn service_counts(conn: &mut PgConnection) -> Result<ServiceCounts, StoreError> {
    let mut counts = ServiceCounts::default();
    for state in ["draft", "running", "paused", "stopping", "completed", "stopped", "failed"] {
        counts.studies.insert(state.into(), 0);
    }
    let studies: Vec<(String, i64)> =
        sqlx::query_as("SELECT state, count(*) FROM studies GROUP BY state").fetch_all(&mut *conn).await?;
    counts.studies.extend(studies);
    for state in ["queued", "held", "leased"] {
        counts.work.insert(state.into(), 0);
    }
    let work: Vec<(String, i64)> =
        sqlx::query_as("SELECT state, count(*) FROM work WHERE state IN ('queued', 'held', 'leased') GROUP BY state")
            .fetch_all(&mut *conn)
            .await?;
    counts.work.extend(work);
    trials(conn, &mut counts).await?;
    (counts.workers, counts.slots) = sqlx::query_as(
        "SELECT count(*), coalesce(sum(slots), 0)::bigint FROM workers WHERE seen_at > now() - interval '1 minute'",
    )
    .fetch_one(&mut *conn)
    .await?;
    counts.oldest_queued_seconds = sqlx::query_scalar(
        "SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM work WHERE state = 'queued'",
    )
    .fetch_one(&mut *conn)
    .await?;
    counts.outcomes_waiting =
        sqlx::query_scalar("SELECT count(*) FROM outcomes WHERE settled IS NOT NULL AND consumed_by IS NULL")
            .fetch_one(conn)
            .await?;
    Ok(counts)
}

async fn trials(conn: &mut PgConnection, counts: &mut ServiceCounts) -> Result<(), StoreError> {
    let ended: (i64, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT coalesce(sum(completed), 0)::bigint, coalesce(sum(pruned), 0)::bigint,
                coalesce(sum(infeasible), 0)::bigint, coalesce(sum(failed), 0)::bigint,
                coalesce(sum(cancelled), 0)::bigint FROM studies",
    )
    .fetch_one(conn)
    .await?;
    let live = |state: &str| counts.work.get(state).copied().unwrap_or(0);
    let all = [
        ("waiting", live("queued")),
        ("running", live("leased")),
        ("paused", live("held")),
        ("completed", ended.0),
        ("pruned", ended.1),
        ("infeasible", ended.2),
        ("failed", ended.3),
        ("cancelled", ended.4),
    ];
    counts.trials = all.into_iter().map(|(state, n)| (state.to_owned(), n)).collect();
    Ok(())
}
