//! Rows of artifacts; the bytes are in the object store.

use super::StoreError;
use crate::app::ArtifactView;
use sqlx::PgConnection;
use uuid::Uuid;

/// The work that an upload belongs to, if the token is that of its present lease.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ArtifactOwner {
    pub work_id: Uuid,
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
}

/// Finds the owner of an upload; `None` when the token is stale or the work is unknown.
pub async fn artifact_owner(
    conn: &mut PgConnection,
    work: Uuid,
    token: Uuid,
) -> Result<Option<ArtifactOwner>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id AS work_id, study_id, trial_id FROM work WHERE id = $1 AND lease_token = $2 AND state = 'leased'",
    )
    .bind(work)
    .bind(token)
    .fetch_optional(conn)
    .await?)
}

pub async fn artifact_insert(
    conn: &mut PgConnection,
    id: Uuid,
    owner: &ArtifactOwner,
    name: &str,
    size: i64,
    sha256: &str,
) -> Result<ArtifactView, StoreError> {
    Ok(sqlx::query_as(
        "INSERT INTO artifacts (id, work_id, study_id, trial_id, name, size, sha256) VALUES ($1, $2, $3, $4, $5, $6, $7)
         RETURNING id, name, size, sha256, study_id, trial_id, created_at",
    )
    .bind(id)
    .bind(owner.work_id)
    .bind(owner.study_id)
    .bind(owner.trial_id)
    .bind(name)
    .bind(size)
    .bind(sha256)
    .fetch_one(conn)
    .await?)
}

pub async fn artifact_get(conn: &mut PgConnection, id: Uuid) -> Result<Option<ArtifactView>, StoreError> {
    Ok(sqlx::query_as("SELECT id, name, size, sha256, study_id, trial_id, created_at FROM artifacts WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?)
}

/// The artifacts of a trial, oldest first.
pub async fn artifact_of_trial(conn: &mut PgConnection, trial: Uuid) -> Result<Vec<ArtifactView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id, name, size, sha256, study_id, trial_id, created_at FROM artifacts WHERE trial_id = $1 ORDER BY id",
    )
    .bind(trial)
    .fetch_all(conn)
    .await?)
}

pub async fn artifact_ids_of_study(conn: &mut PgConnection, study: Uuid) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar("SELECT id FROM artifacts WHERE study_id = $1").bind(study).fetch_all(conn).await?)
}

/// Checkpoints that nobody will go on from: replaced by a newer one, or of work that has ended. Young ones are spared,
/// because a checkpoint is uploaded before the report that names it.
pub async fn artifact_spent_checkpoints(conn: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT a.id FROM artifacts a JOIN work w ON w.id = a.work_id
         WHERE a.name = 'checkpoint' AND a.created_at < now() - interval '10 minutes'
           AND (w.state IN ('done', 'failed', 'cancelled') OR w.checkpoint IS DISTINCT FROM a.id)
         ORDER BY a.id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

pub async fn artifact_delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM artifacts WHERE id = ANY($1)").bind(ids).execute(conn).await?;
    Ok(())
}
