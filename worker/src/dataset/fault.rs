//! What can be wrong with a data set, each with the file that it is wrong in.

use std::path::{Path, PathBuf};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum DatasetError {
    #[error("no data set named `{name}` in {}; known here: {}", list(roots), known.join(", "))]
    Unknown { name: String, roots: Vec<PathBuf>, known: Vec<String> },
    #[error("{}: the manifest is not usable: {detail}", path.display())]
    Manifest { path: PathBuf, detail: String },
    #[error("{}: file of data set `{dataset}` is missing; `nascent data get {dataset}` fetches it", path.display())]
    Missing { path: PathBuf, dataset: String },
    #[error("{}: sha256 is {found}, the manifest says {expected}; the file is damaged or another version", path.display())]
    Checksum { path: PathBuf, found: String, expected: String },
    /// Truncated, of another shape, or with impossible labels.
    #[error("{}: {detail}", path.display())]
    Malformed { path: PathBuf, detail: String },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

impl DatasetError {
    pub fn malformed(path: &Path, detail: impl Into<String>) -> Self {
        DatasetError::Malformed { path: path.to_path_buf(), detail: detail.into() }
    }

    pub fn io(path: &Path, source: std::io::Error) -> Self {
        DatasetError::Io { path: path.to_path_buf(), source }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    if shown.is_empty() { "any data folder (none exists)".into() } else { shown.join(", ") }
}
