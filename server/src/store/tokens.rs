//! Bearer tokens, by hash.

use super::StoreError;
use crate::app::TokenView;
use sqlx::PgConnection;
use uuid::Uuid;

pub async fn token_insert(
    conn: &mut PgConnection,
    id: Uuid,
    name: &str,
    role: &str,
    sha256: &[u8],
) -> Result<TokenView, StoreError> {
    Ok(sqlx::query_as(
        "INSERT INTO tokens (id, name, role, sha256) VALUES ($1, $2, $3, $4)
         RETURNING id, name, role, created_at, last_used_at",
    )
    .bind(id)
    .bind(name)
    .bind(role)
    .bind(sha256)
    .fetch_one(conn)
    .await?)
}

pub async fn token_list(conn: &mut PgConnection) -> Result<Vec<TokenView>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id, name, role, created_at, last_used_at FROM tokens WHERE revoked_at IS NULL ORDER BY id",
    )
    .fetch_all(conn)
    .await?)
}

/// Whether there was such a token to revoke.
pub async fn token_revoke(conn: &mut PgConnection, id: Uuid) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The valid token with this hash. Notes its use, at most once a minute.
pub async fn token_find(conn: &mut PgConnection, sha256: &[u8]) -> Result<Option<TokenView>, StoreError> {
    Ok(sqlx::query_as(
        "WITH found AS (
             SELECT id, name, role, created_at, last_used_at FROM tokens WHERE sha256 = $1 AND revoked_at IS NULL
         ), noted AS (
             UPDATE tokens SET last_used_at = now() FROM found
             WHERE tokens.id = found.id
               AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute')
         )
         SELECT * FROM found",
    )
    .bind(sha256)
    .fetch_optional(conn)
    .await?)
}
