//! How a piece of work ended.

use super::ArtifactRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why work failed. *Infeasible* candidates are never tried again, the others up to `max_attempts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The loss or a weight became NaN or infinite.
    Diverged,
    OutOfMemory,
    /// The candidate or the data cannot be used; trying again cannot help.
    InvalidInput,
    /// The worker's process failed while it held the work.
    Crashed,
    /// The lease ran out without a report.
    LeaseExpired,
    /// The worker finished without one of the required metrics.
    NoMetrics,
    Other,
}

/// A file that came out of the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamedArtifact {
    /// `weights`, `description`, `torchscript`, `checkpoint`, `log`, …
    pub name: String,
    pub id: ArtifactRef,
}

/// The outcome of one lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// Ran to its end.
    Done {
        metrics: BTreeMap<String, f64>,
        #[serde(default)]
        artifacts: Vec<NamedArtifact>,
        /// What a `supernet`, `score` or `measure` run found, for the strategy that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
    },
    /// Told to stop before its end (pruned); the metrics are those of the last epoch.
    Stopped {
        epoch: u32,
        metrics: BTreeMap<String, f64>,
        #[serde(default)]
        artifacts: Vec<NamedArtifact>,
    },
    /// The candidate cannot be built or breaks a constraint; never retried.
    Infeasible { detail: String },
    /// Failed; retried while attempts are left (except `invalid_input`).
    Failed { reason: FailureReason, detail: String },
    /// Given back unfinished (shutdown, pause); does not count as an attempt.
    Released,
}
