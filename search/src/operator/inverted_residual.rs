//! Inverted residual of the MobileNet and FBNet families (Sandler et al., CVPR 2018; Wu et al., CVPR 2019, section 3.1;
//! Dai et al., CVPR 2021).

use super::squeeze_excite::{Gate, squeeze_excite};
use super::{Operator, round_channels};
use crate::network::{Activation, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 1×1 convolution to `expansion` times the channels, depthwise convolution, perhaps squeeze-and-excitation, 1×1
/// convolution without activation; the input is added where the shape allows it.
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InvertedResidual {
    pub kernel: usize,
    pub expansion: f64,
    /// Channels between the 1×1 convolutions, in place of the expansion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    pub activation: Activation,
    /// Squeeze-and-excitation with this gate.
    pub se: Option<Gate>,
    /// Whether squeeze-and-excitation has a quarter of the input's channels (FBNetV3), not of the expanded ones.
    pub less_se: bool,
    /// Channels of the squeeze, in place of the quarter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub squeeze: Option<usize>,
    /// Groups of both 1×1 convolutions, the channels shuffled behind the first.
    pub groups: usize,
    /// Whether the convolutions have biases besides the norms'.
    pub bias: bool,
    /// Whether the first convolution stays where it does not change the number of channels.
    pub always_pw: bool,
    /// Whether norm and activation behind the depthwise convolution are left out.
    pub dw_skip_bnrelu: bool,
    /// Padding of the depthwise convolution; by default half the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<usize>,
    /// Expanded and squeezed channels are multiples of this.
    pub width_divisor: usize,
}

impl Default for InvertedResidual {
    fn default() -> Self {
        InvertedResidual {
            kernel: 3,
            expansion: 6.0,
            hidden: None,
            activation: Activation::Relu,
            se: None,
            less_se: false,
            squeeze: None,
            groups: 1,
            bias: false,
            always_pw: false,
            dw_skip_bnrelu: false,
            padding: None,
            width_divisor: 8,
        }
    }
}

impl Operator for InvertedResidual {
    const NAME: &'static str = "mbconv";
    const SUMMARY: &'static str = "Inverted residual with depthwise convolution (MobileNet, FBNet)";

    fn check(&self) -> Result<(), String> {
        match self.expansion {
            e if e > 0.0 && e <= 64.0 => {}
            e => return Err(format!("`expansion` must be above 0 and at most 64, not {e}")),
        }
        match self.width_divisor > 0 && self.groups > 0 {
            true => Ok(()),
            false => Err("`width_divisor` and `groups` are at least 1".into()),
        }
    }

    fn lower(&self, input: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let mut x = input;
        let hidden = self.hidden(input.channels());
        if self.always_pw || hidden != input.channels() {
            x = g.scope("pw", |g| self.convolved(x, Conv::square(hidden, 1).groups(self.groups), true, site, g))?;
        }
        if self.groups > 1 {
            x = g.add_named("shuffle", Primitive::ChannelShuffle { groups: self.groups }, &[x])?;
        }
        x = g.scope("dw", |g| self.depthwise(x, site, g))?;
        if let Some(gate) = self.se {
            let squeeze = self.squeezed(hidden);
            x = g.scope("se", |g| squeeze_excite(x, squeeze, self.activation, gate, g))?;
        }
        let last = Conv::square(site.channels, 1).groups(self.groups);
        x = g.scope("pwl", |g| self.convolved(x, last, false, site, g))?;
        match site.stride == 1 && x.shape == input.shape {
            true => {
                let branch = g.drop_path(x, site.depth)?;
                g.sum(&[branch, input])
            }
            false => Ok(x),
        }
    }
}

impl InvertedResidual {
    fn hidden(&self, input: usize) -> usize {
        self.hidden.unwrap_or_else(|| round_channels(input as f64 * self.expansion, self.width_divisor))
    }

    fn squeezed(&self, hidden: usize) -> usize {
        let share = if self.less_se { 0.25 / self.expansion } else { 0.25 };
        self.squeeze.unwrap_or_else(|| round_channels((hidden as f64 * share).trunc(), self.width_divisor))
    }

    fn convolved(&self, x: Port, conv: Conv, active: bool, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = g.conv(x, conv.bias(self.bias))?;
        let x = g.batch_norm(x, site.affine)?;
        if active { g.activation(x, self.activation) } else { Ok(x) }
    }

    fn depthwise(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let conv = Conv::depthwise(x.channels(), self.kernel).stride(site.stride);
        let conv = self.padding.map_or(conv, |padding| conv.padding(padding));
        match self.dw_skip_bnrelu {
            true => g.conv(x, conv.bias(self.bias)),
            false => self.convolved(x, conv, true, site, g),
        }
    }
}
