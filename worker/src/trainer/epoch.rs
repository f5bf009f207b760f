//! One epoch of training.

use super::network::Training;
use super::state::State;
use super::{Pass, Supervisor, TrainError};
use crate::dataset::View;
use crate::recipe::augment::{Batch, EpochPlan, Normalizer};
use crate::recipe::{Noise, clip_norm, loss};
use search::network::Recipe;
use search::work::Directive;
use std::time::{Duration, Instant};
use tch::Kind;

/// Steps between two looks at the sum of the losses: each look waits for the device.
const STEPS_BETWEEN_CHECKS: usize = 100;

/// What stays the same over a run.
pub struct Course<'a> {
    pub view: &'a View,
    pub normalizer: Normalizer,
    pub recipe: &'a Recipe,
    pub seed: u64,
    pub epochs: u32,
    pub bf16: bool,
    /// Time between two checkpoints; `None` for no checkpoints.
    pub checkpoint_every: Option<Duration>,
    pub supervisor: &'a dyn Supervisor,
}

/// How an epoch ended.
pub enum EpochEnd {
    /// All its steps are over; mean training loss, images per second, learning rate of the last step.
    Whole { train_loss: f64, images_per_second: f64, lr: f64 },
    /// Ended at a step's end by a directive other than `Continue`.
    Told(Directive),
}

/// Trains from where the state stands to the end of its epoch.
pub fn run_epoch(course: &Course<'_>, state: &mut State, saved: &mut Instant) -> Result<EpochEnd, TrainError> {
    let epoch = state.position.epoch;
    let plan = EpochPlan::new(course.view, course.recipe, course.seed, epoch);
    let steps = plan.steps();
    let lr_at = |step: usize| course.recipe.schedule.lr_at(epoch, step as f64 / steps as f64, course.epochs);
    let mut mark = Instant::now();
    while state.position.step < steps {
        let step = state.position.step;
        train_step(course, state, &plan.batch(course.view, &course.normalizer, step), lr_at(step));
        state.position.step += 1;
        let seconds = mark.elapsed().as_secs_f64();
        mark = Instant::now();
        state.position.epoch_seconds += seconds;
        state.position.train_seconds += seconds;
        let share = (f64::from(epoch) + state.position.step as f64 / steps as f64) / f64::from(course.epochs);
        course.supervisor.progress(share);
        if state.position.step.is_multiple_of(STEPS_BETWEEN_CHECKS) {
            check(state)?;
        }
        match course.supervisor.directive() {
            Directive::Continue => save_in_time(course, state, saved)?,
            // After the last step the epoch is closed first: its metrics are nearly there.
            _ if state.position.step == steps => {}
            told => return Ok(EpochEnd::Told(told)),
        }
    }
    let loss_sum = check(state)?;
    let images: usize = (0..steps).map(|step| plan.size(step)).sum();
    let waited = mark.elapsed().as_secs_f64();
    state.position.train_seconds += waited;
    let seconds = state.position.epoch_seconds + waited;
    let _ = state.loss_sum.zero_();
    state.position.epoch += 1;
    state.position.step = 0;
    state.position.epoch_seconds = 0.0;
    let images_per_second = images as f64 / seconds.max(1e-9);
    Ok(EpochEnd::Whole { train_loss: loss_sum / images as f64, images_per_second, lr: lr_at(steps - 1) })
}

fn train_step(course: &Course<'_>, state: &mut State, batch: &Batch, lr: f64) {
    let recipe = course.recipe;
    let drop_path = recipe.drop_path_at(state.position.epoch, course.epochs);
    let noise = Noise::new(course.seed, state.position.epoch, state.position.step);
    let pass = Pass { training: Some(Training { drop_path, noise: &noise }), bf16: course.bf16 };
    let output = state.network.forward(&batch.images, &pass);
    let mut total = loss(&output.logits, &batch.labels, recipe.label_smoothing, batch.mixed.as_ref());
    let size = batch.labels.size()[0] as f64;
    state.loss_sum += total.detach().to_kind(Kind::Double) * size;
    if let Some(auxiliary) = &output.auxiliary {
        let second = loss(auxiliary, &batch.labels, recipe.label_smoothing, batch.mixed.as_ref());
        total += second * recipe.auxiliary_weight;
    }
    state.parameters.clear_gradients();
    total.backward();
    clip_norm(&state.parameters, recipe.clip_norm);
    state.optimizer.step(&state.parameters, lr);
    let steps = state.optimizer.steps();
    if let Some(average) = &mut state.average {
        average.update(steps);
    }
}

/// The sum of the losses of this epoch; a fault once it is no number any more.
fn check(state: &State) -> Result<f64, TrainError> {
    let sum = state.loss_sum.double_value(&[0]);
    if sum.is_finite() {
        return Ok(sum);
    }
    let (epoch, step) = (state.position.epoch + 1, state.position.step);
    Err(TrainError::Diverged(format!("the training loss became {sum} in epoch {epoch}, step {step} or before")))
}

fn save_in_time(course: &Course<'_>, state: &mut State, saved: &mut Instant) -> Result<(), TrainError> {
    if course.checkpoint_every.is_some_and(|every| saved.elapsed() >= every) {
        // Never hand out a state that is lost already.
        check(state)?;
        course.supervisor.checkpoint(state.save()?);
        *saved = Instant::now();
    }
    Ok(())
}
