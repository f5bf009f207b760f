//! Images of a step: gathered, cropped, mirrored, normalised, blanked and mixed on the device, by the batch.
//!
//! All draws of an epoch are made beforehand from generators addressed by (seed, epoch) and sent to the device at
//! once; switching one kind of augmentation on or off leaves the draws of the others as they are.

mod crop;
mod cutout;
mod mixup;
mod plan;

pub use cutout::{blanked, cutout};
pub use plan::{Batch, EpochPlan};

use crate::dataset::View;
use tch::{Kind, Tensor};

/// Bytes to normalised 32-bit values, per channel.
pub struct Normalizer {
    scale: Tensor,
    shift: Tensor,
}

impl Normalizer {
    pub fn new(view: &View) -> Normalizer {
        let given = &view.normalization;
        let column = |values: Vec<f32>| Tensor::from_slice(&values).view([1, -1, 1, 1]).to_device(view.pixels.device());
        Normalizer {
            scale: column(given.std.iter().map(|std| (1.0 / (255.0 * std)) as f32).collect()),
            shift: column(given.mean.iter().zip(&given.std).map(|(mean, std)| (-mean / std) as f32).collect()),
        }
    }

    /// `[batch, channels, height, width]`, bytes in, values of mean 0 and deviation 1 out.
    pub fn apply(&self, pixels: &Tensor) -> Tensor {
        pixels.to_kind(Kind::Float) * &self.scale + &self.shift
    }
}
