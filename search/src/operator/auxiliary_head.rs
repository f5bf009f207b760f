//! The auxiliary classifier of DARTS' evaluation networks, trained beside the main one (section 1.4 of the released code).

use super::Operator;
use crate::network::{Builder, Conv, PoolKind, Port, Primitive, Rearrangement, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ReLU, 5×5 average pooling, 1×1 convolution to 128, 2×2 convolution to 768, linear layer.
/// `[c, 8, 8]` or `[c, 7, 7]` `-> [classes]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuxiliaryHead {
    /// Whether a norm follows the 2×2 convolution (CIFAR; the released ImageNet head lacks it).
    pub last_norm: bool,
}

impl Default for AuxiliaryHead {
    fn default() -> Self {
        AuxiliaryHead { last_norm: true }
    }
}

impl Operator for AuxiliaryHead {
    const NAME: &'static str = "auxiliary_head";
    const SUMMARY: &'static str = "Auxiliary classifier, training only (DARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let x = g.relu(x)?;
        let x = g.pool(x, PoolKind::Average, 5, site.stride, 0)?;
        let x = g.conv(x, Conv::square(128, 1))?;
        let x = g.batch_norm(x, true)?;
        let x = g.relu(x)?;
        let mut x = g.conv(x, Conv::square(768, 2).padding(0))?;
        if self.last_norm {
            x = g.batch_norm(x, true)?;
        }
        let x = g.relu(x)?;
        let x = g.add(Primitive::Rearrange { to: Rearrangement::Flatten }, &[x])?;
        g.linear(x, site.classes, true)
    }
}
