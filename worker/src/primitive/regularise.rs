//! Dropout and drop-path. Masks come from an addressed generator, not from libtorch's global one: a resumed run draws
//! the same masks, and slots do not disturb each other.

use super::{Layer, Pass};
use rand::Rng as _;
use search::randomness::Rng;
use tch::{TchError, Tensor};

/// Draws masks for one step.
pub struct Noise(pub Rng);

impl Noise {
    /// 1/keep with probability `keep`, else 0, of the shape of `like` in its first `axes` axes and 1 in the others.
    fn mask(&mut self, like: &Tensor, axes: usize, keep: f64) -> Result<Tensor, TchError> {
        let mut shape = like.size();
        shape.iter_mut().skip(axes).for_each(|side| *side = 1);
        let count: i64 = shape.iter().product();
        let kept = (1.0 / keep) as f32;
        let draw = |_| if self.0.random_bool(keep) { kept } else { 0.0 };
        let values: Vec<f32> = (0..count).map(draw).collect();
        Tensor::f_from_slice(&values)?.f_view(shape.as_slice())?.f_to_kind(like.kind())?.f_to_device(like.device())
    }
}

fn masked(x: &Tensor, axes: usize, rate: f64, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
    match pass.noise.as_mut() {
        Some(noise) if pass.train && rate > 0.0 => x.f_mul(&noise.mask(x, axes, 1.0 - rate.min(0.999))?),
        _ => Ok(x.shallow_clone()),
    }
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
