//! Pooling.

use super::{Layer, Pass};
use crate::bridge;
use search::network::PoolKind;
use tch::{Device, TchError, Tensor};

/// Largest value or mean of each window.
pub struct Pool {
    kind: PoolKind,
    kernel: [i64; 2],
    stride: [i64; 2],
    padding: [i64; 2],
    count_include_pad: bool,
}

impl Pool {
    pub fn new(
        kind: PoolKind,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        count_include_pad: bool,
    ) -> Self {
        let pair = |pair: [usize; 2]| pair.map(|side| side as i64);
        Pool { kind, kernel: pair(kernel), stride: pair(stride), padding: pair(padding), count_include_pad }
    }
}

impl Layer for Pool {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let x = inputs[0];
        let Pool { kernel, stride, padding, count_include_pad, .. } = *self;
        let bridged = match self.kind {
            PoolKind::Max => bridge::max_pool(x, kernel, stride, padding)?,
            PoolKind::Average => bridge::average_pool(x, kernel, stride, padding, count_include_pad)?,
        };
        if let Some(y) = bridged {
            return Ok(y);
        }
        match self.kind {
            PoolKind::Max => x.f_max_pool2d(kernel, stride, padding, [1, 1], false),
            PoolKind::Average => x.f_avg_pool2d(kernel, stride, padding, false, count_include_pad, None),
        }
    }
}

/// Mean over all positions: images keep two axes of size 1, tokens become one vector.
pub struct GlobalAverage;

impl Layer for GlobalAverage {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        match inputs[0].dim() {
            // One window over everything: unlike a mean's, its gradient keeps the memory format.
            4 if inputs[0].device() == Device::Cpu => {
                let size = inputs[0].size();
                inputs[0].f_avg_pool2d([size[2], size[3]], [1, 1], [0, 0], false, true, None)
            }
            4 => inputs[0].f_mean_dim([2i64, 3].as_slice(), true, None),
            _ => inputs[0].f_mean_dim([1i64].as_slice(), false, None),
        }
    }
}
