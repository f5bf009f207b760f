//! Uploads: only who holds the lease of the work may add artifacts to it.

use super::store::ArtifactError;
use crate::app::{App, AppError, ArtifactView};
use crate::dispatch::parse_id;
use crate::store;
use bytes::Bytes;
use futures::Stream;
use search::fault::Faults;
use uuid::Uuid;

/// What an upload says of itself.
#[derive(Clone, Debug)]
pub struct Upload<'a> {
    pub work_id: &'a str,
    /// Token of the lease.
    pub token: &'a str,
    /// `weights`, `checkpoint`, `log`, …
    pub name: &'a str,
    /// The content's hash in hexadecimal, if the client announced it.
    pub sha256: Option<&'a str>,
}

impl App {
    /// Stores the bytes and then the row: a row never points at nothing.
    pub async fn artifact_put<S, E>(&self, upload: Upload<'_>, body: S) -> Result<ArtifactView, AppError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        check_name(upload.name)?;
        let work = parse_id(upload.work_id, "work")?;
        let token = Uuid::parse_str(upload.token).map_err(|_| AppError::Stale)?;
        self.artifact_owner(work, token).await?;
        let id = Uuid::now_v7();
        let written = self.artifacts.put(id, body, upload.sha256).await?;
        // An upload may take minutes: the lease is looked at again after it.
        let inserted = async {
            let owner = self.artifact_owner(work, token).await?;
            let size = i64::try_from(written.size).map_err(|_| ArtifactError::TooLarge { limit: i64::MAX as u64 })?;
            let mut conn = self.pool.acquire().await?;
            Ok::<_, AppError>(store::artifact_insert(&mut conn, id, &owner, upload.name, size, &written.sha256).await?)
        }
        .await;
        if inserted.is_err() {
            self.artifacts.delete(id).await?;
        }
        inserted
    }

    async fn artifact_owner(&self, work: Uuid, token: Uuid) -> Result<store::ArtifactOwner, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        store::artifact_owner(&mut conn, work, token).await?.ok_or(AppError::Stale)
    }

    /// The artifacts of a trial, oldest first.
    pub async fn artifact_list(&self, trial: Uuid) -> Result<Vec<ArtifactView>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::artifact_of_trial(&mut conn, trial).await?)
    }
}

/// A name is a label that may become a file name on the client's side, so it is kept plain.
fn check_name(name: &str) -> Result<(), AppError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = (1..=100).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('.');
    if good {
        return Ok(());
    }
    Err(Faults::one("/name", "1 to 100 letters, digits, '-', '_' or '.', not starting with '.'").into())
}
