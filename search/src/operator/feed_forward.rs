//! The position-wise network of transformers (Vaswani et al., NeurIPS 2017, section 3.3).

use super::linear::{keeps_shape, mlp};
use super::{Norm, Operator};
use crate::network::{Activation, Builder, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Linear layer to `ratio` times the channels, activation, linear layer back. Keeps the shape.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeedForward {
    pub ratio: usize,
    /// Channels between the layers, in place of the ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    pub activation: Activation,
    pub bias: bool,
    /// Whether it stands beside a shortcut, behind a layer norm (pre-norm transformer).
    pub residual: bool,
}

impl Default for FeedForward {
    fn default() -> Self {
        FeedForward { ratio: 4, hidden: None, activation: Activation::Gelu, bias: true, residual: true }
    }
}

impl Operator for FeedForward {
    const NAME: &'static str = "feed_forward";
    const SUMMARY: &'static str = "Two linear layers at every position";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let hidden = self.hidden.unwrap_or(self.ratio.saturating_mul(x.channels()));
        let normed = if self.residual { g.scope("norm", |g| Norm::Layer.lower(x, true, g))? } else { x };
        let y = mlp("mlp", normed, hidden, self.activation, self.bias, g)?;
        if !self.residual {
            return Ok(y);
        }
        let branch = g.drop_path(y, site.depth)?;
        g.sum(&[x, branch])
    }
}
