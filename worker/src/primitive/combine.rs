//! Layers of several inputs, and slices.

use super::{Layer, Pass};
use crate::bridge;
use search::network::Shape;
use tch::{TchError, Tensor};

/// The axis of the channels, batch counted.
fn channel_axis(shape: Option<&Shape>) -> i64 {
    match shape {
        Some(Shape::Tokens { .. }) => 2,
        _ => 1,
    }
}

pub struct Add;

impl Layer for Add {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let [first, second, rest @ ..] = inputs else { return Ok(inputs[0].shallow_clone()) };
        if let Some(sum) = bridge::weighted_sum(inputs, None)? {
            return Ok(sum);
        }
        let mut sum = first.f_add(second)?;
        for input in rest {
            // The sum belongs to nobody else, and addition needs no value for its gradient.
            sum = sum.f_add_(input)?;
        }
        Ok(sum)
    }
}

pub struct Subtract;

impl Layer for Subtract {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        inputs[0].f_sub(inputs[1])
    }
}

/// The second input may be `[batch, channels, 1, 1]`.
pub struct Multiply;

impl Layer for Multiply {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        inputs[0].f_mul(inputs[1])
    }
}

pub struct Concat {
    axis: i64,
}

impl Concat {
    pub fn of(inputs: &[Shape]) -> Self {
        Concat { axis: channel_axis(inputs.first()) }
    }
}

impl Layer for Concat {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        Tensor::f_cat(inputs, self.axis)
    }
}

/// Channels `start..end`.
pub struct Slice {
    axis: i64,
    start: i64,
    length: i64,
}

impl Slice {
    pub fn new(start: usize, end: usize, inputs: &[Shape]) -> Self {
        Slice { axis: channel_axis(inputs.first()), start: start as i64, length: (end - start) as i64 }
    }
}

impl Layer for Slice {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        inputs[0].f_narrow(self.axis, self.start, self.length)
    }
}
