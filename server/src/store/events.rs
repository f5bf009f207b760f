//! Events that streams can be resumed from.

use super::{StoreError, text};
use crate::app::EventView;
use sqlx::PgConnection;
use uuid::Uuid;

/// Writes events and fills in their ids.
pub async fn event_insert(conn: &mut PgConnection, events: &mut [EventView]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let data = events.iter().map(|e| text(&e.data)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<i64> = sqlx::query_scalar(
        "INSERT INTO events (study_id, trial_id, kind, data)
         SELECT s, t, k, d::json FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS e (s, t, k, d)
         RETURNING id",
    )
    .bind(events.iter().map(|e| e.study_id).collect::<Vec<_>>())
    .bind(events.iter().map(|e| e.trial_id).collect::<Vec<_>>())
    .bind(events.iter().map(|e| e.kind.clone()).collect::<Vec<_>>())
    .bind(data)
    .fetch_all(conn)
    .await?;
    for (event, id) in events.iter_mut().zip(ids) {
        event.id = Some(id);
    }
    Ok(())
}

/// Events after `after`, oldest first. Ids are drawn before commits, so a neighbour may appear late: who resumes asks
/// a little further back and takes repetitions.
pub async fn event_after(
    conn: &mut PgConnection,
    study: Option<Uuid>,
    after: i64,
    limit: i64,
) -> Result<Vec<EventView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id, study_id, trial_id, kind, data FROM events
         WHERE id > $1 AND ($2::uuid IS NULL OR study_id = $2) ORDER BY id LIMIT $3",
    )
    .bind(after)
    .bind(study)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Deletes the events of a study (they have no foreign key).
pub async fn event_delete_of_study(conn: &mut PgConnection, study: Uuid) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM events WHERE study_id = $1").bind(study).execute(conn).await?;
    Ok(())
}

pub async fn event_prune(conn: &mut PgConnection, seconds: f64) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM events WHERE created_at < now() - make_interval(secs => $1)")
        .bind(seconds)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
