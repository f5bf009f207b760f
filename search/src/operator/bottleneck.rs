//! The bottleneck block of deep ResNets (He et al., CVPR 2016, figure 5 right).

use super::Operator;
use super::residual::{ShortcutNorm, conv_norm, join};
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 1×1, 3×3 (with the stride) and 1×1 convolution with norms beside a shortcut; ReLU between and at the end.
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bottleneck {
    /// Channels of the first convolution; by default a quarter of the output's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduced: Option<usize>,
    /// Channels of the second convolution; by default a quarter of the output's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    pub shortcut_norm: ShortcutNorm,
}

impl Operator for Bottleneck {
    const NAME: &'static str = "bottleneck";
    const SUMMARY: &'static str = "1×1, 3×3 and 1×1 convolution with a shortcut (ResNet)";
    const WIDTHS: &'static [&'static str] = &["hidden", "reduced"];

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let quarter = (site.channels / 4).max(1);
        let (reduced, hidden) = (self.reduced.unwrap_or(quarter), self.hidden.unwrap_or(quarter));
        let branch = g.scope("conv_1x1", |g| conv_norm(x, Conv::square(reduced, 1), true, site, g))?;
        let branch = g.open_width("reduced", branch)?;
        let middle = Conv::square(hidden, 3).stride(site.stride);
        let branch = g.scope("conv_3x3", |g| conv_norm(branch, middle, true, site, g))?;
        let branch = g.open_width("hidden", branch)?;
        let branch = g.scope("conv_1x4", |g| conv_norm(branch, Conv::square(site.channels, 1), false, site, g))?;
        join(x, branch, self.shortcut_norm, site, g)
    }
}
