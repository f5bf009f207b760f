//! From token ids to vectors.

use super::Operator;
use crate::network::{Builder, Port, Primitive, Shape, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Learnable vector per token id, plus one per position, perhaps a layer norm. `[n]` ids `-> [n, channels]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenEmbedding {
    /// Number of different ids.
    pub vocabulary: usize,
    /// Whether positions have vectors of their own.
    pub position: bool,
    pub norm: bool,
}

impl Default for TokenEmbedding {
    fn default() -> Self {
        TokenEmbedding { vocabulary: 30_522, position: true, norm: false }
    }
}

impl Operator for TokenEmbedding {
    const NAME: &'static str = "token_embedding";
    const SUMMARY: &'static str = "Vectors for token ids and positions";

    fn check(&self) -> Result<(), String> {
        match self.vocabulary {
            0 => Err("`vocabulary` must be at least 1".into()),
            _ => Ok(()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let (vocabulary, channels) = (self.vocabulary, site.channels);
        let Shape::Ids { tokens } = x.shape else {
            return g.refuse(format!("embeds token ids, not {}", x.shape));
        };
        if channels == 0 {
            return g.refuse("needs `channels`: the length of the vectors");
        }
        let mut x = g.add_named("embedding", Primitive::Embedding { vocabulary, channels }, &[x])?;
        if self.position {
            x = g.add_named("position", Primitive::Position { tokens, channels }, &[x])?;
        }
        match self.norm {
            true => super::Norm::Layer.lower(x, true, g),
            false => Ok(x),
        }
    }
}
