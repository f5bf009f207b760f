//! A search from its description to its result.

use super::derive::{derived, points, record};
use super::epoch::{EpochEnd, Run, run_epoch};
use super::finalists;
use super::images::Images;
use super::state::State;
use super::watch::{self, Verdict};
use super::weights::{Origin, SharedWeights};
use crate::device::profits_from_bf16;
use crate::module::Build;
use crate::supernet::{Course, Search, SearchError, open_graph};
use crate::trainer::{Finished, Inputs, Resources, Supervisor, TrainError};
use search::network::Recipe;
use search::space::{Genotype, Space};
use search::supernet::SupernetResult;
use search::work::{Directive, Outcome, Split, SupernetWork};
use serde_json::Value;
use std::time::Instant;
use tch::Kind;

/// Name of the artifact with the shared weights.
const WEIGHTS: &str = "supernet";

/// Searches, reports after every epoch, derives from what there is when told to stop.
pub fn supernet(
    work: &SupernetWork,
    inputs: &Inputs,
    resources: &Resources,
    supervisor: &dyn Supervisor,
) -> Result<Finished, TrainError> {
    let space = Space::parse(&work.space).map_err(|faults| TrainError::Invalid(faults.to_string()))?;
    let recipe = Recipe::read(&Value::Object(work.plan.recipe.clone()));
    let recipe = recipe.map_err(|faults| TrainError::Invalid(faults.to_string()))?;
    let view = resources.catalog.get(&work.dataset)?.view(Split::Search, resources.device);
    let images = Images::new(&view, work.plan.weight_share, &recipe, work.seed)?;
    if work.plan.architecture.is_some() && images.architecture.train.is_empty() {
        return Err(TrainError::Invalid("`weight_share` leaves no images to train the architecture".into()));
    }
    let mut state = start(work, &space, &recipe, inputs, resources)?;
    crate::module::fits(state.search.net.graph(), view.shape, view.classes)?;
    let checkpoint_every = resources.checkpoint_every;
    let run = Run { images: &images, epochs: work.epochs, checkpoint_every, supervisor };
    match train(work, &space, &run, &mut state)? {
        End::Told(directive) => interrupted(directive, &state, supervisor),
        End::Over { stopped } => finish(work, &space, &run, &state, stopped),
    }
}

/// How the epochs ended.
enum End {
    /// All are over, or the search stopped: after how many epochs the network is taken, and why.
    Over {
        stopped: Option<(Option<u32>, String)>,
    },
    Told(Directive),
}

fn train(work: &SupernetWork, space: &Space, run: &Run<'_>, state: &mut State) -> Result<End, TrainError> {
    let mut saved = Instant::now();
    while state.position.epoch < work.epochs {
        match run_epoch(run, state, &mut saved)? {
            EpochEnd::Told(directive) => return Ok(told(directive, state)),
            EpochEnd::Whole { train_loss, images_per_second, lr } => {
                let numbers = [train_loss, images_per_second, lr];
                if let Verdict::Stop { epochs, why } = close_epoch(work, space, run, state, numbers)? {
                    return Ok(End::Over { stopped: Some((Some(epochs), why)) });
                }
            }
        }
        match run.supervisor.directive() {
            Directive::Continue => {}
            _ if state.position.epoch == work.epochs => {}
            directive => return Ok(told(directive, state)),
        }
    }
    Ok(End::Over { stopped: None })
}

fn told(directive: Directive, state: &State) -> End {
    match directive {
        Directive::Stop => {
            let why = format!("told to stop after epoch {}", state.position.epoch);
            End::Over { stopped: Some((None, why)) }
        }
        other => End::Told(other),
    }
}

/// Records, reports and judges the epoch that is over.
fn close_epoch(
    work: &SupernetWork,
    space: &Space,
    run: &Run<'_>,
    state: &mut State,
    numbers: [f64; 3],
) -> Result<Verdict, TrainError> {
    let (mut record, skips) = record(run, state, space, numbers)?;
    let eigenvalue = watch::eigenvalue(state, run.images)?;
    record.metrics.extend(eigenvalue.map(|value| ("lambda_max".to_owned(), value)));
    run.supervisor.points(points(state, &record));
    state.position.records.push(record);
    watch::consider(&work.plan.watch, state, eigenvalue, skips)
}

/// A new search, or one that goes on from a checkpoint. A checkpoint that cannot be used costs its epochs alone.
fn start(
    work: &SupernetWork,
    space: &Space,
    recipe: &Recipe,
    inputs: &Inputs,
    resources: &Resources,
) -> Result<State, TrainError> {
    let fresh = || -> Result<State, TrainError> {
        let graph = open_graph(space, &work.plan).map_err(TrainError::Infeasible)?;
        let bf16 = resources.uses_bf16(recipe.precision, || profits_from_bf16(&graph, resources.device));
        let (plan, seed, epochs) = (work.plan.clone(), work.seed, work.epochs);
        let course = Course { plan, recipe: recipe.clone(), seed, epochs, bf16 };
        let build = Build { device: resources.device, kind: Kind::Float, seed };
        let search = Search::new(graph, course, build)?;
        if let Some(artifact) = &work.inherit {
            let shared = SharedWeights::read(inputs.artifact(artifact)?)?;
            search.net.load(&shared.tensors).map_err(|error| TrainError::Invalid(error.to_string()))?;
        }
        Ok(State::new(search, watch::tracker(&work.plan.watch, work.epochs), resources.device))
    };
    let mut state = fresh()?;
    match inputs.checkpoint().map(|content| state.restore(content)) {
        None | Some(Ok(())) => Ok(state),
        Some(Err(TrainError::Checkpoint(detail))) => {
            tracing::warn!(detail, "the checkpoint cannot be used; the search starts from nothing");
            fresh()
        }
        Some(Err(error)) => Err(error),
    }
}

fn interrupted(directive: Directive, state: &State, supervisor: &dyn Supervisor) -> Result<Finished, TrainError> {
    if directive == Directive::Release {
        supervisor.checkpoint(state.save()?);
    }
    Ok(Finished::without_files(Outcome::Released))
}

fn finish(
    work: &SupernetWork,
    space: &Space,
    run: &Run<'_>,
    state: &State,
    stopped: Option<(Option<u32>, String)>,
) -> Result<Finished, TrainError> {
    let recorded = stopped.as_ref().and_then(|(epochs, _)| *epochs);
    let mut genotypes: Vec<Genotype> = network(state, space, recorded)?.into_iter().collect();
    genotypes.extend(finalists::samples(state, space, work.plan.samples, &genotypes)?);
    let mut judged = Vec::new();
    if let Some(settings) = &work.plan.finalists {
        match finalists::judged(run, state, space, settings)? {
            Err(directive) => return interrupted(directive, state, run.supervisor),
            Ok(found) => judged = found,
        }
        genotypes = judged.iter().map(|finalist| finalist.genotype.clone()).collect();
    }
    let rows = &state.search.net.rows().0;
    let result = SupernetResult {
        derived: genotypes,
        epochs: state.position.records.clone(),
        labels: rows.iter().map(|row| (row.decision.clone(), row.labels.clone())).collect(),
        finalists: judged,
        stopped: stopped.map(|(_, why)| why),
    };
    let result = serde_json::to_value(&result).map_err(|error| TrainError::Other(error.into()))?;
    let origin = Origin { space: work.space.clone(), opening: work.plan.opening };
    let files = vec![(WEIGHTS.to_owned(), SharedWeights::write(&state.search.net, &origin)?)];
    let metrics = state.position.records.last().map(|record| record.metrics.clone()).unwrap_or_default();
    Ok(Finished { outcome: Outcome::Done { metrics, artifacts: vec![], result: Some(result) }, files })
}

/// The network that was recorded after so many epochs, or the present one.
fn network(state: &State, space: &Space, recorded: Option<u32>) -> Result<Option<Genotype>, TrainError> {
    let record = recorded.and_then(|epochs| state.position.records.iter().find(|record| record.epoch == epochs));
    match record.and_then(|record| record.genotype.clone()) {
        Some(genotype) => Ok(Some(genotype)),
        None => Ok(derived(state, space)?.map(|(_, genotype)| genotype)),
    }
}

impl From<SearchError> for TrainError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Plan(detail) => TrainError::Invalid(detail),
            SearchError::Module(error) => error.into(),
            SearchError::Torch(error) => TrainError::Torch(error),
        }
    }
}
