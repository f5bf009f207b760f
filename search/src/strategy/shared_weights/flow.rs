//! The common flow: supernets, the choice of their networks, trials.

use super::check::{check_recipe, check_space, supernet};
use super::digest::Digest;
use super::state::{Run, Stage, State};
use super::{Chosen, Next, SharedWeights, insights};
use crate::fault::Faults;
use crate::randomness::{Purpose, Randomness};
use crate::space::Genotype;
use crate::strategy::{Insight, Method, Observed, ObservedResult, Order, Problem, Proposal};
use crate::supernet::SupernetResult;
use crate::work::{FailureReason, NamedArtifact, SupernetWork, WorkKind};
use rand::RngCore as _;
use serde_json::Value;
use std::marker::PhantomData;

/// A method of shared weights as a strategy.
pub struct Flow<M>(PhantomData<M>);

/// Name of the artifact that holds a supernet's weights.
const WEIGHTS: &str = "supernet";

impl<M: SharedWeights> Method for Flow<M> {
    const NAME: &'static str = M::NAME;
    const SUMMARY: &'static str = M::SUMMARY;
    const SEARCHES_BY: WorkKind = WorkKind::Supernet;

    type Options = M::Options;
    type State = State<M::Own>;

    fn check(problem: &Problem, options: &M::Options, faults: &mut Faults) {
        M::common(options).check(faults);
        M::check(problem, options, faults);
        check_space::<M>(problem, options, faults);
        if faults.is_empty() {
            match supernet(problem, M::opening(options)) {
                Ok(supernet) => check_recipe(&M::plan(problem, options, &M::Own::default(), &supernet).recipe, faults),
                Err(inner) => faults.nest("/space", inner),
            }
        }
    }

    fn start(_: &Problem, options: &M::Options) -> Self::State {
        let runs = (0..M::common(options).repeats).map(|_| Run::waiting()).collect();
        State {
            tag: 0,
            runs,
            queue: Default::default(),
            seen: Default::default(),
            in_flight: Default::default(),
            trials: 0,
            infeasible: 0,
            broken: None,
            own: M::Own::default(),
        }
    }

    fn observe(problem: &Problem, options: &M::Options, state: &mut Self::State, observed: &Observed) {
        if !state.in_flight.remove(&observed.tag) {
            return;
        }
        let training = |run: &&mut Run| run.stage == Stage::Training { tag: observed.tag };
        match state.runs.iter_mut().find(training) {
            Some(run) => take(problem, run, &observed.result),
            None => M::observe(problem, options, &mut state.own, observed),
        }
    }

    fn propose(
        problem: &Problem,
        options: &M::Options,
        state: &mut Self::State,
        room: usize,
        randomness: &Randomness,
    ) -> Proposal {
        let mut orders = Vec::new();
        while orders.len() < room && state.broken.is_none() {
            let Some(order) = next::<M>(problem, options, state, randomness) else { break };
            state.tag += 1;
            state.in_flight.insert(state.tag);
            orders.push(order);
        }
        match orders.is_empty() {
            false => Proposal::Orders(orders),
            true if room == 0 || is_waiting(state) => Proposal::Wait,
            true => Proposal::Finished(end(state)),
        }
    }

    fn insights(problem: &Problem, state: &Self::State) -> Vec<Insight> {
        let mut all = M::insights(problem, state);
        let digests = state.runs.iter().enumerate().filter_map(|(number, run)| Some((number, run.digest.as_ref()?)));
        all.extend(insights::of(problem, &digests.collect::<Vec<_>>()));
        all
    }
}

/// The next order under the tag after the last, or nothing for now.
fn next<M: SharedWeights>(
    problem: &Problem,
    options: &M::Options,
    state: &mut State<M::Own>,
    randomness: &Randomness,
) -> Option<Order> {
    let tag = state.tag + 1;
    match M::before(problem, options, &mut state.own, tag) {
        Next::Order(order) => return Some(order),
        Next::Wait => return None,
        Next::Failed(why) => {
            state.broken = Some(why);
            return None;
        }
        Next::Ready(()) => {}
    }
    if let Some(order) = train::<M>(problem, options, state, randomness, tag) {
        return Some(order);
    }
    if let Some(order) = choose::<M>(problem, options, state, randomness, tag) {
        return Some(order);
    }
    if let Some(genotype) = state.queue.pop_front() {
        state.trials += 1;
        return Some(Order::trial(tag, genotype));
    }
    if !state.runs.iter().all(Run::has_ended) {
        return None;
    }
    match M::after(problem, options, state, randomness, tag) {
        Next::Order(order) => Some(order),
        Next::Wait | Next::Ready(()) | Next::Failed(_) => None,
    }
}

/// The next supernet that waits.
fn train<M: SharedWeights>(
    problem: &Problem,
    options: &M::Options,
    state: &mut State<M::Own>,
    randomness: &Randomness,
    tag: u64,
) -> Option<Order> {
    let number = state.runs.iter().position(|run| run.stage == Stage::Waiting)?;
    let lowered = match supernet(problem, M::opening(options)) {
        Ok(lowered) => lowered,
        Err(faults) => {
            state.broken = Some(format!("the supernet cannot be built: {faults}"));
            return None;
        }
    };
    let plan = M::plan(problem, options, &state.own, &lowered);
    state.runs[number].zero_operator = plan.zero_operator;
    let work = SupernetWork {
        space: problem.space.document().clone(),
        plan,
        dataset: problem.dataset.clone().unwrap_or_default(),
        epochs: M::common(options).epochs,
        // 53 bits: exact in every reader of JSON.
        seed: randomness.at(Purpose::Propose, number as u64).next_u64() >> 11,
        inherit: None,
    };
    state.runs[number].stage = Stage::Training { tag };
    Some(Order::Supernet { tag, work: Box::new(work) })
}

/// Goes on with the supernets whose networks are to be chosen; queues those that are.
fn choose<M: SharedWeights>(
    problem: &Problem,
    options: &M::Options,
    state: &mut State<M::Own>,
    randomness: &Randomness,
    tag: u64,
) -> Option<Order> {
    for number in 0..state.runs.len() {
        let run = &state.runs[number];
        let Stage::Choosing { derived } = &run.stage else { continue };
        let weights = run.weights.as_ref();
        let chosen = Chosen { problem, options, randomness, number, weights, derived, tag };
        match M::choose(chosen, &mut state.own) {
            Next::Order(order) => return Some(order),
            Next::Wait => {}
            Next::Failed(why) => state.runs[number].stage = Stage::Failed { why },
            Next::Ready(genotypes) => {
                state.runs[number].stage = Stage::Done;
                queue(problem, state, genotypes, M::common(options).candidates as usize);
            }
        }
    }
    None
}

/// Queues the best networks that are feasible and new; an equal one of another supernet counts as trained.
fn queue<X>(problem: &Problem, state: &mut State<X>, genotypes: Vec<Genotype>, most: usize) {
    let mut taken = 0;
    for genotype in genotypes {
        if taken == most {
            break;
        }
        if !problem.is_feasible(&genotype) {
            state.infeasible += 1;
            continue;
        }
        taken += 1;
        if state.seen.insert(&problem.space, &genotype) {
            state.queue.push_back(genotype);
        }
    }
}

/// Takes in the outcome of a supernet.
fn take(problem: &Problem, run: &mut Run, result: &ObservedResult) {
    run.stage = match read(problem, result) {
        Ok((result, artifacts)) => {
            run.weights =
                artifacts.iter().find(|artifact| artifact.name == WEIGHTS).map(|artifact| artifact.id.clone());
            run.digest = Some(Digest::of(&result, run.zero_operator));
            Stage::Choosing { derived: result.derived }
        }
        Err(why) => Stage::Failed { why },
    };
}

fn read<'a>(problem: &Problem, result: &'a ObservedResult) -> Result<(SupernetResult, &'a [NamedArtifact]), String> {
    match result {
        ObservedResult::Done { artifacts, result: Some(value), .. } => {
            let mut result: SupernetResult = serde_json::from_value(Value::clone(value))
                .map_err(|error| format!("the worker's result cannot be read: {error}"))?;
            result.derived.retain(|genotype| problem.space.validate(genotype).is_ok());
            Ok((result, artifacts))
        }
        ObservedResult::Done { result: None, .. } => Err("the worker has sent no result".into()),
        ObservedResult::Stopped { epoch, .. } => Err(format!("it was stopped after epoch {epoch}")),
        ObservedResult::Infeasible => Err("it cannot be built".into()),
        ObservedResult::Failed { reason } => Err(phrase(*reason).into()),
    }
}

/// A failure in words.
pub fn phrase(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::Diverged => "its loss or a weight became NaN or infinite",
        FailureReason::OutOfMemory => "the device ran out of memory",
        FailureReason::InvalidInput => "the worker could not use the plan or the data",
        FailureReason::Crashed => "the worker crashed",
        FailureReason::LeaseExpired => "the worker went silent",
        FailureReason::NoMetrics => "the worker has sent no metrics",
        FailureReason::Other => "the worker could not finish it",
    }
}

/// Whether an outcome may bring new orders.
fn is_waiting<X>(state: &State<X>) -> bool {
    state.broken.is_none() && !state.in_flight.is_empty()
}

/// Why there are no more orders.
fn end<X>(state: &State<X>) -> String {
    if let Some(why) = &state.broken {
        return why.clone();
    }
    let failed = state.runs.iter().enumerate().filter_map(|(number, run)| match &run.stage {
        Stage::Failed { why } => Some(format!("supernet {}: {why}", number + 1)),
        _ => None,
    });
    let failed: Vec<String> = failed.collect();
    let supernets = state.runs.len();
    if state.trials > 0 {
        let lost = if failed.is_empty() { String::new() } else { format!(" ({})", failed.join("; ")) };
        return format!("all {} networks that {supernets} supernets gave were proposed{lost}", state.trials);
    }
    if failed.len() == supernets {
        return format!("no supernet could be trained ({})", failed.join("; "));
    }
    match state.infeasible {
        0 => "the supernets gave no network".into(),
        count => format!("none of the {count} networks that the supernets gave can be built within the constraints"),
    }
}
