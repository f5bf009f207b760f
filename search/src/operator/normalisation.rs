//! A norm with an activation, as a layer of its own (the end of pre-activation networks).

use super::{Norm, Operator};
use crate::network::{Activation, Builder, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keeps the shape.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Normalisation {
    pub norm: Norm,
    pub activation: Option<Activation>,
}

impl Operator for Normalisation {
    const NAME: &'static str = "norm";
    const SUMMARY: &'static str = "Norm and activation as a layer of their own";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = self.norm.lower(x, site.affine, g)?;
        match self.activation {
            Some(function) => g.activation(x, function),
            None => Ok(x),
        }
    }
}
