//! What the inside of the coordinator must be told. `config` fills it from flags and environment.

use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Settings {
    pub database_url: String,
    /// Connections for work that must be on disk when it is answered.
    pub connections: u32,
    pub artifacts: ArtifactPlace,
    /// Longest artifact that is accepted, bytes.
    pub artifact_limit: u64,
    /// How long a lease lasts without a report.
    pub lease: Duration,
    /// How often workers are asked to report.
    pub heartbeat: Duration,
    /// How often loops look when nothing wakes them.
    pub period: Duration,
    /// How long streams can be resumed and idempotency keys are remembered.
    pub keep_events: Duration,
}

/// Where artifact bytes are kept.
#[derive(Clone, Debug)]
pub enum ArtifactPlace {
    Folder(PathBuf),
    S3 {
        bucket: String,
        prefix: String,
        region: String,
        /// For stores that are not Amazon's.
        endpoint: Option<String>,
        access_key: Option<String>,
        secret_key: Option<String>,
    },
}

impl Settings {
    /// Defaults around a database and a folder.
    pub fn new(database_url: impl Into<String>, artifacts: ArtifactPlace) -> Self {
        Settings {
            database_url: database_url.into(),
            connections: 16,
            artifacts,
            artifact_limit: 8 << 30,
            lease: Duration::from_secs(60),
            heartbeat: Duration::from_secs(15),
            period: Duration::from_secs(2),
            keep_events: Duration::from_secs(24 * 3600),
        }
    }

    /// What is legal but dangerous, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.lease < 2 * self.heartbeat {
            warnings.push(format!(
                "a lease of {:?} ends before a worker that reports every {:?} has missed two reports; healthy work will be taken away",
                self.lease, self.heartbeat
            ));
        }
        warnings
    }
}
