//! The edge that is not there.

use super::Operator;
use crate::network::{Builder, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Zeros of the right size. `[c, h, w] -> [c, h/stride, w/stride]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Zero {}

impl Operator for Zero {
    const NAME: &'static str = "none";
    const SUMMARY: &'static str = "Zeros: the edge is absent";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if x.channels() != site.channels {
            return g.refuse(format!("an absent edge keeps the {} channels", x.channels()));
        }
        g.add(Primitive::Zero { stride: site.stride }, &[x])
    }
}
