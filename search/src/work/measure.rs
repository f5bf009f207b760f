//! Work that takes latencies.

use crate::network::Graph;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Measure the latency of graphs on this worker's device. The outcome's `result` is a [`MeasureResult`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureWork {
    /// Closed graphs by signature: operators at their real input shapes, or whole networks.
    #[schemars(with = "BTreeMap<String, Value>")]
    pub graphs: BTreeMap<String, Graph>,
    pub batch: u32,
    /// Timed runs of each graph after the warm-up; at least 50 for a latency table.
    pub runs: u32,
}

/// Latencies by signature, with where they were taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureResult {
    /// As the worker calls its device (`cpu, 2 threads`).
    pub device: String,
    pub latencies: BTreeMap<String, Latency>,
}

/// Time of a forward pass, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    pub median_us: f64,
    pub mean_us: f64,
    pub runs: u32,
}
