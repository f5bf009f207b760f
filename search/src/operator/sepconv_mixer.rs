//! ConvFormer's mixer (Yu et al., TPAMI 2024, section 3; after Sandler et al., CVPR 2018).

use super::Operator;
use super::linear::{keeps_shape, pointwise};
use crate::network::{Activation, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Linear layer to `expansion` times the channels, StarReLU, depthwise convolution, linear layer back; no biases.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SepConvMixer {
    pub kernel: usize,
    pub expansion: usize,
    pub activation: Activation,
}

impl Default for SepConvMixer {
    fn default() -> Self {
        SepConvMixer { kernel: 7, expansion: 2, activation: Activation::StarRelu }
    }
}

impl Operator for SepConvMixer {
    const NAME: &'static str = "sepconv_mixer";
    const SUMMARY: &'static str = "Inverted separable convolution (ConvFormer)";

    fn lower(&self, input: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(input, site, g)?;
        let hidden = self.expansion.saturating_mul(input.channels());
        let x = pointwise("pwconv1", input, hidden, false, g)?;
        let x = g.add_named("act1", Primitive::Activation { function: self.activation }, &[x])?;
        let x = g.add_named("dwconv", Conv::depthwise(hidden, self.kernel).primitive(hidden), &[x])?;
        pointwise("pwconv2", x, input.channels(), false, g)
    }
}
