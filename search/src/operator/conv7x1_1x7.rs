//! A 7×7 window from two strips (AmoebaNet, as in DARTS' released code).

use super::Operator;
use crate::network::{BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ReLU, 1×7 convolution that keeps the channels, 7×1 convolution, batch norm. `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Conv7x1Conv1x7 {
    /// Added to the norm's variance (sharpDARTS' release: 0.001).
    pub eps: f64,
}

impl Default for Conv7x1Conv1x7 {
    fn default() -> Self {
        Conv7x1Conv1x7 { eps: BATCH_NORM_EPS }
    }
}

impl Operator for Conv7x1Conv1x7 {
    const NAME: &'static str = "conv_7x1_1x7";
    const SUMMARY: &'static str = "1×7 convolution, then 7×1 (AmoebaNet)";

    fn check(&self) -> Result<(), String> {
        match self.eps > 0.0 && self.eps.is_finite() {
            true => Ok(()),
            false => Err("`eps` must be above 0".into()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = g.relu(x)?;
        let x = g.conv(x, Conv::window(x.channels(), [1, 7]).strides([1, site.stride]))?;
        let x = g.conv(x, Conv::window(site.channels, [7, 1]).strides([site.stride, 1]))?;
        let (eps, momentum) = (self.eps, BATCH_NORM_MOMENTUM);
        g.add(Primitive::BatchNorm { channels: x.channels(), eps, momentum, affine: site.affine }, &[x])
    }
}
