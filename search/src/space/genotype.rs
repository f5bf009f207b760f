//! Genotypes: one choice for every active decision of a space.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One choice of a flat genotype.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "GenotypeChoice")]
pub enum Choice {
    /// Index among the candidates of a discrete decision.
    Index(u64),
    /// Value of a float decision. Written as a float even when it is whole.
    Float(f64),
}

/// A genotype in canonical, flat form: choices in traversal order. Only the space can read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Genotype(pub Vec<Choice>);
