//! The residual block between the stages of NAS-Bench-201 (Dong and Yang 2020, section 2.1).

use super::Operator;
use crate::network::{Builder, Conv, PoolKind, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Two times ReLU, 3×3 convolution, batch norm, beside 2×2 average pooling and a 1×1 convolution; sum. Its norms keep
/// their parameters in search networks too. `[c, h, w] -> [channels, h/2, w/2]`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReductionBlock {}

impl Operator for ReductionBlock {
    const NAME: &'static str = "reduction_block";
    const SUMMARY: &'static str = "Residual block of stride 2 between stages (NAS-Bench-201)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if site.stride != 2 {
            return g.refuse(format!("has stride 2, not {}", site.stride));
        }
        let a = half("conv_a", x, site, g)?;
        let b = half("conv_b", a, &site.with_stride(1), g)?;
        let shortcut = g.scope("downsample", |g| {
            let x = g.pool(x, PoolKind::Average, 2, 2, 0)?;
            g.conv(x, Conv::square(site.channels, 1))
        })?;
        g.sum(&[shortcut, b])
    }
}

fn half(name: &str, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
    g.scope(name, |g| {
        let x = g.relu(x)?;
        let x = g.conv(x, Conv::square(site.channels, 3).stride(site.stride))?;
        g.batch_norm(x, true)
    })
}
