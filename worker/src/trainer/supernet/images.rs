//! The images of a search: the training split divided between weights and architecture.

use crate::dataset::View;
use crate::recipe::augment::{Batch, EpochPlan, Normalizer};
use crate::trainer::TrainError;
use rand::seq::SliceRandom;
use search::network::Recipe;
use search::randomness::{Purpose, Randomness};

/// The architecture's images are drawn by a seed of their own.
const ARCHITECTURE: u64 = 0x6172_6368_6974_6563;

pub struct Images<'a> {
    /// Trains the weights; its judging images are the validation split.
    pub weights: View,
    /// Trains the architecture.
    pub architecture: View,
    pub normalizer: Normalizer,
    recipe: &'a Recipe,
    seed: u64,
}

impl<'a> Images<'a> {
    /// `share` of the training split, drawn by the seed, trains the weights, the rest the architecture.
    pub fn new(view: &View, share: f64, recipe: &'a Recipe, seed: u64) -> Result<Images<'a>, TrainError> {
        let mut order = view.train.clone();
        order.shuffle(&mut Randomness::new(seed).at(Purpose::Split, 1));
        let count = ((order.len() as f64 * share).round() as usize).min(order.len());
        let mut rest = order.split_off(count);
        if order.len() < 2 {
            let detail = format!("`weight_share` {share} leaves {} images to train the weights", order.len());
            return Err(TrainError::Invalid(detail));
        }
        order.sort_unstable();
        rest.sort_unstable();
        let normalizer = Normalizer::new(view);
        Ok(Images { weights: view.with_train(order), architecture: view.with_train(rest), normalizer, recipe, seed })
    }

    /// The weights' epoch.
    pub fn epoch(&self, epoch: u32) -> EpochPlan {
        EpochPlan::new(&self.weights, self.recipe, self.seed, epoch)
    }

    pub fn weight_batch(&self, plan: &EpochPlan, step: usize) -> Batch {
        plan.batch(&self.weights, &self.normalizer, step)
    }

    /// Steps of one pass over the architecture's images.
    pub fn architecture_steps(&self) -> usize {
        if self.architecture.train.is_empty() { 0 } else { self.architecture_pass(0).steps() }
    }

    /// One of the passes over the architecture's images, each in an order of its own.
    pub fn architecture_pass(&self, number: u32) -> EpochPlan {
        EpochPlan::new(&self.architecture, self.recipe, self.seed ^ ARCHITECTURE, number)
    }
}

/// The architecture's batches one after another, over as many passes as it takes.
pub struct ArchitectureBatches<'a> {
    images: &'a Images<'a>,
    steps: usize,
    /// The pass that was used last.
    pass: Option<(u32, EpochPlan)>,
}

impl<'a> ArchitectureBatches<'a> {
    pub fn new(images: &'a Images<'a>) -> Self {
        ArchitectureBatches { images, steps: images.architecture_steps(), pass: None }
    }

    /// The batch with this number, counted over the whole search.
    pub fn get(&mut self, number: u64) -> Batch {
        let steps = self.steps.max(1) as u64;
        let (pass, step) = ((number / steps) as u32, (number % steps) as usize);
        let plan = match self.pass.take() {
            Some((known, plan)) if known == pass => plan,
            _ => self.images.architecture_pass(pass),
        };
        let batch = plan.batch(&self.images.architecture, &self.images.normalizer, step);
        self.pass = Some((pass, plan));
        batch
    }
}
