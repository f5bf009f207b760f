//! What clients see of runs (work that is no trial) and of latency tables.

use super::{ArtifactView, AttemptView, Values};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use uuid::Uuid;

/// Work of a study that is no trial.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct RunView {
    pub id: Uuid,
    pub study_id: Uuid,
    /// `supernet`, `score` or `measure`.
    pub kind: String,
    /// The strategy's name for the order.
    pub tag: Option<i64>,
    /// `queued`, `held` (its study is paused), `leased`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Why the last attempt ended, unless it came to its end: a failure's reason (`diverged`, `out_of_memory`, …),
    /// `infeasible` or `stopped`. A run that waits for its next attempt has one too.
    pub reason: Option<String>,
    /// The same in words.
    pub detail: Option<String>,
    /// 0 while it waits for its first worker.
    pub attempt: i32,
    /// Who has it, or had it last.
    pub worker: Option<String>,
    /// Share that is done, 0 to 1.
    pub progress: f64,
    /// Epochs it is to run; 0 for work without epochs.
    pub epochs: i32,
    pub epochs_done: i32,
    /// Newest values of the usual metrics (`loss`, `top1`, `train_loss`, `skip_count`, `lambda_max`, …).
    #[sqlx(json)]
    pub latest: Values,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A run with everything that belongs to it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunDetail {
    #[serde(flatten)]
    pub run: RunView,
    /// What it found; absent until it is done.
    #[schema(schema_with = result_schema)]
    pub result: Option<Value>,
    pub attempts: Vec<AttemptView>,
    pub artifacts: Vec<ArtifactView>,
    /// The decisions of a supernet, in the order in which they stand in the network.
    pub decisions: Vec<DecisionView>,
    /// How many operators the network that comes out has in its largest group of decisions.
    pub edges: Option<u32>,
}

fn result_schema() -> Ref {
    Ref::from_schema_name("RunResult")
}

/// One decision of a supernet: a probability per label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    pub id: String,
    /// The part of the network that it belongs to (`network.cells.normal`), or nothing.
    pub group: String,
    pub labels: Vec<String>,
}

/// The course of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct RunCurve {
    pub metric: String,
    /// Epochs finished, ascending.
    pub steps: Vec<i32>,
    /// A value per step.
    pub values: Vec<f64>,
}

/// A latency table without its entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct LatencyTableView {
    pub device: String,
    pub batch: i32,
    pub entries: i64,
    /// When its newest entry was measured.
    pub newest: DateTime<Utc>,
    pub oldest: DateTime<Utc>,
}

/// A latency table with its entries. Device and latencies stand as in the result of a `measure` run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyTableDetail {
    pub device: String,
    pub batch: i32,
    /// By signature of the graph.
    pub latencies: BTreeMap<String, LatencyView>,
}

/// Time of a forward pass, microseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyView {
    pub median_us: f64,
    pub mean_us: f64,
    pub runs: i32,
    pub measured_at: DateTime<Utc>,
}
