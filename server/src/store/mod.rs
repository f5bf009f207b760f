//! All SQL, one file per table group. Functions are named noun first and take a connection, so that whoever needs one
//! transaction opens it and passes it on. The store knows no strategy and no HTTP; it reads and writes rows.

mod advance;
mod artifacts;
mod counts;
mod curves;
mod events;
mod finish;
mod idempotency;
mod lanes;
mod latencies;
mod lease;
mod outcomes;
mod pools;
mod report;
mod rescue;
mod runs;
mod spaces;
mod studies;
mod tokens;
mod trials;
mod workers;

pub use advance::*;
pub use artifacts::*;
pub use counts::*;
pub use curves::*;
pub use events::*;
pub use finish::*;
pub use idempotency::*;
pub use lanes::*;
pub use latencies::*;
pub use lease::*;
pub use outcomes::*;
pub use pools::*;
pub use report::*;
pub use rescue::*;
pub use runs::*;
pub use spaces::*;
pub use studies::*;
pub use tokens::*;
pub use trials::*;
pub use workers::*;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migrations: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row that this program wrote cannot be read back: a bug, or a database that was edited by hand.
    #[error("unreadable {what}: {detail}")]
    Unreadable { what: &'static str, detail: String },
}

impl StoreError {
    pub(crate) fn unreadable(what: &'static str, error: impl std::fmt::Display) -> Self {
        StoreError::Unreadable { what, detail: error.to_string() }
    }
}

/// The answer to a write that only the holder of a lease may make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Fenced<T> {
    Applied(T),
    /// The token is no longer the lease's; nothing was changed.
    Stale,
}

/// Serialises to text for a `json` column: bound as text, it is stored as written (`jsonb` would rewrite numbers).
pub(crate) fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::unreadable("value", e))
}
