//! sharpDARTS' separable convolution and its variants (Hundt, Jain and Hager 2019, section 3.1).

use super::Operator;
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many times wider a flood is in the middle than at its end.
const FLOOD: usize = 4;
/// Channels in the middle of a choke.
const CHOKE: usize = 32;

/// Twice ReLU, depthwise convolution, 1×1 convolution, batch norm, with channels of its own in the middle; stride and
/// dilation are the first one's. `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharpSepConv {
    pub kernel: usize,
}

/// [`SharpSepConv`] whose first depthwise convolution has dilation 2.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharpDilConv {
    pub kernel: usize,
}

/// [`SharpSepConv`] with four times the channels in the middle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloodConv {
    pub kernel: usize,
}

/// [`FloodConv`] whose first depthwise convolution has dilation 2.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DilFloodConv {
    pub kernel: usize,
}

/// [`SharpSepConv`] with few channels in the middle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChokeConv {
    pub kernel: usize,
    /// Channels in the middle.
    #[serde(default = "choke")]
    pub middle: usize,
}

/// [`ChokeConv`] whose first depthwise convolution has dilation 2.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DilChokeConv {
    pub kernel: usize,
    /// Channels in the middle.
    #[serde(default = "choke")]
    pub middle: usize,
}

fn choke() -> usize {
    CHOKE
}

impl Operator for SharpSepConv {
    const NAME: &'static str = "sharp_sep_conv";
    const SUMMARY: &'static str =
        "Depthwise-separable convolution, applied twice, as wide in the middle as at its end (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        separable(self.kernel, 1, site.channels, x, site, g)
    }
}

impl Operator for SharpDilConv {
    const NAME: &'static str = "sharp_dil_conv";
    const SUMMARY: &'static str = "sharp_sep_conv with dilation 2 at first (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        separable(self.kernel, 2, site.channels, x, site, g)
    }
}

impl Operator for FloodConv {
    const NAME: &'static str = "flood_conv";
    const SUMMARY: &'static str = "sharp_sep_conv with four times the channels in the middle (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        separable(self.kernel, 1, site.channels.saturating_mul(FLOOD), x, site, g)
    }
}

impl Operator for DilFloodConv {
    const NAME: &'static str = "dil_flood_conv";
    const SUMMARY: &'static str = "flood_conv with dilation 2 at first (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        separable(self.kernel, 2, site.channels.saturating_mul(FLOOD), x, site, g)
    }
}

impl Operator for ChokeConv {
    const NAME: &'static str = "choke_conv";
    const SUMMARY: &'static str = "sharp_sep_conv with 32 channels in the middle (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        separable(self.kernel, 1, self.middle, x, site, g)
    }
}

impl Operator for DilChokeConv {
    const NAME: &'static str = "dil_choke_conv";
    const SUMMARY: &'static str = "choke_conv with dilation 2 at first (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        separable(self.kernel, 2, self.middle, x, site, g)
    }
}

fn separable(
    kernel: usize,
    dilation: usize,
    middle: usize,
    x: Port,
    site: &Site,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    let first = Conv::depthwise(x.channels(), kernel).dilation(dilation).stride(site.stride);
    let x = half(x, first, middle, site, g)?;
    half(x, Conv::depthwise(middle, kernel), site.channels, site, g)
}

fn half(x: Port, depthwise: Conv, channels: usize, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
    let x = g.relu(x)?;
    let x = g.conv(x, depthwise)?;
    let x = g.conv(x, Conv::square(channels, 1))?;
    g.batch_norm(x, site.affine)
}
