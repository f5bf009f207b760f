//! What can go wrong inside, in words that know no HTTP; `api` turns them into `application/problem+json`.

use crate::artifact::ArtifactError;
use crate::store::StoreError;
use search::fault::Faults;

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The document that came in is wrong; all faults at once.
    #[error("{0}")]
    Invalid(Faults),
    /// There is no such thing; the word says which kind (`study`, `trial`, `work`, `artifact`, …).
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The lease is no longer the caller's: drop the work, keep the slot.
    #[error("the lease has ended or belongs to another worker")]
    Stale,
    /// The thing is there but in a state that does not allow this; a sentence for people.
    #[error("{0}")]
    Conflict(String),
    /// The bytes do not match the hash that was announced.
    #[error("the content's sha256 is {found}, not {announced}")]
    WrongHash { announced: String, found: String },
    /// The body is longer than this installation accepts.
    #[error("the body is longer than {limit} bytes")]
    TooLarge { limit: u64 },
    /// Ours to repair: logged, never sent.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl From<Faults> for AppError {
    fn from(faults: Faults) -> Self {
        AppError::Invalid(faults)
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        AppError::Internal(anyhow::Error::new(error))
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        AppError::from(StoreError::from(error))
    }
}

impl From<ArtifactError> for AppError {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::WrongHash { announced, found } => AppError::WrongHash { announced, found },
            ArtifactError::TooLarge { limit } => AppError::TooLarge { limit },
            ArtifactError::Missing => AppError::NotFound("artifact"),
            other => AppError::Internal(anyhow::Error::new(other)),
        }
    }
}
