//! Mixup (Zhang et al. 2018): every image becomes `w` parts itself and `1 - w` parts another of its batch.

use crate::recipe::Mixed;
use rand_distr::{Beta, Distribution};
use search::randomness::Rng;
use tch::Tensor;

/// The weight of a batch, Beta(alpha, alpha); 1 (no mixing) where alpha is no shape of a Beta distribution.
pub fn weight(alpha: f64, rng: &mut Rng) -> f64 {
    Beta::new(alpha, alpha).map_or(1.0, |beta| beta.sample(rng))
}

/// Mixes a batch with itself in reverse; the order of a batch is random already.
pub fn mixup(images: &Tensor, labels: &Tensor, weight: f64) -> (Tensor, Mixed) {
    (images * weight + images.flip([0]) * (1.0 - weight), Mixed { others: labels.flip([0]), weight })
}
