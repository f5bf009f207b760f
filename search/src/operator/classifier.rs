//! The plain end of a classifier: mean over positions, then a linear layer.

use super::Operator;
use crate::network::{Builder, Port, Primitive, Shape, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean over all positions, dropout, linear layer with bias. `[c, h, w]`, `[n, c]` or `[c]` `-> [classes]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Classifier {}

impl Operator for Classifier {
    const NAME: &'static str = "classifier";
    const SUMMARY: &'static str = "Global average pooling, dropout and a linear layer";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let pooled = match x.shape {
            Shape::Vector { .. } => x,
            _ => g.global_average(x)?,
        };
        // The rate is the recipe's.
        let pooled = g.add(Primitive::Dropout { rate: 0.0 }, &[pooled])?;
        g.linear(pooled, site.classes, true)
    }
}
