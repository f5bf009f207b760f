//! The two-convolution block of ResNets (He et al., CVPR 2016, figure 5 left).

use super::Operator;
use super::residual::{ShortcutNorm, conv_norm, join};
use crate::network::{Builder, Conv, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Two 3×3 convolutions with norms beside a shortcut; ReLU between and at the end.
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BasicBlock {
    /// Channels between the convolutions; by default those of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    pub shortcut_norm: ShortcutNorm,
}

impl Operator for BasicBlock {
    const NAME: &'static str = "basic_block";
    const SUMMARY: &'static str = "Two 3×3 convolutions with a shortcut (ResNet)";
    const WIDTHS: &'static [&'static str] = &["hidden"];

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let hidden = self.hidden.unwrap_or(site.channels);
        let first = Conv::square(hidden, 3).stride(site.stride);
        let branch = g.scope("conv_a", |g| conv_norm(x, first, true, site, g))?;
        let branch = g.open_width("hidden", branch)?;
        let branch = g.scope("conv_b", |g| conv_norm(branch, Conv::square(site.channels, 3), false, site, g))?;
        join(x, branch, self.shortcut_norm, site, g)
    }
}
