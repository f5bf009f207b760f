//! Stems and transitions of the MetaFormer family.

use super::Operator;
use crate::network::{Affine, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the layer norm stands; it has weights but no biases, and eps 1e-6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NormPlace {
    #[default]
    None,
    Before,
    After,
}

/// Convolution with bias and stride, a layer norm before or after it. `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Downsample {
    pub kernel: usize,
    /// By default half the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<usize>,
    pub norm: NormPlace,
}

impl Default for Downsample {
    fn default() -> Self {
        Downsample { kernel: 3, padding: None, norm: NormPlace::None }
    }
}

impl Operator for Downsample {
    const NAME: &'static str = "downsample";
    const SUMMARY: &'static str = "Convolution with stride and a layer norm (MetaFormer)";

    fn lower(&self, mut x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let norm = |x: Port, g: &mut Builder| {
            let norm = Primitive::LayerNorm { channels: x.channels(), eps: 1e-6, affine: Affine::Weight };
            g.add_named("norm", norm, &[x])
        };
        if self.norm == NormPlace::Before {
            x = norm(x, g)?;
        }
        let conv = Conv::square(site.channels, self.kernel).stride(site.stride).bias(true);
        let conv = self.padding.map_or(conv, |padding| conv.padding(padding));
        x = g.add_named("conv", conv.primitive(x.channels()), &[x])?;
        if self.norm == NormPlace::After { norm(x, g) } else { Ok(x) }
    }
}
