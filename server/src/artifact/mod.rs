//! Artifacts: bytes in an object store (a folder or S3), a row in Postgres.

mod download;
mod store;
mod upload;

pub use download::{Download, Range};
pub use store::{ArtifactError, ArtifactStore};
pub use upload::Upload;
