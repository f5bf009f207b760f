//! Layers that do nothing, where shapes allow it.

use super::{FactorizedReduce, Operator};
use crate::network::{Activation, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// DARTS' skip connection: the identity at stride 1, a [`FactorizedReduce`] at stride 2.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SkipConnect {
    /// Whether a 1×1 convolution with batch norm stands in where only the channels change (NATS-Bench); otherwise such a
    /// place is refused.
    pub project: bool,
}

impl Operator for SkipConnect {
    const NAME: &'static str = "skip_connect";
    const SUMMARY: &'static str = "Identity, or a factorised reduce where the stride is 2 (DARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if site.stride != 1 {
            return Operator::lower(&FactorizedReduce {}, x, site, g);
        }
        if self.project && x.channels() != site.channels {
            let x = g.conv(x, Conv::square(site.channels, 1))?;
            return g.batch_norm(x, site.affine);
        }
        if x.channels() != site.channels {
            return g.refuse(format!("a skip keeps the {} channels; it cannot give {}", x.channels(), site.channels));
        }
        g.add(Primitive::Identity, &[x])
    }
}

/// FBNet's skip: the identity where shapes allow it, otherwise a 1×1 convolution with batch norm and ReLU.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Skip {
    /// Refuse where the shape changes, instead of projecting.
    pub strict: bool,
}

impl Operator for Skip {
    const NAME: &'static str = "skip";
    const SUMMARY: &'static str = "Identity, or a projection where the shape changes (FBNet)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if site.stride == 1 && x.channels() == site.channels {
            return g.add(Primitive::Identity, &[x]);
        }
        if self.strict {
            return g.refuse(format!("a skip cannot turn {} into {} channels", x.shape, site.channels));
        }
        let x = g.conv(x, Conv::square(site.channels, 1).stride(site.stride))?;
        let x = g.batch_norm(x, site.affine)?;
        g.activation(x, Activation::Relu)
    }
}
