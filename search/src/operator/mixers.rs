//! The token mixers of the MetaFormer family as operators of their own (Yu et al., "MetaFormer Baselines for Vision",
//! TPAMI 2024, section 3). All keep the shape; parameters are small, so one file holds them.

use super::Operator;
use super::linear::{as_tokens, keeps_shape, pointwise};
use super::self_attention::attend;
use crate::network::{Activation, Builder, Conv, PoolKind, Port, Primitive, ShapeFault, Site, Transform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean of the neighbourhood (the border not counted) minus the value itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PoolMixer {
    pub kernel: usize,
}

impl Default for PoolMixer {
    fn default() -> Self {
        PoolMixer { kernel: 3 }
    }
}

impl Operator for PoolMixer {
    const NAME: &'static str = "pool_mixer";
    const SUMMARY: &'static str = "Average pooling minus the identity (PoolFormer)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let pooled = g.pool(x, PoolKind::Average, self.kernel, 1, self.kernel / 2)?;
        g.add(Primitive::Subtract, &[pooled, x])
    }
}

/// A frozen random matrix mixes the tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RandomMixer {}

impl Operator for RandomMixer {
    const NAME: &'static str = "random_mixer";
    const SUMMARY: &'static str = "A frozen random matrix over the tokens (RandFormer)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        as_tokens(x, g, |x, g| {
            let tokens = x.shape.dims()[0];
            g.add_named("random_matrix", Primitive::RandomMix { tokens }, &[x])
        })
    }
}

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

/// Self-attention with heads of a fixed size and no biases.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttentionMixer {
    pub head_channels: usize,
}

impl Default for AttentionMixer {
    fn default() -> Self {
        AttentionMixer { head_channels: 32 }
    }
}

impl Operator for AttentionMixer {
    const NAME: &'static str = "attention_mixer";
    const SUMMARY: &'static str = "Self-attention with heads of a fixed size (CAFormer)";

    fn check(&self) -> Result<(), String> {
        match self.head_channels {
            0 => Err("`head_channels` must be at least 1".into()),
            _ => Ok(()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let heads = (x.channels() / self.head_channels).max(1);
        as_tokens(x, g, |x, g| attend(x, heads, self.head_channels, false, g))
    }
}

/// Fourier or cosine transform over tokens and channels (Lee-Thorp et al., "FNet", NAACL 2022, section 3.2).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpectralMixer {
    pub transform: Transform,
}

impl Default for SpectralMixer {
    fn default() -> Self {
        SpectralMixer { transform: Transform::Dft }
    }
}

impl Operator for SpectralMixer {
    const NAME: &'static str = "spectral_mixer";
    const SUMMARY: &'static str = "Fourier or cosine transform over tokens and channels (FNet)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        as_tokens(x, g, |x, g| g.add(Primitive::Spectral { transform: self.transform }, &[x]))
    }
}
