//! Max and average pooling as layers of a cell.

use super::Operator;
use crate::network::{Builder, PoolKind, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
}

impl Operator for MaxPool {
    const NAME: &'static str = "max_pool";
    const SUMMARY: &'static str = "Max pooling that keeps the channels";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        pool(PoolKind::Max, self.kernel, self.search_norm, x, site, g)
    }
}

/// Mean of each window, padding not counted. `[c, h, w] -> [c, h/stride, w/stride]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AveragePool {
    #[serde(default = "three")]
    pub kernel: usize,
    /// Whether a search network puts a batch norm without parameters behind the pooling (DARTS does).
    #[serde(default = "yes")]
    pub search_norm: bool,
}

impl Operator for AveragePool {
    const NAME: &'static str = "avg_pool";
    const SUMMARY: &'static str = "Average pooling that keeps the channels";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        pool(PoolKind::Average, self.kernel, self.search_norm, x, site, g)
    }
}

fn pool(
    kind: PoolKind,
    kernel: usize,
    search_norm: bool,
    x: Port,
    site: &Site,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    if x.channels() != site.channels {
        return g.refuse(format!("pooling keeps the {} channels; it cannot give {}", x.channels(), site.channels));
    }
    let pooled = g.pool(x, kind, kernel, site.stride, kernel.saturating_sub(1) / 2)?;
    match search_norm && site.pool_norm {
        true => g.batch_norm(pooled, false),
        false => Ok(pooled),
    }
}
