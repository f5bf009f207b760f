//! Convolution with an optional norm and activation, before or after it.

use super::Operator;
use crate::network::{Activation, Affine, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Normalisations of an image or of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    None,
    #[default]
    Batch,
    /// Group norm of one group: statistics over channels and space of a sample.
    Group,
    /// Over the channels of each position.
    Layer,
}

impl Norm {
    /// Adds the norm to the graph.
    pub fn lower(self, x: Port, affine: bool, g: &mut Builder) -> Result<Port, ShapeFault> {
        let (channels, eps) = (x.channels(), 1e-5);
        let parts = if affine { Affine::WeightBias } else { Affine::None };
        match self {
            Norm::None => Ok(x),
            Norm::Batch => g.batch_norm(x, affine),
            Norm::Group => g.add(Primitive::GroupNorm { groups: 1, channels, eps, affine: parts }, &[x]),
            Norm::Layer => g.add(Primitive::LayerNorm { channels, eps, affine: parts }, &[x]),
        }
    }
}

/// Where the activation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Convolution, norm, activation.
    #[default]
    Post,
    /// Activation, convolution, norm (DARTS).
    Pre,
}

/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Convolution {
    pub kernel: usize,
    pub dilation: usize,
    pub groups: usize,
    /// By default only where no norm follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bias: Option<bool>,
    pub norm: Norm,
    pub activation: Option<Activation>,
    pub order: Order,
    /// By default half of the kernel's reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<usize>,
}

impl Default for Convolution {
    fn default() -> Self {
        Convolution {
            kernel: 3,
            dilation: 1,
            groups: 1,
            bias: None,
            norm: Norm::Batch,
            activation: Some(Activation::Relu),
            order: Order::Post,
            padding: None,
        }
    }
}

impl Operator for Convolution {
    const NAME: &'static str = "conv";
    const SUMMARY: &'static str = "Convolution with norm and activation";

    fn lower(&self, mut x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if let (Order::Pre, Some(function)) = (self.order, self.activation) {
            x = g.activation(x, function)?;
        }
        let bias = self.bias.unwrap_or(self.norm == Norm::None);
        let mut conv = Conv::square(site.channels, self.kernel)
            .stride(site.stride)
            .dilation(self.dilation)
            .groups(self.groups)
            .bias(bias);
        if let Some(padding) = self.padding {
            conv = conv.padding(padding);
        }
        x = g.conv(x, conv)?;
        x = self.norm.lower(x, site.affine, g)?;
        match (self.order, self.activation) {
            (Order::Post, Some(function)) => g.activation(x, function),
            _ => Ok(x),
        }
    }
}
