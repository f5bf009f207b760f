//! A worker's introduction, its request for work, and the lease that it gets.

use super::{ArtifactRef, Work, WorkKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a worker says of itself when it registers. Registering again under the same name replaces the entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkerInfo {
    /// Stable identity, unique in the installation (a host name and a slot group, say).
    pub name: String,
    /// For people: "cpu, 2 threads", "NVIDIA H100".
    pub device: String,
    pub slots: u32,
    pub kinds: Vec<WorkKind>,
    /// Names of the data sets that it can read.
    pub datasets: Vec<String>,
    pub version: String,
}

/// Asks for one piece of work. The server holds the request for up to `wait_seconds` (long poll).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeaseRequest {
    /// The worker's name. Work that this name and slot left unfinished is given back first.
    pub worker: String,
    #[serde(default)]
    pub slot: u32,
    pub kinds: Vec<WorkKind>,
    /// Data sets that the worker has; `None` takes work for any (external trainers).
    #[serde(default)]
    pub datasets: Option<Vec<String>>,
    /// Take only work of this study.
    #[serde(default)]
    pub study: Option<String>,
    #[serde(default)]
    pub wait_seconds: u32,
}

/// A piece of work lent to one worker until `deadline`; every report renews it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lease {
    /// Id of the work.
    pub work_id: String,
    /// Fencing token: reports and outcomes under another token get 409.
    pub token: String,
    pub study_id: String,
    /// Absent for work that is not a trial (supernets).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_id: Option<String>,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// RFC 3339 time at which the lease ends unless renewed.
    pub deadline: String,
    /// How often to report at the latest.
    pub heartbeat_seconds: f64,
    /// The newest checkpoint of an earlier attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<ArtifactRef>,
    pub work: Work,
}
