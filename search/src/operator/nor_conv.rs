//! NAS-Bench-201's convolution (Dong and Yang 2020): ReLU, convolution, batch norm.

use super::Operator;
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ReLU, convolution, batch norm. Where the norm has no parameters (search networks) the convolution has a bias.
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NorConv {
    pub kernel: usize,
}

impl Operator for NorConv {
    const NAME: &'static str = "nor_conv";
    const SUMMARY: &'static str = "ReLU, convolution, batch norm (NAS-Bench-201)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = g.relu(x)?;
        let conv = Conv::square(site.channels, self.kernel).stride(site.stride).bias(!site.affine);
        let x = g.conv(x, conv)?;
        g.batch_norm(x, site.affine)
    }
}
