//! Dilated depthwise-separable convolution (DARTS, Liu et al. 2019, section 3.1).

use super::Operator;
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ReLU, depthwise convolution with dilation 2, 1×1 convolution, batch norm.
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DilatedConv {
    pub kernel: usize,
}

impl Operator for DilatedConv {
    const NAME: &'static str = "dil_conv";
    const SUMMARY: &'static str = "Depthwise-separable convolution with dilation 2 (DARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = g.relu(x)?;
        let x = g.conv(x, Conv::depthwise(x.channels(), self.kernel).dilation(2).stride(site.stride))?;
        let x = g.conv(x, Conv::square(site.channels, 1))?;
        g.batch_norm(x, site.affine)
    }
}
