//! A 7×7 window from two strips (AmoebaNet, as in DARTS' released code).

use super::Operator;
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ReLU, 1×7 convolution, 7×1 convolution, batch norm. `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Conv7x1Conv1x7 {}

impl Operator for Conv7x1Conv1x7 {
    const NAME: &'static str = "conv_7x1_1x7";
    const SUMMARY: &'static str = "1×7 convolution, then 7×1 (AmoebaNet)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = g.relu(x)?;
        let x = g.conv(x, Conv::window(site.channels, [1, 7]).strides([1, site.stride]))?;
        let x = g.conv(x, Conv::window(site.channels, [7, 1]).strides([site.stride, 1]))?;
        g.batch_norm(x, site.affine)
    }
}
