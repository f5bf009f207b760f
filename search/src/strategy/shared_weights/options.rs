//! Options that all methods with shared weights have; each method flattens them into its own with its own defaults.

use super::Supernet;
use crate::fault::Faults;
use crate::supernet::{Alternation, Architecture, Finalists, Mixture, Order};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Common {
    /// Epochs of a supernet's training.
    #[schemars(range(min = 1))]
    pub epochs: u32,
    /// Supernets that are trained, each from a seed of its own; the networks of all become trials.
    #[schemars(range(min = 1))]
    pub repeats: u32,
    /// Networks of each supernet that are trained as trials, best first.
    #[schemars(range(min = 1))]
    pub candidates: u32,
    /// Fields of the recipe of the shared weights that replace the published ones (`{"batch_size": 32}`).
    pub recipe: Map<String, Value>,
    /// Least batch to fall back to, by accumulation, when the device has no memory for the recipe's.
    pub least_batch: Option<u32>,
}

impl Default for Common {
    fn default() -> Self {
        Common { epochs: 50, repeats: 1, candidates: 1, recipe: Map::new(), least_batch: None }
    }
}

impl Common {
    pub fn check(&self, faults: &mut Faults) {
        for (name, value) in [("epochs", self.epochs), ("repeats", self.repeats), ("candidates", self.candidates)] {
            if value == 0 {
                faults.push(format!("/{name}"), "must be at least 1");
            }
        }
        if self.least_batch == Some(0) {
            faults.push("/least_batch", "must be at least 1");
        }
    }
}

/// Training of the logits by gradient.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Logits {
    /// Learning rate of the architecture's logits (Adam); by default the published one.
    pub architecture_lr: Option<f64>,
    /// L2 term of the logits.
    #[schemars(range(min = 0.0))]
    pub architecture_weight_decay: f64,
    /// Epochs at the start in which the logits rest; by default the published number.
    pub warmup_epochs: Option<u32>,
    /// Puts `none` beside the operators of every edge that can be chosen: it takes probability and is never kept. By
    /// default where the space has no `none` of its own.
    pub zero_operator: Option<bool>,
}

impl Default for Logits {
    fn default() -> Self {
        Logits { architecture_lr: None, architecture_weight_decay: 1e-3, warmup_epochs: None, zero_operator: None }
    }
}

impl Logits {
    pub fn check(&self, epochs: u32, faults: &mut Faults) {
        if self.architecture_lr.is_some_and(|lr| !(lr > 0.0 && lr.is_finite())) {
            faults.push("/architecture_lr", "must be above 0");
        }
        not_negative("architecture_weight_decay", self.architecture_weight_decay, faults);
        if self.warmup_epochs.is_some_and(|warmup| warmup >= epochs) {
            faults.push(
                "/warmup_epochs",
                format!("must be below the {epochs} epochs: the logits would never be trained"),
            );
        }
    }

    /// Whether the plan adds `none`: where edges are chosen, if it is wanted there.
    pub fn adds_zero(&self, supernet: &Supernet) -> bool {
        supernet.has_edges() && self.zero_operator.unwrap_or(supernet.zero_operator)
    }

    /// DARTS' training of the logits (section 3) under a relaxation, with this method's defaults.
    pub fn architecture(&self, mixture: Mixture, lr: f64, warmup: u32, alternation: Alternation) -> Architecture {
        Architecture {
            mixture,
            lr: self.architecture_lr.unwrap_or(lr),
            betas: [0.5, 0.999],
            weight_decay: self.architecture_weight_decay,
            order: Order::First,
            warmup_epochs: self.warmup_epochs.unwrap_or(warmup),
            alternation,
            deviation: 1e-3,
            beta_decay: 0.0,
            controller: None,
        }
    }
}

/// Networks that are judged by the shared weights at the end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Finals {
    /// Networks that are drawn at the end and judged by the shared weights; the best become trials.
    #[schemars(range(min = 1))]
    pub finalists: u32,
    /// Batches of validation images that each is judged on; 0 for all.
    pub finalist_batches: u32,
}

impl Default for Finals {
    fn default() -> Self {
        Finals { finalists: 100, finalist_batches: 1 }
    }
}

impl Finals {
    pub fn check(&self, common: &Common, faults: &mut Faults) {
        if self.finalists < common.candidates.max(1) {
            faults.push("/finalists", format!("must be at least the {} candidates", common.candidates.max(1)));
        }
    }

    pub fn drawn_from(&self, mixture: Mixture) -> Finalists {
        Finalists { count: self.finalists, from: mixture, batches: self.finalist_batches }
    }
}

pub fn not_negative(name: &str, value: f64, faults: &mut Faults) {
    if !(value >= 0.0 && value.is_finite()) {
        faults.push(format!("/{name}"), "must not be negative");
    }
}
