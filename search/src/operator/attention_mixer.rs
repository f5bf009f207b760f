//! CAFormer's mixer in the last two stages (Yu et al., TPAMI 2024, section 3).

use super::Operator;
use super::linear::{as_tokens, keeps_shape};
use super::self_attention::attend;
use crate::network::{Builder, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
