//! Layers that move or drop values and compute nothing.

use super::{Layer, Pass};
use tch::{TchError, Tensor};

pub struct Identity;

impl Layer for Identity {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        Ok(inputs[0].shallow_clone())
    }
}

/// Every `stride`-th pixel, times 0.
pub struct Zero(pub i64);

impl Layer for Zero {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let x = inputs[0];
        let kept = if self.0 == 1 { x.shallow_clone() } else { strided(x, self.0)? };
        kept.f_mul_scalar(0.0)
    }
}

fn strided(x: &Tensor, stride: i64) -> Result<Tensor, TchError> {
    x.f_slice(2, None, None, stride)?.f_slice(3, None, None, stride)
}

/// Drops the first row and column.
pub struct Shift;

impl Layer for Shift {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        // Padding by less than nothing: unlike a slice's, its gradient keeps the memory format.
        inputs[0].f_constant_pad_nd([-1, 0, -1, 0])
    }
}

/// Zero rows and columns at the end.
pub struct Pad {
    pub bottom: i64,
    pub right: i64,
}

impl Layer for Pad {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        inputs[0].f_constant_pad_nd([0, self.right, 0, self.bottom])
    }
}

pub struct ChannelShuffle(pub i64);

impl Layer for ChannelShuffle {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        // The batch stays open: a traced network keeps the numbers of its shapes.
        let size = inputs[0].size();
        let split = [-1, self.0, size[1] / self.0, size[2], size[3]];
        inputs[0].f_reshape(split)?.f_transpose(1, 2)?.f_reshape([-1, size[1], size[2], size[3]])
    }
}

/// Nearest-neighbour enlargement.
pub struct Upsample(pub i64);

impl Layer for Upsample {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let size = inputs[0].size();
        inputs[0].f_upsample_nearest2d([size[2] * self.0, size[3] * self.0], None, None)
    }
}
