//! A norm with an activation, as a layer of its own (the end of pre-activation networks).

use super::linear::keeps_shape;
use super::{Norm, Operator};
use crate::network::{Activation, Affine, BATCH_NORM_MOMENTUM, Builder, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keeps the shape.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Normalisation {
    pub norm: Norm,
    pub activation: Option<Activation>,
    /// Whether it adds a learnable bias per channel (a batch norm with weights always does).
    pub bias: bool,
    pub eps: f64,
}

impl Default for Normalisation {
    fn default() -> Self {
        Normalisation { norm: Norm::Batch, activation: None, bias: true, eps: 1e-5 }
    }
}

impl Operator for Normalisation {
    const NAME: &'static str = "norm";
    const SUMMARY: &'static str = "Norm and activation as a layer of their own";

    fn check(&self) -> Result<(), String> {
        match self.eps {
            eps if eps > 0.0 && eps < 1.0 => Ok(()),
            eps => Err(format!("`eps` must be between 0 and 1, not {eps}")),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let (channels, eps) = (x.channels(), self.eps);
        let affine = match (site.affine, self.bias) {
            (false, _) => Affine::None,
            (true, true) => Affine::WeightBias,
            (true, false) => Affine::Weight,
        };
        let momentum = BATCH_NORM_MOMENTUM;
        let primitive = match self.norm {
            Norm::None => Primitive::Identity,
            Norm::Batch => Primitive::BatchNorm { channels, eps, momentum, affine: site.affine },
            Norm::Group => Primitive::GroupNorm { groups: 1, channels, eps, affine },
            Norm::Layer => Primitive::LayerNorm { channels, eps, affine },
        };
        let x = if self.norm == Norm::None { x } else { g.add(primitive, &[x])? };
        match self.activation {
            Some(function) => g.activation(x, function),
            None => Ok(x),
        }
    }
}
