//! The block of the MetaFormer family (Yu et al., CVPR 2022, section 3.1; TPAMI 2024, section 2).

use super::linear::{keeps_shape, mlp};
use super::{AttentionMixer, Operator, PoolMixer, RandomMixer, SepConvMixer, SpectralMixer};
use crate::network::{Activation, Affine, Builder, Port, Primitive, ShapeFault, Site, Transform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a block mixes its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mixer {
    Identity,
    Pooling,
    Random,
    Sepconv,
    Attention,
    Dft,
    Dct,
}

/// Norms of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockNorm {
    /// Statistics over channels and space.
    Group,
    /// Statistics over the channels of each position.
    Layer,
    /// Statistics over the batch.
    Batch,
}

/// `x = r1*x + l1*mixer(norm(x))`, then `x = r2*x + l2*mlp(norm(x))`. Keeps the shape of an image or of tokens.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetaformerBlock {
    pub mixer: Mixer,
    pub norm: BlockNorm,
    pub activation: Activation,
    pub mlp_ratio: usize,
    /// Whether norms and MLP have biases (PoolFormer); its norms then have eps 1e-5, otherwise 1e-6.
    pub bias: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
    /// Initial factor of the branches (`l`); without it there is none.
    pub layer_scale: Option<f64>,
    /// Whether the shortcuts have learnable factors (`r`, initially 1).
    pub residual_scale: bool,
    /// Channels of an attention head.
    pub head_channels: usize,
    /// Side of the pooling window.
    pub pool_kernel: usize,
}

impl Default for MetaformerBlock {
    fn default() -> Self {
        MetaformerBlock {
            mixer: Mixer::Pooling,
            norm: BlockNorm::Group,
            activation: Activation::StarRelu,
            mlp_ratio: 4,
            bias: false,
            eps: None,
            layer_scale: None,
            residual_scale: false,
            head_channels: 32,
            pool_kernel: 3,
        }
    }
}

impl Operator for MetaformerBlock {
    const NAME: &'static str = "metaformer_block";
    const SUMMARY: &'static str = "Token mixer and MLP with shortcuts (MetaFormer)";

    fn check(&self) -> Result<(), String> {
        match self.head_channels > 0 && self.mlp_ratio > 0 {
            true => Ok(()),
            false => Err("`head_channels` and `mlp_ratio` are at least 1".into()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let normed = self.normed("norm1", x, g)?;
        let mixed = g.scope("token_mixer", |g| self.mixed(normed, site, g))?;
        let x = self.join('1', x, mixed, site, g)?;
        let normed = self.normed("norm2", x, g)?;
        let hidden = self.mlp_ratio.saturating_mul(x.channels());
        let branch = mlp("mlp", normed, hidden, self.activation, self.bias, g)?;
        self.join('2', x, branch, site, g)
    }
}

impl MetaformerBlock {
    fn normed(&self, name: &str, x: Port, g: &mut Builder) -> Result<Port, ShapeFault> {
        let channels = x.channels();
        let eps = self.eps.unwrap_or(if self.bias { 1e-5 } else { 1e-6 });
        let affine = if self.bias { Affine::WeightBias } else { Affine::Weight };
        let primitive = match self.norm {
            BlockNorm::Group => Primitive::GroupNorm { groups: 1, channels, eps, affine },
            BlockNorm::Layer => Primitive::LayerNorm { channels, eps, affine },
            BlockNorm::Batch => Primitive::BatchNorm { channels, eps: 1e-5, momentum: 0.1, affine: true },
        };
        g.add_named(name, primitive, &[x])
    }

    fn mixed(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        match self.mixer {
            Mixer::Identity => g.add(Primitive::Identity, &[x]),
            Mixer::Pooling => Operator::lower(&PoolMixer { kernel: self.pool_kernel }, x, site, g),
            Mixer::Random => Operator::lower(&RandomMixer {}, x, site, g),
            Mixer::Sepconv => Operator::lower(&SepConvMixer::default(), x, site, g),
            Mixer::Attention => Operator::lower(&AttentionMixer { head_channels: self.head_channels }, x, site, g),
            Mixer::Dft => Operator::lower(&SpectralMixer { transform: Transform::Dft }, x, site, g),
            Mixer::Dct => Operator::lower(&SpectralMixer { transform: Transform::Dct }, x, site, g),
        }
    }

    /// Shortcut and branch of one half, each with its factor.
    fn join(&self, half: char, x: Port, branch: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let scale = |name: &str, port: Port, init: f64, g: &mut Builder| {
            g.add_named(&format!("{name}{half}"), Primitive::Scale { channels: port.channels(), init }, &[port])
        };
        let branch = match self.layer_scale {
            Some(init) => scale("layer_scale_", branch, init, g)?,
            None => branch,
        };
        let branch = g.drop_path(branch, site.depth)?;
        let shortcut = if self.residual_scale { scale("res_scale", x, 1.0, g)? } else { x };
        g.sum(&[shortcut, branch])
    }
}
