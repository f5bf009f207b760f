//! PoolFormer's mixer (Yu et al., CVPR 2022, section 3.2).

use super::Operator;
use super::linear::keeps_shape;
use crate::network::{Builder, PoolKind, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean of the neighbourhood (the border not counted) minus the value itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PoolMixer {
    pub kernel: usize,
}

impl Default for PoolMixer {
    fn default() -> Self {
        PoolMixer { kernel: 3 }
    }
}

impl Operator for PoolMixer {
    const NAME: &'static str = "pool_mixer";
    const SUMMARY: &'static str = "Average pooling minus the identity (PoolFormer)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        let pooled = g.pool(x, PoolKind::Average, self.kernel, 1, self.kernel / 2)?;
        g.add(Primitive::Subtract, &[pooled, x])
    }
}
