//! Local search with restarts (White et al., 2021, algorithm 1). See `README.md`.

#[cfg(test)]
mod tests;

use super::draw::{exhausted, fresh, proposal_rng};
use super::seen::Seen;
use super::{Method, Observed, Order, Problem, Proposal};
use crate::fault::Faults;
use crate::objective::Fitness;
use crate::randomness::{Purpose, Randomness, Rng};
use crate::space::Genotype;
use rand::seq::SliceRandom as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeSet;

pub struct LocalSearch;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Random genotypes before the first climb starts from the best of them.
    #[schemars(range(min = 1))]
    pub initial: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { initial: 1 }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Evaluated {
    genotype: Genotype,
    fitness: Fitness,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    proposed: u64,
    seen: Seen,
    /// Where the climb stands.
    current: Option<Evaluated>,
    /// Neighbours of the current genotype that wait to be proposed, last first.
    queue: Vec<Genotype>,
    /// Tags in flight since the climb started.
    pending: BTreeSet<u64>,
    /// The climb has moved and the queue is not yet of its new place.
    moved: bool,
    /// Random genotypes still to be proposed before the climb goes on.
    random_left: u32,
}

impl Method for LocalSearch {
    const NAME: &'static str = "local";
    const SUMMARY: &'static str =
        "Hill climbing: moves to the first neighbour that improves, restarts at a local optimum.";

    type Options = Options;
    type State = State;

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        if options.initial == 0 {
            faults.push("/initial", "must be at least 1");
        }
    }

    fn start(_: &Problem, options: &Options) -> State {
        State { random_left: options.initial, ..State::default() }
    }

    fn observe(problem: &Problem, _: &Options, state: &mut State, observed: &Observed) {
        if !state.pending.remove(&observed.tag) {
            return;
        }
        let Some(genotype) = observed.genotype.clone() else {
            return;
        };
        let candidate = Evaluated { genotype, fitness: problem.fitness(&observed.result) };
        if state.current.as_ref().is_none_or(|best| candidate.fitness.compare(&best.fitness) == Ordering::Greater) {
            state.current = Some(candidate);
            state.moved = true;
        }
    }

    fn propose(
        problem: &Problem,
        options: &Options,
        state: &mut State,
        room: usize,
        randomness: &Randomness,
    ) -> Proposal {
        let mut orders = Vec::new();
        while orders.len() < room {
            let mut rng = proposal_rng(randomness, state.proposed);
            match next(problem, options, state, &mut rng, randomness) {
                Step::Evaluate(genotype) => {
                    state.proposed += 1;
                    state.pending.insert(state.proposed);
                    orders.push(Order::trial(state.proposed, genotype));
                }
                Step::Wait => break,
                Step::End if orders.is_empty() && state.pending.is_empty() => {
                    return exhausted(problem, &state.seen);
                }
                Step::End => break,
            }
        }
        if orders.is_empty() { Proposal::Wait } else { Proposal::Orders(orders) }
    }
}

enum Step {
    Evaluate(Genotype),
    /// The neighbourhood's last outcomes must come in first.
    Wait,
    End,
}

fn next(problem: &Problem, options: &Options, state: &mut State, rng: &mut Rng, randomness: &Randomness) -> Step {
    loop {
        if state.random_left > 0 {
            state.random_left -= 1;
            return fresh(problem, &mut state.seen, rng).map_or(Step::End, Step::Evaluate);
        }
        if state.moved {
            look_around(problem, state, randomness);
        }
        while let Some(neighbour) = state.queue.pop() {
            if !state.seen.contains(&problem.space, &neighbour) && problem.is_feasible(&neighbour) {
                state.seen.insert(&problem.space, &neighbour);
                return Step::Evaluate(neighbour);
            }
        }
        if !state.pending.is_empty() {
            return Step::Wait;
        }
        state.current = None;
        state.random_left = options.initial;
    }
}

/// Queues the neighbours of the current genotype in random order.
fn look_around(problem: &Problem, state: &mut State, randomness: &Randomness) {
    state.moved = false;
    let Some(current) = &state.current else {
        return;
    };
    state.queue = problem.space.neighbours(&current.genotype);
    state.queue.shuffle(&mut randomness.at(Purpose::Observe, state.proposed));
}
