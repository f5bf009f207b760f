//! Noise in place of an edge's values: a trap for searches that follow the training loss (RobustDARTS, space S4).

use super::Operator;
use crate::network::{Builder, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every value replaced by normal noise in training, by its mean 0 otherwise. `[c, h, w] -> [c, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Noise {
    /// Standard deviation.
    pub deviation: f64,
}

impl Default for Noise {
    fn default() -> Self {
        Noise { deviation: 1.0 }
    }
}

impl Operator for Noise {
    const NAME: &'static str = "noise";
    const SUMMARY: &'static str = "Normal noise in place of the values (RobustDARTS, space S4)";

    fn check(&self) -> Result<(), String> {
        match self.deviation >= 0.0 && self.deviation.is_finite() {
            true => Ok(()),
            false => Err("`deviation` must not be negative".into()),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if x.channels() != site.channels {
            return g.refuse(format!("noise keeps the {} channels", x.channels()));
        }
        let silent = g.add(Primitive::Zero { stride: site.stride }, &[x])?;
        g.add(Primitive::Noise { deviation: self.deviation }, &[silent])
    }
}
