//! Work of kind `train`: a child network, from its description and its recipe.

use super::epoch::{Course, EpochEnd, run_epoch};
use super::evaluate::{Judgement, evaluate};
use super::inherit::inherit;
use super::latency::latency_ms;
use super::state::State;
use super::{Finished, Inputs, Network, Request, Resources, Supervisor, TrainError};
use crate::recipe::augment::Normalizer;
use search::network::Recipe;
use search::work::{CurvePoint, Directive, Outcome, Split, TrainWork};
use std::collections::BTreeMap;
use std::time::Instant;

/// Images in one forward pass of an evaluation, at least.
const EVALUATION_BATCH: usize = 256;

/// Trains, reports after every epoch, stops when told. The outcome's metrics are those of the last epoch.
pub fn train(
    work: &TrainWork,
    inputs: &Inputs,
    resources: &Resources,
    supervisor: &dyn Supervisor,
) -> Result<Finished, TrainError> {
    let name = work.dataset.as_deref().ok_or_else(|| {
        TrainError::Invalid("the work names no data set; an external space needs a trainer of its own".into())
    })?;
    let recipe = Recipe::read(&work.candidate["recipe"]).map_err(|faults| TrainError::Invalid(faults.to_string()))?;
    let view = resources.catalog.get(name)?.view(work.split, resources.device);
    let request = Request {
        description: &work.candidate["network"],
        recipe: &recipe,
        shape: view.shape,
        classes: view.classes,
        seed: work.seed,
        device: resources.device,
    };
    let mut state = start(&request, work, inputs, resources)?;
    let course = Course {
        view: &view,
        normalizer: Normalizer::new(&view),
        recipe: &recipe,
        seed: work.seed,
        epochs: work.epochs,
        bf16: resources.uses_bf16(recipe.precision, || state.network.profits_from_bf16()),
        checkpoint_every: work.checkpoints.then_some(resources.checkpoint_every),
        supervisor,
    };
    let mut saved = Instant::now();
    while state.position.epoch < work.epochs {
        match run_epoch(&course, &mut state, &mut saved)? {
            EpochEnd::Told(directive) => return interrupted(directive, work, &mut state, supervisor),
            EpochEnd::Whole { train_loss, images_per_second, lr } => {
                let last = state.position.epoch == work.epochs;
                let judged = (work.split == Split::Search || last).then(|| judge(&course, &mut state)).transpose()?;
                close_epoch(&course, &mut state, work.split, [train_loss, images_per_second, lr], judged);
            }
        }
        match supervisor.directive() {
            Directive::Continue => {}
            _ if state.position.epoch == work.epochs => {}
            directive => return interrupted(directive, work, &mut state, supervisor),
        }
    }
    finish(work, &course, state)
}

/// A new run, or one that goes on from a checkpoint. A checkpoint that cannot be used costs the epochs that it held,
/// not the trial: the run starts from nothing and ends as an undisturbed one.
fn start(request: &Request<'_>, work: &TrainWork, inputs: &Inputs, resources: &Resources) -> Result<State, TrainError> {
    let fresh = || -> Result<State, TrainError> {
        let network = (resources.build)(request)?;
        if let Some(artifact) = &work.inherit {
            let tensors = inherit(network.as_ref(), request.description, inputs.artifact(artifact)?)?;
            tracing::info!(tensors, "the network starts from a supernet's weights");
        }
        Ok(State::new(network, request.recipe, resources.device))
    };
    let mut state = fresh()?;
    match inputs.checkpoint().map(|content| state.restore(content)) {
        None | Some(Ok(())) => Ok(state),
        Some(Err(TrainError::Checkpoint(detail))) => {
            tracing::warn!(detail, "the checkpoint cannot be used; training starts from nothing");
            fresh()
        }
        Some(Err(error)) => Err(error),
    }
}

fn judge(course: &Course<'_>, state: &mut State) -> Result<Judgement, TrainError> {
    let batch = course.recipe.batch_size.max(EVALUATION_BATCH);
    let run = |network: &dyn Network| evaluate(network, course.view, &course.normalizer, batch, course.bf16);
    let judgement = match &mut state.average {
        Some(average) => average.during(|| run(state.network.as_ref())),
        None => run(state.network.as_ref()),
    };
    if judgement.loss.is_finite() {
        return Ok(judgement);
    }
    Err(TrainError::Diverged(format!(
        "the loss on unseen images is {} after epoch {}",
        judgement.loss, state.position.epoch
    )))
}

/// Notes the metrics of an epoch that is over and reports them.
fn close_epoch(
    course: &Course<'_>,
    state: &mut State,
    split: Split,
    [train_loss, images_per_second, lr]: [f64; 3],
    judged: Option<Judgement>,
) {
    let position = &mut state.position;
    let mut metrics = BTreeMap::from([
        ("train_loss".to_string(), train_loss),
        ("images_per_second".to_string(), images_per_second),
        ("train_seconds".to_string(), position.train_seconds),
        ("lr".to_string(), lr),
    ]);
    if let Some(Judgement { top1, loss }) = judged {
        let names = match split {
            Split::Search => ["top1", "loss"],
            Split::Final => ["test_top1", "test_loss"],
        };
        metrics.extend(names.map(String::from).into_iter().zip([top1, loss]));
    }
    let step = position.epoch;
    let point = |(metric, value): (&String, &f64)| CurvePoint { metric: metric.clone(), step, value: *value };
    course.supervisor.points(metrics.iter().map(point).collect());
    position.metrics = metrics;
}

fn interrupted(
    directive: Directive,
    work: &TrainWork,
    state: &mut State,
    supervisor: &dyn Supervisor,
) -> Result<Finished, TrainError> {
    Ok(Finished::without_files(match directive {
        Directive::Stop => {
            Outcome::Stopped { epoch: state.position.epoch, metrics: state.position.metrics.clone(), artifacts: vec![] }
        }
        Directive::Continue | Directive::Release | Directive::Cancel => {
            if work.checkpoints && directive == Directive::Release {
                supervisor.checkpoint(state.save()?);
            }
            Outcome::Released
        }
    }))
}

fn finish(work: &TrainWork, course: &Course<'_>, mut state: State) -> Result<Finished, TrainError> {
    // From here on the averaged weights are the network's.
    if let Some(average) = &mut state.average {
        average.swap();
    }
    let mut metrics = state.position.metrics;
    if work.metrics.iter().any(|name| name == "latency_ms") {
        let device = course.view.pixels.device();
        metrics.insert("latency_ms".into(), latency_ms(state.network.as_ref(), course.view.shape, device, course.bf16));
    }
    let files = if work.export { state.network.export()? } else { vec![] };
    Ok(Finished { outcome: Outcome::Done { metrics, artifacts: vec![], result: None }, files })
}
