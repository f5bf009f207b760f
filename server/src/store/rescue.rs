//! Work whose lease ran out, and what pausing, resuming and stopping do to a study's work.

use super::StoreError;
use sqlx::PgConnection;
use uuid::Uuid;

/// Work whose deadline has passed, with the token that it was leased under. Not locked: who settles it locks it and
/// looks again.
pub async fn work_expired(conn: &mut PgConnection, limit: i64) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id, lease_token FROM work WHERE state = 'leased' AND deadline < now() ORDER BY deadline LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Pause: queued work is held, leased work is asked back at its next report.
pub async fn work_hold(conn: &mut PgConnection, study: Uuid) -> Result<(), StoreError> {
    sqlx::query(
        "WITH held AS (
             UPDATE work SET state = CASE state WHEN 'queued' THEN 'held' ELSE state END,
                 directive = CASE state WHEN 'leased' THEN 'release' END
             WHERE study_id = $1 AND state IN ('queued', 'leased') RETURNING trial_id, state
         )
         UPDATE trials SET state = 'paused' FROM held WHERE trials.id = held.trial_id AND held.state = 'held'",
    )
    .bind(study)
    .execute(conn)
    .await?;
    Ok(())
}

/// Resume: held work is queued again; a wish for work back that was not yet told is dropped.
pub async fn work_unhold(conn: &mut PgConnection, study: Uuid) -> Result<(), StoreError> {
    sqlx::query(
        "WITH freed AS (
             UPDATE work SET state = CASE state WHEN 'held' THEN 'queued' ELSE state END, directive = NULL
             WHERE study_id = $1 AND state IN ('held', 'leased') RETURNING trial_id, state
         )
         UPDATE trials SET state = 'waiting' FROM freed WHERE trials.id = freed.trial_id AND freed.state = 'queued'",
    )
    .bind(study)
    .execute(conn)
    .await?;
    Ok(())
}

/// Leased work of a study is told this at its next report.
pub async fn work_direct(conn: &mut PgConnection, study: Uuid, directive: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE work SET directive = $2 WHERE study_id = $1 AND state = 'leased'")
        .bind(study)
        .bind(directive)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ids of a study's work in these states.
pub async fn work_ids(conn: &mut PgConnection, study: Uuid, states: &[&str]) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT id FROM work WHERE study_id = $1 AND state IN ('queued', 'held', 'leased') AND state = ANY($2) ORDER BY id",
    )
    .bind(study)
    .bind(states)
    .fetch_all(conn)
    .await?)
}

/// The work of a trial that has not ended.
pub async fn work_of_trial(conn: &mut PgConnection, trial: Uuid) -> Result<Option<Uuid>, StoreError> {
    Ok(sqlx::query_scalar("SELECT id FROM work WHERE trial_id = $1 AND state IN ('queued', 'held', 'leased')")
        .bind(trial)
        .fetch_optional(conn)
        .await?)
}
