//! Attention between tokens.

use super::{Layer, Pass};
use tch::{TchError, Tensor};

/// `softmax(q k^T * scale) v` per head; three inputs `[batch, tokens, heads * head_channels]`.
pub struct Attention {
    heads: i64,
    head_channels: i64,
    scale: f64,
}

impl Attention {
    pub fn new(heads: usize, head_channels: usize, scale: f64) -> Self {
        Attention { heads: heads as i64, head_channels: head_channels as i64, scale }
    }

    fn split(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let size = x.size();
        x.f_reshape([-1, size[1], self.heads, self.head_channels])?.f_transpose(1, 2)
    }
}

impl Layer for Attention {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let (q, k, v) = (self.split(inputs[0])?, self.split(inputs[1])?, self.split(inputs[2])?);
        let mixed = Tensor::f_scaled_dot_product_attention::<Tensor>(&q, &k, &v, None, 0.0, false, self.scale, false)?;
        mixed.f_transpose(1, 2)?.f_flatten(2, 3)
    }
}
