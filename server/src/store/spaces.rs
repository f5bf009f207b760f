//! Spaces, by fingerprint.

use super::{StoreError, text};
use crate::app::SpaceView;
use serde_json::Value;
use sqlx::PgConnection;

const COLUMNS: &str = "id, name, size, builtin, document, created_at";

/// A space as it is written.
pub struct NewSpace<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub document: &'a Value,
    pub size: &'a str,
    pub builtin: Option<&'a Value>,
}

/// Stores a space; storing it again changes nothing.
pub async fn space_put(conn: &mut PgConnection, space: &NewSpace<'_>) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO spaces (id, name, document, size, builtin) VALUES ($1, $2, $3::text::json, $4, $5::text::json)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(space.id)
    .bind(space.name)
    .bind(text(space.document)?)
    .bind(space.size)
    .bind(space.builtin.map(text).transpose()?)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn space_get(conn: &mut PgConnection, id: &str) -> Result<Option<SpaceView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM spaces WHERE id = $1"));
    Ok(sqlx::query_as(sql).bind(id).fetch_optional(conn).await?)
}

/// Newest first; `before` is the id that the previous page ended with.
pub async fn space_list(
    conn: &mut PgConnection,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<SpaceView>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM spaces
         WHERE $1::text IS NULL OR (created_at, id) < (SELECT created_at, id FROM spaces WHERE id = $1)
         ORDER BY created_at DESC, id DESC LIMIT $2"
    ));
    Ok(sqlx::query_as(sql).bind(before).bind(limit).fetch_all(conn).await?)
}
