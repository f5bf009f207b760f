//! Reports: heartbeat and learning-curve points in one message.

use super::ArtifactRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One point of a learning curve. Points are keyed by (work, metric, step): a resumed run overwrites the
/// points after its checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    pub metric: String,
    /// Epochs finished when the value was taken.
    pub step: u32,
    pub value: f64,
}

/// A heartbeat, with whatever came up since the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub token: String,
    #[serde(default)]
    pub points: Vec<CurvePoint>,
    /// Share of the work that is done, 0 to 1.
    #[serde(default)]
    pub progress: Option<f64>,
    /// A checkpoint that another attempt could go on from.
    #[serde(default)]
    pub checkpoint: Option<ArtifactRef>,
}

/// What the worker is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Directive {
    Continue,
    /// Stop training and send the outcome `stopped` with what there is (early stopping).
    Stop,
    /// Upload a checkpoint, report it and give the lease back (pause).
    Release,
    /// Drop the work; nothing more is wanted.
    Cancel,
}

/// The answer to a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportAnswer {
    pub directive: Directive,
    /// RFC 3339 time at which the renewed lease ends.
    pub deadline: String,
}
