//! The closed set of work kinds and what each needs to run.

use super::{MeasureWork, ScoreWork, SupernetWork};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An artifact of the object store, by id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ArtifactRef(pub String);

/// The kinds of work without their contents; what a worker says it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    Train,
    Supernet,
    Score,
    Measure,
}

impl WorkKind {
    /// All kinds.
    pub const ALL: [WorkKind; 4] = [WorkKind::Train, WorkKind::Supernet, WorkKind::Score, WorkKind::Measure];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkKind::Train => "train",
            WorkKind::Supernet => "supernet",
            WorkKind::Score => "score",
            WorkKind::Measure => "measure",
        }
    }
}

/// One leaseable unit for a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    Train(TrainWork),
    Supernet(Box<SupernetWork>),
    Score(ScoreWork),
    Measure(MeasureWork),
}

impl Work {
    /// The kind of this work.
    pub fn kind(&self) -> WorkKind {
        match self {
            Work::Train(_) => WorkKind::Train,
            Work::Supernet(_) => WorkKind::Supernet,
            Work::Score(_) => WorkKind::Score,
            Work::Measure(_) => WorkKind::Measure,
        }
    }

    /// Artifacts that a worker needs before it can begin.
    pub fn inputs(&self) -> Vec<&ArtifactRef> {
        match self {
            Work::Train(work) => work.inherit.iter().collect(),
            Work::Supernet(work) => work.inherit.iter().collect(),
            Work::Score(work) => vec![&work.supernet],
            Work::Measure(_) => vec![],
        }
    }
}

/// Which images a network is trained on and judged by. The test set appears in `Final` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Train on the training split, judge on the validation split (metrics `top1`, `loss`).
    Search,
    /// Train on training and validation split together, judge once on the test split (metric `test_top1`, `test_loss`).
    Final,
}

/// Train one child network, from scratch or from a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainWork {
    /// The materialised candidate: `{"network": …, "recipe": …}`; any JSON for an external space.
    pub candidate: Value,
    /// Name of the data set; absent for an external space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Epochs to train in all (a resumed run goes on to this number).
    pub epochs: u32,
    pub split: Split,
    /// Seeds weights, data order, augmentation and dropout.
    pub seed: u64,
    /// Names of the metrics that the outcome must carry.
    pub metrics: Vec<String>,
    /// Whether to upload checkpoints while training.
    #[serde(default)]
    pub checkpoints: bool,
    /// Whether to upload the trained network (`weights`, `description`, `torchscript`).
    #[serde(default)]
    pub export: bool,
    /// Supernet weights to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherit: Option<ArtifactRef>,
}
