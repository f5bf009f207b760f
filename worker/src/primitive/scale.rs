//! Learnable factor per channel.

use super::{Init, Layer, Pass};
use search::network::Shape;
use tch::{TchError, Tensor};

pub struct Scale {
    weight: Tensor,
    /// Axes behind the channels that the factor is spread over.
    trailing: usize,
}

impl Scale {
    pub fn new(channels: usize, start: f64, inputs: &[Shape], init: &Init<'_>) -> Result<Self, TchError> {
        let trailing = if matches!(inputs.first(), Some(Shape::Image { .. })) { 2 } else { 0 };
        Ok(Scale { weight: init.constant(&[channels], start)?, trailing })
    }
}

impl Layer for Scale {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let shape: Vec<i64> = std::iter::once(-1).chain(std::iter::repeat_n(1, self.trailing)).collect();
        inputs[0].f_mul(&self.weight.f_view(shape.as_slice())?)
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        vec![("weight", &self.weight)]
    }
}
