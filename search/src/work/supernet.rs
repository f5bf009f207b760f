//! Work on shared weights: training a supernet, and scoring genotypes with it.

use super::ArtifactRef;
use crate::network::Opening;
use crate::space::Genotype;
use crate::supernet::SupernetPlan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Train the shared weights of a supernet under a relaxation. The outcome's `result` is a
/// [`SupernetResult`](crate::supernet::SupernetResult), its artifact `supernet` the weights for [`ScoreWork`] and
/// [`TrainWork::inherit`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SupernetWork {
    /// The space document, decisions left open.
    pub space: Value,
    pub plan: SupernetPlan,
    pub dataset: String,
    pub epochs: u32,
    pub seed: u64,
    /// Weights of an earlier supernet of the same space to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherit: Option<ArtifactRef>,
}

/// Evaluate many genotypes with inherited supernet weights on the validation split. The outcome's `result` is a
/// [`ScoreResult`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreWork {
    pub space: Value,
    /// The opening that the supernet was trained with.
    #[serde(default)]
    pub opening: Opening,
    pub supernet: ArtifactRef,
    /// Flat genotypes.
    pub genotypes: Vec<Genotype>,
    pub dataset: String,
    /// Images in one forward pass.
    pub batch: u32,
    pub seed: u64,
    /// Batches of validation images for each genotype; 0 for all.
    #[serde(default)]
    pub batches: u32,
    /// Batches of training images for re-estimating the batch norms' statistics; 0 judges with the statistics of each
    /// batch.
    #[serde(default)]
    pub recalibration_batches: u32,
}

/// Metrics (`top1`, `loss`) of every genotype of a [`ScoreWork`], in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreResult {
    pub scores: Vec<BTreeMap<String, f64>>,
}
