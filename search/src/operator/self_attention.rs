//! Multi-head self-attention (Vaswani et al., NeurIPS 2017, section 3.2).

use super::linear::{as_tokens, keeps_shape, pointwise};
use super::{Norm, Operator};
use crate::network::{Builder, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every token attends to every token. Keeps the shape of tokens or of an image (its pixels are the tokens).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SelfAttention {
    pub heads: usize,
    /// Channels of a head; by default the channels shared among the heads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_channels: Option<usize>,
    pub bias: bool,
    /// Whether it stands beside a shortcut, behind a layer norm (pre-norm transformer).
    pub residual: bool,
}

impl Default for SelfAttention {
    fn default() -> Self {
        SelfAttention { heads: 4, head_channels: None, bias: true, residual: true }
    }
}

impl Operator for SelfAttention {
    const NAME: &'static str = "self_attention";
    const SUMMARY: &'static str = "Multi-head self-attention over tokens or pixels";

    fn check(&self) -> Result<(), String> {
        match self.heads {
            0 => Err("`heads` must be at least 1".into()),
            _ => Ok(()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let head_channels = match self.head_channels {
            Some(channels) => channels,
            None if x.channels().is_multiple_of(self.heads) => x.channels() / self.heads,
            None => return g.refuse(format!("{} heads do not divide {} channels", self.heads, x.channels())),
        };
        let normed = if self.residual { g.scope("norm", |g| Norm::Layer.lower(x, true, g))? } else { x };
        let y = as_tokens(normed, g, |x, g| attend(x, self.heads, head_channels, self.bias, g))?;
        if !self.residual {
            return Ok(y);
        }
        let branch = g.drop_path(y, site.depth)?;
        g.sum(&[x, branch])
    }
}

/// Attention of tokens among themselves: one linear layer makes queries, keys and values, another joins the heads.
pub(super) fn attend(
    x: Port,
    heads: usize,
    head_channels: usize,
    bias: bool,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    let inner = heads.saturating_mul(head_channels);
    let all = pointwise("qkv", x, inner.saturating_mul(3), bias, g)?;
    let part = |i: usize| Primitive::Slice { start: i * inner, end: (i + 1) * inner };
    let parts = [g.add(part(0), &[all])?, g.add(part(1), &[all])?, g.add(part(2), &[all])?];
    let scale = (head_channels as f64).sqrt().recip();
    let mixed = g.add(Primitive::AttentionCore { heads, head_channels, scale }, &parts)?;
    pointwise("proj", mixed, x.channels(), bias, g)
}
