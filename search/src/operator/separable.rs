//! Depthwise-separable convolution, applied twice (DARTS, Liu et al. 2019, section 3.1).

use super::Operator;
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Twice: ReLU, depthwise convolution, 1×1 convolution, batch norm; the stride is the first one's.
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeparableConv {
    pub kernel: usize,
}

impl Operator for SeparableConv {
    const NAME: &'static str = "sep_conv";
    const SUMMARY: &'static str = "Depthwise-separable convolution, applied twice (DARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let middle = half(x, x.channels(), site.stride, self.kernel, site, g)?;
        half(middle, site.channels, 1, self.kernel, site, g)
    }
}

fn half(
    x: Port,
    channels: usize,
    stride: usize,
    kernel: usize,
    site: &Site,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    let x = g.relu(x)?;
    let x = g.conv(x, Conv::depthwise(x.channels(), kernel).stride(stride))?;
    let x = g.conv(x, Conv::square(channels, 1))?;
    g.batch_norm(x, site.affine)
}
