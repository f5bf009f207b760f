//! The two losses of a step.

use super::{At, Course, Search, step_rng};
use crate::primitive::Pass;
use crate::recipe::augment::Batch;
use crate::recipe::{Mixed, Noise, loss};
use crate::supernet::bilevel::{Bilevel, Of, Side};
use crate::supernet::cost::ExpectedCost;
use crate::supernet::relaxation::{self, Moment};
use crate::supernet::{Logits, Mixing, Supernet};
use search::space::Selection;
use search::supernet::Mixture;
use tch::{TchError, Tensor};

pub(super) struct Problem<'a> {
    pub net: &'a Supernet,
    pub logits: &'a Logits,
    pub cost: Option<&'a ExpectedCost>,
    pub course: &'a Course,
    pub at: At,
    pub mixture: Mixture,
    /// The path of a controller; it takes the place of the mixture.
    pub path: Option<&'a Selection>,
    /// Training and validation batch.
    pub batches: [&'a Batch; 2],
    pub parts: usize,
    /// Whether running statistics are kept.
    pub track: bool,
}

/// Noise of passes that train the architecture differs from that of the weights.
const ARCHITECTURE_NOISE: u64 = 0x6e61_7363_656e_7461;

/// The seed of a step's passes.
pub(super) fn seed(course: u64, architecture: bool) -> u64 {
    if architecture { course ^ ARCHITECTURE_NOISE } else { course }
}

impl<'a> Problem<'a> {
    /// The problem of a step of the architecture, in one part.
    pub fn new(search: &'a Search, at: At, mixture: Mixture, batches: [&'a Batch; 2]) -> Self {
        Problem {
            net: &search.net,
            logits: &search.logits,
            cost: search.cost.as_ref(),
            course: &search.course,
            at,
            mixture,
            path: None,
            batches,
            parts: 1,
            track: false,
        }
    }

    /// The weights of the candidates; the noise of all passes of a step is one.
    fn mixing(&self, of: Of) -> Result<Mixing, TchError> {
        if let Some(path) = self.path {
            return Ok(Mixing::path(self.net, path));
        }
        let moment = Moment { epoch: self.at.epoch, epochs: self.course.epochs };
        let mut rng = step_rng(self.seed(), self.at);
        let draw = if of == Of::Weights { relaxation::draw_without_gradient } else { relaxation::draw };
        draw(self.net, self.logits, &self.mixture, moment, &mut rng)
    }

    fn seed(&self) -> u64 {
        seed(self.course.seed, !self.track)
    }

    /// Rows of a batch that belong to a part.
    fn part(&self, batch: &Batch, part: usize) -> Result<(Batch, f64), TchError> {
        let images = batch.labels.size().first().copied().unwrap_or(0);
        let parts = self.parts as i64;
        let (start, end) = (images * part as i64 / parts, images * (part as i64 + 1) / parts);
        let cut = |tensor: &Tensor| tensor.f_narrow(0, start, end - start);
        let mixed = match &batch.mixed {
            Some(Mixed { others, weight }) => Some(Mixed { others: cut(others)?, weight: *weight }),
            None => None,
        };
        let share = (end - start) as f64 / images as f64;
        Ok((Batch { images: cut(&batch.images)?, labels: cut(&batch.labels)?, mixed }, share))
    }

    /// Cost and beta-decay join the cross entropy.
    fn whole(&self, side: Side, cross_entropy: Tensor, mixing: &Mixing, share: f64) -> Result<Tensor, TchError> {
        let mut total = match (self.cost, mixing.flat()) {
            (Some(cost), Some(weights)) => cost.combine(&cross_entropy, &cost.of(weights)?, share)?,
            _ => cross_entropy,
        };
        let decay = self.course.plan.architecture.as_ref().map_or(0.0, |architecture| architecture.beta_decay);
        if side == Side::Validation && decay > 0.0 {
            let last = f64::from(self.course.epochs.saturating_sub(1).max(1));
            let factor = decay * f64::from(self.at.epoch) / last * share;
            total = total.f_add(&self.logits.mean_logsumexp()?.f_mul_scalar(factor)?)?;
        }
        Ok(total)
    }
}

impl Bilevel for Problem<'_> {
    fn parts(&self) -> usize {
        self.parts
    }

    fn loss(&self, side: Side, part: usize, of: Of) -> Result<Tensor, TchError> {
        let recipe = &self.course.recipe;
        let batch = self.batches[usize::from(side == Side::Validation)];
        let (batch, share) = self.part(batch, part)?;
        let noise = Noise::new(self.seed().wrapping_add(part as u64), self.at.epoch, self.at.step);
        let mut pass = Pass {
            train: true,
            track: self.track,
            momentum: None,
            dropout: recipe.dropout,
            drop_path: recipe.drop_path_at(self.at.epoch, self.course.epochs),
            noise: Some(&noise),
            bf16: self.course.bf16,
        };
        let mixing = self.mixing(of)?;
        let logits = self.net.forward(&batch.images, &mixing, &mut pass)?;
        let cross_entropy = loss(&logits, &batch.labels, recipe.label_smoothing, batch.mixed.as_ref());
        self.whole(side, cross_entropy.f_mul_scalar(share)?, &mixing, share)
    }
}
