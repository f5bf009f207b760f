//! Idempotency keys of submissions.

use super::StoreError;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a key stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyClaim {
    /// New: it now stands for the study of this transaction.
    Claimed,
    /// The same request was answered with this study.
    Answered(Uuid),
    /// The key was used with another body.
    OtherBody,
}

/// Claims a key for a study; waits for a transaction that is claiming the same key. Call it after inserting the study
/// and roll back unless the answer is `Claimed`.
pub async fn key_claim(
    conn: &mut PgConnection,
    key: &str,
    body_sha256: &[u8],
    study: Uuid,
) -> Result<KeyClaim, StoreError> {
    let claimed = sqlx::query(
        "INSERT INTO idempotency_keys (key, body_sha256, study_id) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING",
    )
    .bind(key)
    .bind(body_sha256)
    .bind(study)
    .execute(&mut *conn)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(KeyClaim::Claimed);
    }
    let (body, study): (Vec<u8>, Uuid) =
        sqlx::query_as("SELECT body_sha256, study_id FROM idempotency_keys WHERE key = $1")
            .bind(key)
            .fetch_one(conn)
            .await?;
    Ok(if body == body_sha256 { KeyClaim::Answered(study) } else { KeyClaim::OtherBody })
}

/// Forgets keys older than `seconds`; returns how many.
pub async fn key_prune(conn: &mut PgConnection, seconds: f64) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(secs => $1)")
        .bind(seconds)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
