//! What the residual blocks of ResNets share: the shortcut and the sum.

use crate::network::{Builder, Conv, PoolKind, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a shortcut that changes the shape is followed by a batch norm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShortcutNorm {
    /// Always (ImageNet networks).
    #[default]
    Always,
    /// Only at stride 1 (basic blocks of CIFAR networks, Dong and Yang 2019).
    Unpooled,
    /// Nowhere (bottleneck blocks of CIFAR networks).
    Never,
}

/// Convolution, batch norm and, where `active`, ReLU.
pub(super) fn conv_norm(x: Port, conv: Conv, active: bool, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
    let x = g.conv(x, conv)?;
    let x = g.batch_norm(x, site.affine)?;
    if active { g.relu(x) } else { Ok(x) }
}

/// ReLU of branch plus shortcut. The shortcut is the identity, a 1×1 convolution where the channels change, and 2×2
/// average pooling before that convolution at stride 2 (TAS, supplementary text; He et al. 2019, "Bag of Tricks", D).
pub(super) fn join(
    x: Port,
    branch: Port,
    norm: ShortcutNorm,
    site: &Site,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    let shortcut = if site.stride == 1 && x.channels() == branch.channels() {
        x
    } else {
        g.scope("shortcut", |g| shortcut(x, branch.channels(), norm, site, g))?
    };
    let branch = g.drop_path(branch, site.depth)?;
    let sum = g.sum(&[shortcut, branch])?;
    g.relu(sum)
}

fn shortcut(x: Port, channels: usize, norm: ShortcutNorm, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
    let pooled = match site.stride {
        1 => x,
        stride => g.pool(x, PoolKind::Average, stride, stride, 0)?,
    };
    let projected = g.conv(pooled, Conv::square(channels, 1))?;
    let normed = match norm {
        ShortcutNorm::Always => true,
        ShortcutNorm::Unpooled => site.stride == 1,
        ShortcutNorm::Never => false,
    };
    if normed { g.batch_norm(projected, site.affine) } else { Ok(projected) }
}
