//! Options of DARTS and their ranges.

use crate::fault::Faults;
use crate::strategy::shared_weights::{Common, Logits, not_negative};
use crate::supernet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gradient of the architecture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    #[default]
    First,
    /// Through one unrolled step of the weights.
    Second,
}

impl From<Order> for supernet::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::First => supernet::Order::First,
            Order::Second => supernet::Order::Second,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    #[serde(flatten)]
    pub logits: Logits,
    /// Gradient of the architecture: of first order, or through one unrolled step of the weights.
    pub order: Order,
    /// Operators of edges work on one channel of so many, the others pass by (PC-DARTS: 4).
    #[schemars(range(min = 1))]
    pub partial_channels: u32,
    /// Weighs the edges of a node by a softmax of their own (PC-DARTS).
    pub edge_normalisation: bool,
    /// The largest candidate of a mixture weighs 1 (sharpDARTS).
    pub max_w: bool,
    /// Lets no gradient flow through the maximum of `max_w`.
    pub detach_max: bool,
    /// Greatest rate at which an edge is dropped while the supernet is trained.
    #[schemars(range(min = 0.0))]
    pub drop_path: f64,
    /// Most skip connections of a normal cell; the search stops before there are more.
    pub skip_cap: Option<u32>,
    /// Epochs between two looks at the largest eigenvalue of the validation loss in the architecture; 0 for none.
    pub eigenvalue_every: u32,
    /// Stops the search when the eigenvalue's average has grown by this factor (RobustDARTS: 1.3).
    pub eigenvalue_growth: Option<f64>,
    /// Instead of stopping, goes back and on with ten times the weight decay (DARTS-ADA).
    pub adapt: bool,
    /// Weight at the last epoch of the mean of the logits' logsumexp in the loss, growing from 0 (beta-decay: 50).
    #[schemars(range(min = 0.0))]
    pub beta_decay: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            common: Common::default(),
            logits: Logits::default(),
            order: Order::First,
            partial_channels: 1,
            edge_normalisation: false,
            max_w: false,
            detach_max: false,
            drop_path: 0.0,
            skip_cap: None,
            eigenvalue_every: 0,
            eigenvalue_growth: None,
            adapt: false,
            beta_decay: 0.0,
        }
    }
}

impl Options {
    pub fn check(&self, faults: &mut Faults) {
        self.logits.check(self.common.epochs, faults);
        if self.partial_channels == 0 {
            faults.push("/partial_channels", "must be at least 1: 1 for all channels, 4 for a quarter");
        }
        if !(0.0..1.0).contains(&self.drop_path) {
            faults.push("/drop_path", "must be at least 0 and below 1");
        }
        not_negative("beta_decay", self.beta_decay, faults);
        if self.detach_max && !self.max_w {
            faults.push("/detach_max", "means something only with `max_w`");
        }
        self.check_eigenvalue(faults);
    }

    fn check_eigenvalue(&self, faults: &mut Faults) {
        match self.eigenvalue_growth {
            Some(growth) if !(growth > 1.0 && growth.is_finite()) => {
                faults.push("/eigenvalue_growth", "must be above 1");
            }
            Some(_) if self.eigenvalue_every == 0 => {
                faults.push("/eigenvalue_every", "must be at least 1 for `eigenvalue_growth` to be watched");
            }
            None if self.adapt => faults.push("/adapt", "needs `eigenvalue_growth`: there is nothing to adapt to"),
            _ => {}
        }
    }
}
