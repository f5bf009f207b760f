//! Max and average pooling as layers of a cell.

use super::Operator;
use crate::network::{BATCH_NORM_MOMENTUM, Builder, Conv, PoolKind, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Added to the variance of the norm behind a projection (sharpDARTS' release).
const PROJECTION_EPS: f64 = 1e-3;

fn three() -> usize {
    3
}

fn yes() -> bool {
    true
}

/// Largest value of each window, padding left out. `[c, h, w] -> [c, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaxPool {
    #[serde(default = "three")]
    pub kernel: usize,
    /// Whether a search network puts a batch norm without parameters behind the pooling (DARTS does).
    #[serde(default = "yes")]
    pub search_norm: bool,
    /// Whether a 1×1 convolution with batch norm (eps 0.001) stands behind where the channels change (sharpDARTS);
    /// otherwise such a place is refused.
    #[serde(default)]
    pub project: bool,
}

impl Operator for MaxPool {
    const NAME: &'static str = "max_pool";
    const SUMMARY: &'static str = "Max pooling that keeps the channels";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let kind = Pool { kind: PoolKind::Max, kernel: self.kernel, count_include_pad: false };
        pool(kind, self.search_norm, self.project, x, site, g)
    }
}

/// Mean of each window, padding not counted unless asked for. `[c, h, w] -> [c, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AveragePool {
    #[serde(default = "three")]
    pub kernel: usize,
    /// Whether a search network puts a batch norm without parameters behind the pooling (DARTS does).
    #[serde(default = "yes")]
    pub search_norm: bool,
    /// Whether a 1×1 convolution with batch norm (eps 0.001) stands behind where the channels change (sharpDARTS);
    /// otherwise such a place is refused.
    #[serde(default)]
    pub project: bool,
    /// Whether the padding counts as zeros (sharpDARTS' release).
    #[serde(default)]
    pub count_include_pad: bool,
}

impl Operator for AveragePool {
    const NAME: &'static str = "avg_pool";
    const SUMMARY: &'static str = "Average pooling that keeps the channels";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let count_include_pad = self.count_include_pad;
        let kind = Pool { kind: PoolKind::Average, kernel: self.kernel, count_include_pad };
        pool(kind, self.search_norm, self.project, x, site, g)
    }
}

/// Max pooling to any number of channels: a projection stands behind it where they change (sharpDARTS).
/// `[c, h, w] -> [channels, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResizablePool {
    #[serde(default = "three")]
    pub kernel: usize,
}

impl Operator for ResizablePool {
    const NAME: &'static str = "resizable_pool";
    const SUMMARY: &'static str = "Max pooling, with a projection where the channels change (sharpDARTS)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let kind = Pool { kind: PoolKind::Max, kernel: self.kernel, count_include_pad: false };
        pool(kind, false, true, x, site, g)
    }
}

struct Pool {
    kind: PoolKind,
    kernel: usize,
    count_include_pad: bool,
}

fn pool(
    Pool { kind, kernel, count_include_pad }: Pool,
    search_norm: bool,
    project: bool,
    x: Port,
    site: &Site,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    if x.channels() != site.channels && !project {
        return g.refuse(format!("pooling keeps the {} channels; it cannot give {}", x.channels(), site.channels));
    }
    let (half, stride) = (kernel.saturating_sub(1) / 2, site.stride);
    let primitive = Primitive::Pool {
        kind,
        kernel: [kernel, kernel],
        stride: [stride, stride],
        padding: [half, half],
        count_include_pad,
    };
    let mut pooled = g.add(primitive, &[x])?;
    if x.channels() != site.channels {
        pooled = g.conv(pooled, Conv::square(site.channels, 1))?;
        let (channels, momentum) = (site.channels, BATCH_NORM_MOMENTUM);
        pooled =
            g.add(Primitive::BatchNorm { channels, eps: PROJECTION_EPS, momentum, affine: site.affine }, &[pooled])?;
    }
    match search_norm && site.pool_norm {
        true => g.batch_norm(pooled, false),
        false => Ok(pooled),
    }
}
