//! Stored spaces.

use super::lists::{page, page_size};
use super::submit::new_space;
use crate::app::{App, AppError, Page, SpaceView};
use crate::store;
use search::space::Space;
use serde_json::Value;
use std::sync::Arc;

impl App {
    /// Stores a space; the same document twice is one space. `builtin` names the ready-made space that it is.
    pub async fn space_put(&self, space: &Space, builtin: Option<&Value>) -> Result<SpaceView, AppError> {
        let size = space.size().to_string();
        let mut conn = self.pool.acquire().await?;
        store::space_put(&mut conn, &new_space(space, &size, builtin)).await?;
        store::space_get(&mut conn, space.fingerprint()).await?.ok_or(AppError::NotFound("space"))
    }

    pub async fn space_get(&self, id: &str) -> Result<SpaceView, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        store::space_get(&mut conn, id).await?.ok_or(AppError::NotFound("space"))
    }

    /// A stored space, compiled.
    pub async fn space_load(&self, id: &str) -> Result<Arc<Space>, AppError> {
        let stored = self.space_get(id).await?;
        Ok(Arc::new(Space::parse(&stored.document)?))
    }

    /// Newest first.
    pub async fn space_list(&self, cursor: Option<&str>, limit: Option<u32>) -> Result<Page<SpaceView>, AppError> {
        let limit = page_size(limit)?;
        let mut conn = self.relaxed.acquire().await?;
        let rows = store::space_list(&mut conn, cursor, limit + 1).await?;
        Ok(page(rows, limit, |space| space.id.clone()))
    }
}
