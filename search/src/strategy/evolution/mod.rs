//! Regularised evolution (Real et al., 2019, algorithm 1). See `README.md`.

mod options;
#[cfg(test)]
mod tests;

use super::draw::{exhausted, fresh, proposal_rng, varied};
use super::seen::Seen;
use super::{Insight, Method, Observed, Order, Problem, Proposal};
use crate::fault::Faults;
use crate::objective::Fitness;
use crate::randomness::{Randomness, Rng};
use crate::space::{Genotype, Mutation, Recombination};
pub use options::Options;
use rand::Rng as _;
use rand::seq::index;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

pub struct Evolution;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Individual {
    genotype: Genotype,
    fitness: Fitness,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    proposed: u64,
    observed: u64,
    /// The last reported individuals, oldest first.
    population: VecDeque<Individual>,
    seen: Seen,
}

impl Method for Evolution {
    const NAME: &'static str = "evolution";
    const SUMMARY: &'static str =
        "Regularised evolution: mutates the winner of a tournament, and the oldest of the population dies.";

    type Options = Options;
    type State = State;

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.check(faults);
    }

    fn start(_: &Problem, _: &Options) -> State {
        State::default()
    }

    fn observe(problem: &Problem, options: &Options, state: &mut State, observed: &Observed) {
        let Some(genotype) = observed.genotype.clone() else {
            return;
        };
        state.observed += 1;
        state.seen.insert(&problem.space, &genotype);
        state.population.push_back(Individual { genotype, fitness: problem.fitness(&observed.result) });
        while state.population.len() > options.population_for(problem) {
            state.population.pop_front();
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
            let Some(genotype) = next(problem, options, state, &mut rng) else {
                break;
            };
            state.proposed += 1;
            orders.push(Order::trial(state.proposed, genotype));
        }
        if orders.is_empty() && room > 0 { exhausted(problem, &state.seen) } else { Proposal::Orders(orders) }
    }

    fn insights(problem: &Problem, state: &State) -> Vec<Insight> {
        let Some(objective) = problem.objectives.first() else {
            return Vec::new();
        };
        let points = state.population.iter().enumerate().filter_map(|(age, individual)| {
            let value = individual.fitness.values().first().copied().filter(|value| *value > f64::MIN)?;
            Some([age as f64, value.abs()])
        });
        vec![Insight::Series {
            title: "Population, oldest first".into(),
            x: "position".into(),
            y: objective.metric.clone(),
            lines: BTreeMap::from([("population".to_owned(), points.collect())]),
        }]
    }
}

/// A random genotype until the population is full, then a child of tournament winners.
fn next(problem: &Problem, options: &Options, state: &mut State, rng: &mut Rng) -> Option<Genotype> {
    let size = options.population_for(problem);
    if state.observed < size as u64 || state.population.is_empty() {
        return fresh(problem, &mut state.seen, rng);
    }
    let State { population, seen, .. } = state;
    varied(problem, seen, rng, |rng| child(problem, options, population, rng))
}

fn child(problem: &Problem, options: &Options, population: &VecDeque<Individual>, rng: &mut Rng) -> Genotype {
    let parent = tournament(options, population, rng);
    let parent = if options.recombination > 0.0 && rng.random_bool(options.recombination) {
        let partner = tournament(options, population, rng);
        problem.space.recombine(parent, partner, &Recombination::Uniform, rng)
    } else {
        parent.clone()
    };
    problem.space.mutate(&parent, &Mutation::Uniform { filter: None }, rng)
}

/// The best of a sample drawn without replacement; the first drawn among equals, so that with several objectives any
/// member that is not dominated may win.
fn tournament<'a>(options: &Options, population: &'a VecDeque<Individual>, rng: &mut Rng) -> &'a Genotype {
    let size = (options.tournament as usize).min(population.len());
    let drawn = index::sample(rng, population.len(), size);
    let mut best = &population[drawn.index(0)];
    for position in drawn.iter().skip(1) {
        let rival = &population[position];
        if rival.fitness.compare(&best.fitness) == Ordering::Greater {
            best = rival;
        }
    }
    &best.genotype
}
