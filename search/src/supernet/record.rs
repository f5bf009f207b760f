//! What came out of a supernet: the `result` of its outcome.

use crate::space::Genotype;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Probabilities (softmax of the logits) by decision id; the leading entry is `none` where the plan adds it.
pub type Architectures = BTreeMap<String, Vec<f64>>;

/// One epoch of the search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: u32,
    pub architectures: Architectures,
    /// The network that would be derived now.
    pub genotype: Option<Genotype>,
    /// `train_loss`, `loss`, `top1`, `entropy`, `skip_count`, `lambda_max`, `expected_cost`, `temperature`, …
    pub metrics: BTreeMap<String, f64>,
}

/// A network judged by the shared weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finalist {
    pub genotype: Genotype,
    pub top1: f64,
    pub loss: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SupernetResult {
    /// Best first: the derived network, then samples of the distribution, or the finalists.
    pub derived: Vec<Genotype>,
    pub epochs: Vec<EpochRecord>,
    /// Labels of the candidates by decision id, in the order of [`EpochRecord::architectures`].
    pub labels: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub finalists: Vec<Finalist>,
    /// Why the search stopped before its last epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}
