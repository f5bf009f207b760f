//! The block of MLP-Mixer (Tolstikhin et al., NeurIPS 2021, section 2).

use super::Operator;
use super::linear::{as_tokens, keeps_shape, mlp};
use crate::network::{Activation, Affine, Builder, Port, Primitive, Rearrangement, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An MLP over the tokens, then one over the channels, each behind a layer norm and beside a shortcut. Keeps the shape.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MixerBlock {
    /// By default half the channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_hidden: Option<usize>,
    /// By default four times the channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_hidden: Option<usize>,
    /// Of the layer norms; by default 1e-6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
}

impl Operator for MixerBlock {
    const NAME: &'static str = "mixer_block";
    const SUMMARY: &'static str = "MLP over tokens and MLP over channels (MLP-Mixer)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        as_tokens(x, g, |x, g| self.tokens(x, site, g))
    }
}

impl MixerBlock {
    fn tokens(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let channels = x.channels();
        let transpose = Primitive::Rearrange { to: Rearrangement::Transpose };
        let eps = self.eps.unwrap_or(1e-6);
        let y = layer_norm("norm1", eps, x, g)?;
        let y = g.add(transpose.clone(), &[y])?;
        let y = mlp("mlp_tokens", y, self.token_hidden.unwrap_or((channels / 2).max(1)), Activation::Gelu, true, g)?;
        let y = g.add(transpose, &[y])?;
        let y = g.drop_path(y, site.depth)?;
        let x = g.sum(&[x, y])?;
        let y = layer_norm("norm2", eps, x, g)?;
        let hidden = self.channel_hidden.unwrap_or(channels.saturating_mul(4));
        let y = mlp("mlp_channels", y, hidden, Activation::Gelu, true, g)?;
        let y = g.drop_path(y, site.depth)?;
        g.sum(&[x, y])
    }
}

fn layer_norm(name: &str, eps: f64, x: Port, g: &mut Builder) -> Result<Port, ShapeFault> {
    let norm = Primitive::LayerNorm { channels: x.channels(), eps, affine: Affine::WeightBias };
    g.add_named(name, norm, &[x])
}
