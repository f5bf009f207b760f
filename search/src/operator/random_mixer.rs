//! RandFormer's mixer (Yu et al., "MetaFormer Baselines for Vision", TPAMI 2024, section 3).

use super::Operator;
use super::linear::{as_tokens, keeps_shape};
use crate::network::{Builder, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
