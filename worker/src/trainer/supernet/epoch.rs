//! One epoch of a search: its stages, step by step.

use super::images::{ArchitectureBatches, Images};
use super::state::State;
use crate::recipe::augment::EpochPlan;
use crate::supernet::{At, Mixing};
use crate::trainer::{Supervisor, TrainError};
use search::supernet::Alternation;
use search::work::Directive;
use std::time::{Duration, Instant};
use tch::Kind;

/// Steps between two looks at the sum of the losses: each look waits for the device.
const STEPS_BETWEEN_CHECKS: usize = 100;

/// What stays the same over a run.
pub struct Run<'a> {
    pub images: &'a Images<'a>,
    pub epochs: u32,
    /// Time between two checkpoints.
    pub checkpoint_every: Duration,
    pub supervisor: &'a dyn Supervisor,
}

/// How an epoch ended.
pub enum EpochEnd {
    /// All its steps are over; mean training loss, images per second, learning rate of the last step.
    Whole { train_loss: f64, images_per_second: f64, lr: f64 },
    /// Ended at a step's end by a directive other than `Continue`.
    Told(Directive),
}

/// The stages of an epoch, in steps.
struct Stages {
    weights: usize,
    /// Steps of the architecture behind those of the weights.
    architecture: usize,
    /// Updates of the controller behind those.
    controller: usize,
}

impl Stages {
    fn all(&self) -> usize {
        self.weights + self.architecture + self.controller
    }
}

/// Trains from where the state stands to the end of its epoch.
pub fn run_epoch(run: &Run<'_>, state: &mut State, saved: &mut Instant) -> Result<EpochEnd, TrainError> {
    let epoch = state.position.epoch;
    let plan = run.images.epoch(epoch);
    let stages = stages(run, state, plan.steps());
    let lr_at = |step: usize| {
        let done = step.min(stages.weights) as f64 / stages.weights as f64;
        state.search.course().recipe.schedule.lr_at(epoch, done, run.epochs)
    };
    let rates: Vec<f64> = (0..stages.all()).map(lr_at).collect();
    let mut batches = ArchitectureBatches::new(run.images);
    let mut mark = Instant::now();
    while state.position.step < stages.all() {
        let step = state.position.step;
        let at = At { epoch, step, lr: rates[step] };
        one_step(run, state, &plan, &stages, &mut batches, at)?;
        state.position.step += 1;
        let seconds = mark.elapsed().as_secs_f64();
        mark = Instant::now();
        state.position.epoch_seconds += seconds;
        state.position.train_seconds += seconds;
        let share = (f64::from(epoch) + state.position.step as f64 / stages.all() as f64) / f64::from(run.epochs);
        run.supervisor.progress(share);
        if state.position.step.is_multiple_of(STEPS_BETWEEN_CHECKS) {
            check(state)?;
        }
        match run.supervisor.directive() {
            Directive::Continue => save_in_time(run, state, saved)?,
            // After the last step the epoch is closed first: its metrics are nearly there.
            _ if state.position.step == stages.all() => {}
            told => return Ok(EpochEnd::Told(told)),
        }
    }
    let loss_sum = check(state)?;
    let waited = mark.elapsed().as_secs_f64();
    state.position.train_seconds += waited;
    let seconds = state.position.epoch_seconds + waited;
    let _ = state.loss_sum.zero_();
    state.position.epoch += 1;
    state.position.step = 0;
    state.position.epoch_seconds = 0.0;
    let images: usize = (0..stages.weights).map(|step| plan.size(step)).sum();
    let images_per_second = images as f64 / seconds.max(1e-9);
    let lr = rates.get(stages.weights.saturating_sub(1)).copied().unwrap_or(0.0);
    Ok(EpochEnd::Whole { train_loss: loss_sum / images as f64, images_per_second, lr })
}

fn stages(run: &Run<'_>, state: &State, weights: usize) -> Stages {
    let search = &state.search;
    let architecture = search.course().plan.architecture.as_ref();
    let behind = architecture.is_some_and(|a| a.alternation == Alternation::Epochs);
    let trains = behind && search.trains_logits(state.position.epoch);
    let warm = architecture.is_none_or(|a| state.position.epoch >= a.warmup_epochs);
    let updates = search.controller.as_ref().filter(|_| warm).map_or(0, |c| c.settings().updates as usize);
    Stages { weights, architecture: if trains { run.images.architecture_steps() } else { 0 }, controller: updates }
}

fn one_step(
    run: &Run<'_>,
    state: &mut State,
    plan: &EpochPlan,
    stages: &Stages,
    batches: &mut ArchitectureBatches<'_>,
    at: At,
) -> Result<(), TrainError> {
    if at.step < stages.weights {
        let batch = run.images.weight_batch(plan, at.step);
        let size = plan.size(at.step) as f64;
        let both = state.search.trains_logits(at.epoch) && stages.architecture == 0;
        let loss = match both {
            true => {
                let number = u64::from(at.epoch) * stages.weights as u64 + at.step as u64;
                state.search.step(at, &batch, &batches.get(number))?.training
            }
            false => state.search.weight_step(at, &batch)?,
        };
        let sum = loss.f_to_kind(Kind::Double)?.f_mul_scalar(size)?;
        let _ = state.loss_sum.f_add_(&sum)?;
        return Ok(());
    }
    let behind = at.step - stages.weights;
    if behind < stages.architecture {
        let training = run.images.weight_batch(plan, behind % stages.weights);
        let number = u64::from(at.epoch) * stages.architecture as u64 + behind as u64;
        let _ = state.search.architecture_step(at, &training, &batches.get(number))?;
        return Ok(());
    }
    let update = behind - stages.architecture;
    controller_update(state, stages.controller, update, batches, at)
}

/// The reward of a path is the share of right answers on one of the architecture's batches.
fn controller_update(
    state: &mut State,
    updates: usize,
    update: usize,
    batches: &mut ArchitectureBatches<'_>,
    at: At,
) -> Result<(), TrainError> {
    let Some(mut controller) = state.search.controller.take() else { return Ok(()) };
    let samples = u64::from(controller.settings().samples);
    let mut number = (u64::from(at.epoch) * updates as u64 + update as u64) * samples;
    let search = &state.search;
    let mut rng = search.step_rng(at);
    let updated = controller.update(search.net.rows(), &mut rng, |selection| {
        let batch = batches.get(number);
        number += 1;
        let logits = search.predict(&batch.images, &Mixing::path(&search.net, selection), true)?;
        let right = logits.f_argmax(-1, false)?.f_eq_tensor(&batch.labels)?;
        right.f_to_kind(Kind::Double)?.f_mean(Kind::Double)?.f_double_value(&[])
    });
    state.search.controller = Some(controller);
    updated.map(drop).map_err(TrainError::from)
}

/// The sum of the losses of this epoch; a fault once it or a logit is no number any more.
fn check(state: &State) -> Result<f64, TrainError> {
    let sum = state.loss_sum.f_double_value(&[0])?;
    let (epoch, step) = (state.position.epoch + 1, state.position.step);
    if !sum.is_finite() {
        let detail = format!("the training loss became {sum} in epoch {epoch}, step {step} or before");
        return Err(TrainError::Diverged(detail));
    }
    if !state.search.logits.flat().f_sum(Kind::Double)?.f_double_value(&[])?.is_finite() {
        let detail = format!("the architecture's logits are no numbers any more in epoch {epoch}, step {step}");
        return Err(TrainError::Diverged(detail));
    }
    Ok(sum)
}

fn save_in_time(run: &Run<'_>, state: &State, saved: &mut Instant) -> Result<(), TrainError> {
    if saved.elapsed() >= run.checkpoint_every {
        // Never hand out a state that is lost already.
        check(state)?;
        run.supervisor.checkpoint(state.save()?);
        *saved = Instant::now();
    }
    Ok(())
}
