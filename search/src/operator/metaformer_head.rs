//! Classifiers of the MetaFormer family.

use super::Operator;
use crate::network::{Activation, Affine, Builder, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of the head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeadKind {
    /// Mean over space, layer norm, linear layer (IdentityFormer, RandFormer, PoolFormerV2).
    #[default]
    Linear,
    /// Mean over space, layer norm, then two linear layers with a squared ReLU and a norm between (ConvFormer, CAFormer).
    Mlp,
    /// Group norm of one group, mean over space, linear layer (PoolFormer).
    NormFirst,
}

/// `[c, h, w]` or `[n, c]` `-> [classes]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetaformerHead {
    pub kind: HeadKind,
}

impl Operator for MetaformerHead {
    const NAME: &'static str = "metaformer_head";
    const SUMMARY: &'static str = "Norm, global average pooling and classifier (MetaFormer)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let layer_norm = |name: &str, eps: f64, x: Port, g: &mut Builder| {
            let norm = Primitive::LayerNorm { channels: x.channels(), eps, affine: Affine::WeightBias };
            g.add_named(name, norm, &[x])
        };
        let x = match self.kind {
            HeadKind::NormFirst => {
                let (channels, eps, affine) = (x.channels(), 1e-5, Affine::WeightBias);
                let x = g.add_named("norm", Primitive::GroupNorm { groups: 1, channels, eps, affine }, &[x])?;
                g.global_average(x)?
            }
            HeadKind::Linear | HeadKind::Mlp => {
                let x = g.global_average(x)?;
                layer_norm("norm", 1e-6, x, g)?
            }
        };
        g.scope("head", |g| {
            if self.kind != HeadKind::Mlp {
                return g.linear(x, site.classes, true);
            }
            let hidden = x.channels().saturating_mul(4);
            let x = g.linear(x, hidden, true)?;
            let x = g.activation(x, Activation::SquaredRelu)?;
            let x = layer_norm("norm", 1e-5, x, g)?;
            // The rate is the recipe's.
            let x = g.add(Primitive::Dropout { rate: 0.0 }, &[x])?;
            g.linear(x, site.classes, true)
        })
    }
}
