//! A level of RaftMLP: patch embedding, then blocks that mix along columns, rows and channels (Tatsunami and Taki,
//! "RaftMLP", ACCV 2022, section 3).

use super::Operator;
use super::linear::mlp;
use crate::network::{Activation, Affine, Builder, Conv, Port, Primitive, Rearrangement, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Patches become `channels` values, then `depth` blocks follow. A raft is a group of channels that is mixed together
/// with the positions of a column or row. `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RaftLevel {
    pub depth: usize,
    pub raft: usize,
    pub token_expansion: usize,
    pub channel_expansion: usize,
    /// Sides of the windows that a patch sees (multi-scale embedding); by default only the patch, whose side is the stride.
    pub kernels: Vec<usize>,
}

impl Default for RaftLevel {
    fn default() -> Self {
        RaftLevel { depth: 1, raft: 2, token_expansion: 2, channel_expansion: 4, kernels: Vec::new() }
    }
}

impl Operator for RaftLevel {
    const NAME: &'static str = "raft_level";
    const SUMMARY: &'static str = "Patch embedding and mixing along columns, rows and channels (RaftMLP)";

    fn check(&self) -> Result<(), String> {
        match self.depth <= 1000 && self.raft > 0 {
            true => Ok(()),
            false => Err("`depth` is at most 1,000, `raft` at least 1".into()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if !site.channels.is_multiple_of(self.raft) {
            return g.refuse(format!("a raft of {} does not divide {} channels", self.raft, site.channels));
        }
        let mut x = g.scope("embedding", |g| self.embedded(x, site, g))?;
        for block in 0..self.depth {
            x = g.scope(&format!("blocks.{block}"), |g| {
                let x = g.scope("vertical", |g| self.along(true, x, site, g))?;
                let x = g.scope("horizontal", |g| self.along(false, x, site, g))?;
                g.scope("channel", |g| self.channels(x, site, g))
            })?;
        }
        Ok(x)
    }
}

impl RaftLevel {
    fn embedded(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let Some([height, width]) = x.size() else { return g.refuse(format!("takes an image, not {}", x.shape)) };
        let patch = site.stride;
        if self.kernels.is_empty() || self.kernels == [patch] {
            let patches = g.add(Primitive::Rearrange { to: Rearrangement::Patches { size: patch } }, &[x])?;
            let tokens = g.linear(patches, site.channels, true)?;
            let to = Rearrangement::TokensToImage { height: height / patch, width: width / patch };
            return g.add(Primitive::Rearrange { to }, &[tokens]);
        }
        // One linear layer over concatenated windows is a sum of convolutions, one per window.
        let mut scales = Vec::with_capacity(self.kernels.len());
        for (index, &kernel) in self.kernels.iter().enumerate() {
            let conv = Conv::square(site.channels, kernel).stride(patch).padding(kernel.saturating_sub(patch) / 2);
            scales.push(g.conv(x, conv.bias(index == 0))?);
        }
        g.sum(&scales)
    }

    /// The block along columns or rows, beside a shortcut.
    fn along(&self, vertical: bool, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let Some([height, width]) = x.size() else { return g.refuse(format!("takes an image, not {}", x.shape)) };
        let raft = self.raft;
        let (forth, back) = match vertical {
            true => (
                Rearrangement::RaftVertical { height, width, raft },
                Rearrangement::RaftVerticalBack { height, width, raft },
            ),
            false => (
                Rearrangement::RaftHorizontal { height, width, raft },
                Rearrangement::RaftHorizontalBack { height, width, raft },
            ),
        };
        // The norm's weights are listed with the raft innermost.
        let y = g.add(Primitive::ChannelShuffle { groups: raft }, &[x])?;
        let y = norm(y, g)?;
        let y = g.add(Primitive::ChannelShuffle { groups: x.channels() / raft }, &[y])?;
        let rearranged = |to: Rearrangement, y: Port, g: &mut Builder| g.add(Primitive::Rearrange { to }, &[y]);
        let y = rearranged(Rearrangement::ImageToTokens, y, g)?;
        let y = rearranged(forth, y, g)?;
        let y = mlp("mlp", y, self.token_expansion.saturating_mul(y.channels()), Activation::Gelu, true, g)?;
        let y = rearranged(back, y, g)?;
        let y = rearranged(Rearrangement::TokensToImage { height, width }, y, g)?;
        let y = g.drop_path(y, site.depth)?;
        g.sum(&[x, y])
    }

    fn channels(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let y = norm(x, g)?;
        let hidden = self.channel_expansion.saturating_mul(x.channels());
        let y = mlp("mlp", y, hidden, Activation::Gelu, true, g)?;
        let y = g.drop_path(y, site.depth)?;
        g.sum(&[x, y])
    }
}

fn norm(x: Port, g: &mut Builder) -> Result<Port, ShapeFault> {
    let norm = Primitive::LayerNorm { channels: x.channels(), eps: 1e-5, affine: Affine::WeightBias };
    g.add_named("norm", norm, &[x])
}
