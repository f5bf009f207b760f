//! How the candidates of an open choice are mixed in one forward pass.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Temperature of a gumbel softmax over the epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "course", rename_all = "snake_case")]
pub enum Temperature {
    /// `start - (start - end) e / (E - 1)` (GDAS).
    Linear { start: f64, end: f64 },
    /// `start * exp(-rate * e)` (FBNet, section 2.2).
    Exponential { start: f64, rate: f64 },
}

impl Temperature {
    /// The temperature in epoch `epoch` of `epochs`, counted from 0.
    pub fn at(&self, epoch: u32, epochs: u32) -> f64 {
        match *self {
            Temperature::Linear { start, end } => {
                let last = f64::from(epochs.saturating_sub(1).max(1));
                start - (start - end) * f64::from(epoch) / last
            }
            Temperature::Exponential { start, rate } => start * (-rate * f64::from(epoch)).exp(),
        }
    }
}

/// A relaxation: weights of the candidates of a choice from its logits `a`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "mixture", rename_all = "snake_case")]
pub enum Mixture {
    /// `w = softmax(a)` (DARTS, section 1.2).
    Softmax,
    /// `w = 1 - max(softmax(a)) + softmax(a)`: the largest weighs 1 (sharpDARTS, section 5.2).
    MaxW { detach_max: bool },
    /// `w = softmax((a + g) / t)`, one sample `g` for a batch and all nodes of a decision (FBNet, section 2.2).
    Gumbel { temperature: Temperature },
    /// One candidate per decision is computed, drawn by gumbel softmax of `log_softmax(a)`; its weight is
    /// `onehot - stop(p) + p`. `unsampled` adds the other weights as scalars, zero in value, so that they carry gradient
    /// (GDAS; NAS-Bench-201's form).
    HardGumbel { temperature: Temperature, unsampled: bool },
    /// One candidate, drawn uniformly; logits play no part. `per_node`: nodes of one decision draw each their own.
    UniformPath { per_node: bool },
    /// One candidate, drawn from `softmax(a)`, without gradient to `a`.
    SampledPath,
    /// One candidate, as the plan's controller says (ENAS).
    Controller,
}

impl Mixture {
    /// Whether only one candidate of every choice is computed.
    pub fn is_path(&self) -> bool {
        !matches!(self, Mixture::Softmax | Mixture::MaxW { .. } | Mixture::Gumbel { .. })
    }
}
