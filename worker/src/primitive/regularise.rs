//! Dropout, drop-path and noise. Random numbers come from an addressed generator, not from libtorch's global one: a resumed run draws
//! the same masks, and slots do not disturb each other.

use super::{Layer, Pass};
use tch::{TchError, Tensor};

/// Scales values to 0 or 1/keep; the mask has the shape of `x` in its first `axes` axes and 1 in the others.
fn masked(x: &Tensor, axes: usize, rate: f64, pass: &Pass<'_>) -> Result<Tensor, TchError> {
    let Some(noise) = pass.noise.filter(|_| pass.train && rate > 0.0) else { return Ok(x.shallow_clone()) };
    let mut shape = x.size();
    shape.iter_mut().skip(axes).for_each(|side| *side = 1);
    x.f_mul(&noise.mask(&shape, rate.min(0.999), x.device()).f_to_kind(x.kind())?)
}

/// Drops single values with the layer's rate, or the recipe's where the layer has none.
pub struct Dropout(pub f64);

impl Layer for Dropout {
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let rate = if self.0 > 0.0 { self.0 } else { pass.dropout };
        masked(inputs[0], usize::MAX, rate, pass)
    }
}

/// Drops all of a sample's branch with `share` of the recipe's drop-path rate (DARTS, section 1.4).
pub struct DropPath(pub f64);

impl Layer for DropPath {
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let rate = self.0 * pass.drop_path;
        masked(inputs[0], 1, rate, pass)
    }
}

/// Adds normal noise of a standard deviation to the values in training.
pub struct Noise(pub f64);

impl Layer for Noise {
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let x = inputs[0];
        let Some(noise) = pass.noise.filter(|_| pass.train) else { return Ok(x.shallow_clone()) };
        x.f_add(&noise.normal(&x.size(), self.0, x.device()).f_to_kind(x.kind())?)
    }
}
