//! What a worker is to do with a supernet.

use super::Mixture;
use crate::network::Opening;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a supernet is opened, trained and read off. Written by strategies, carried out by workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SupernetPlan {
    pub opening: Opening,
    /// Adds `none` in front of the operators of every edge that stands in a choice of edges: it takes probability and
    /// computes nothing (DARTS, section 1.1).
    #[serde(default)]
    pub zero_operator: bool,
    /// Edges of a node are weighted by a softmax over logits of their own (PC-DARTS, section 7).
    #[serde(default)]
    pub edge_normalisation: bool,
    /// Recipe of the weights' training; fields as in a candidate's recipe.
    pub recipe: Map<String, Value>,
    /// Share of the training split that trains the weights; the rest trains the architecture. 1 for no architecture.
    pub weight_share: f64,
    pub mixture: Mixture,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostTerm>,
    #[serde(default)]
    pub watch: Watch,
    pub derivation: Derivation,
    /// Networks to draw from the final distribution beside the derived one (FBNet draws six).
    #[serde(default)]
    pub samples: u32,
    /// Choose by the shared weights among drawn networks instead of reading the logits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalists: Option<Finalists>,
    /// Least batch to fall back to by accumulation when the device has no memory for the recipe's; `None`: fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_batch: Option<usize>,
}

impl SupernetPlan {
    /// A plan that trains nothing: what weights that exist are looked at with.
    pub fn opened(opening: Opening) -> SupernetPlan {
        SupernetPlan {
            opening,
            zero_operator: false,
            edge_normalisation: false,
            recipe: Map::new(),
            weight_share: 1.0,
            mixture: Mixture::UniformPath { per_node: false },
            architecture: None,
            cost: None,
            watch: Watch::default(),
            derivation: Derivation::Finalists,
            samples: 0,
            finalists: None,
            least_batch: None,
        }
    }
}

/// Training of the architecture's logits by gradient, with Adam.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Architecture {
    /// Relaxation of the architecture's steps; may differ from that of the weights' (SETN).
    pub mixture: Mixture,
    pub lr: f64,
    pub betas: [f64; 2],
    /// L2 term added to the gradient.
    pub weight_decay: f64,
    pub order: Order,
    /// Epochs at the start in which the logits rest.
    pub warmup_epochs: u32,
    pub alternation: Alternation,
    /// Logits start as `deviation * N(0, 1)`; 0 for equal ones.
    pub deviation: f64,
    /// Weight of `mean over rows of logsumexp(a)` at the last epoch, growing linearly from 0 (beta-decay); 0 for none.
    #[serde(default)]
    pub beta_decay: f64,
    /// Present when a controller takes the place of the logits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<Controller>,
}

/// Gradient of the bilevel problem (DARTS, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    First,
    /// One unrolled step of the weights, Hessian product by finite differences.
    Second,
}

/// When the two kinds of step are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alternation {
    /// In every step, the architecture first (DARTS).
    ArchitectureFirst,
    /// In every step, the weights first (NAS-Bench-201's methods).
    WeightsFirst,
    /// In every epoch a pass of the weights over their images, then one of the architecture over its own (FBNet).
    Epochs,
}

/// ENAS' controller (section 6.6): a recurrent network that draws paths, trained by REINFORCE after every epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Controller {
    pub updates: u32,
    pub samples: u32,
    pub baseline_decay: f64,
    pub entropy_weight: f64,
    pub temperature: f64,
    pub tanh_constant: f64,
    pub clip_norm: f64,
}

/// The cost of an architecture in its loss (FBNet, section 2.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostTerm {
    pub form: CostForm,
    pub alpha: f64,
    pub beta: f64,
    pub source: Source,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostForm {
    /// `CE * alpha * (ln LAT)^beta`
    #[default]
    Paper,
    /// `alpha * CE * ln(LAT^beta)`
    LogOfPower,
    /// `CE + alpha * LAT^beta`
    Additive,
}

/// Where costs come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Source {
    /// Latency in microseconds by candidate of each decision (rows by decision id, in the order of the candidates), and
    /// of the layers around the choices.
    Latency {
        rows: BTreeMap<String, Vec<f64>>,
        fixed: f64,
    },
    /// Multiply-adds, computed from the graph; open widths count by their expected channels (FBNetV2).
    Flops,
    Params,
}

/// Signs of collapse and what is done about them (section 8).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Watch {
    /// Epochs between two looks at the largest eigenvalue of the validation loss' Hessian in the logits; 0 for none.
    #[serde(default)]
    pub eigenvalue_every: u32,
    /// Stop when the eigenvalue's average has grown by this factor, and go back to the genotype of the stop epoch
    /// (RobustDARTS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eigenvalue_growth: Option<f64>,
    /// On the trigger, restore the checkpoint of the stop epoch and go on with ten times the weight decay, up to 0.03
    /// (DARTS-ADA).
    #[serde(default)]
    pub adapt: bool,
    /// Most skip connections of a normal cell; the search stops at the epoch before there are more (DARTS+).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_cap: Option<u32>,
}

/// How logits become a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Derivation {
    /// The strongest candidate of every choice; of edges the k strongest by their best operator's probability, `none`
    /// left out (section 1.5).
    Strongest,
    /// No reading: the finalists decide; without any the strategy scores networks itself and nothing is derived.
    Finalists,
}

/// Networks drawn at the end and judged by the shared weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finalists {
    pub count: u32,
    /// How they are drawn: `UniformPath`, `SampledPath` or `Controller`.
    pub from: Mixture,
    /// Batches of the validation split that each is judged on; 0 for all.
    pub batches: u32,
}
