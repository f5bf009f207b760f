//! What an epoch draws: the order of the images, and how each is changed.

use super::{Normalizer, crop, cutout, mixup};
use crate::dataset::View;
use crate::recipe::Mixed;
use rand::Rng as _;
use rand::seq::SliceRandom;
use search::network::Recipe;
use search::randomness::{Purpose, Randomness};
use tch::Tensor;

/// The images of one step.
pub struct Batch {
    /// `[batch, channels, height, width]`, normalised.
    pub images: Tensor,
    /// `[batch]`
    pub labels: Tensor,
    pub mixed: Option<Mixed>,
}

/// The steps of one epoch of training.
pub struct EpochPlan {
    /// Image indices in their order, `[images]`.
    order: Tensor,
    images: usize,
    batch: usize,
    /// Rows `top, left, mirror, cutout y, cutout x`, `[5, images]`.
    draws: Option<Tensor>,
    padding: i64,
    cutout: i64,
    /// Mixup weight of each step.
    weights: Option<Vec<f64>>,
}

impl EpochPlan {
    pub fn new(view: &View, recipe: &Recipe, seed: u64, epoch: u32) -> EpochPlan {
        let randomness = Randomness::new(seed);
        let mut order = view.train.clone();
        order.shuffle(&mut randomness.at(Purpose::Order, u64::from(epoch)));
        let images = order.len();
        let mut rng = randomness.at(Purpose::Augment, u64::from(epoch));
        let device = view.pixels.device();
        let changes = recipe.crop_padding > 0 || recipe.flip || recipe.cutout > 0;
        let draws = changes.then(|| draw(images, view.shape, recipe, &mut rng).to_device(device));
        let mut plan = EpochPlan {
            order: Tensor::from_slice(&order).to_device(device),
            images,
            batch: recipe.batch_size,
            draws,
            padding: recipe.crop_padding as i64,
            cutout: recipe.cutout as i64,
            weights: None,
        };
        let mut rng = randomness.at(Purpose::Augment, (1 << 32) + u64::from(epoch));
        plan.weights =
            (recipe.mixup > 0.0).then(|| (0..plan.steps()).map(|_| mixup::weight(recipe.mixup, &mut rng)).collect());
        plan
    }

    /// Steps of the epoch. A last batch of a single image is left out: batch statistics need two.
    pub fn steps(&self) -> usize {
        match self.images % self.batch {
            1 if self.images > 1 => self.images / self.batch,
            _ => self.images.div_ceil(self.batch),
        }
    }

    /// Images of a step.
    pub fn size(&self, step: usize) -> usize {
        self.batch.min(self.images - step * self.batch)
    }

    pub fn batch(&self, view: &View, normalizer: &Normalizer, step: usize) -> Batch {
        let (start, length) = ((step * self.batch) as i64, self.size(step) as i64);
        let index = self.order.narrow(0, start, length);
        let labels = view.labels.index_select(0, &index);
        let mut pixels = view.pixels.index_select(0, &index);
        let rows: Option<Vec<Tensor>> = self.draws.as_ref().map(|draws| draws.narrow(1, start, length).unbind(0));
        if let Some(rows) = &rows {
            pixels = crop::crop(&pixels, &rows[0], &rows[1], &rows[2], self.padding);
        }
        let mut images = normalizer.apply(&pixels);
        if let Some(rows) = rows.filter(|_| self.cutout > 0) {
            images = cutout::cutout(&images, &rows[3], &rows[4], self.cutout);
        }
        match &self.weights {
            None => Batch { images, labels, mixed: None },
            Some(weights) => {
                let (images, mixed) = mixup::mixup(&images, &labels, weights[step]);
                Batch { images, labels, mixed: Some(mixed) }
            }
        }
    }
}

/// Every image takes the same five numbers of the generator, used or not, so that each kind keeps its draws.
fn draw(images: usize, [_, height, width]: [usize; 3], recipe: &Recipe, rng: &mut search::randomness::Rng) -> Tensor {
    let mut rows = vec![0i64; 5 * images];
    let mirrored = if recipe.flip { 2 } else { 1 };
    let ranges = [2 * recipe.crop_padding + 1, 2 * recipe.crop_padding + 1, mirrored, height, width];
    for image in 0..images {
        for (row, range) in ranges.iter().enumerate() {
            rows[row * images + image] = (rng.random::<f64>() * *range as f64) as i64;
        }
    }
    Tensor::from_slice(&rows).view([5, images as i64])
}
