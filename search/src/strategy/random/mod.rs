//! Random search without replacement. See `README.md`.

use super::draw::{self, fresh, proposal_rng};
use super::permutation::Permutation;
use super::seen::Seen;
use super::{Method, Observed, Order, Problem, Proposal};
use crate::fault::Faults;
use crate::randomness::{Purpose, Randomness};
use crate::space::{Genotype, Size};
use num_bigint::BigUint;
use rand::Rng as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub struct RandomSearch;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrawOption {
    /// Every genotype with the same probability (spaces with continuous decisions: by decision).
    #[default]
    ByPoint,
    /// Every choice uniform as it is met; favours branches with few genotypes.
    ByDecision,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How genotypes are drawn.
    pub draw: DrawOption,
}

/// How many draws were made and how many of them proposed. Drawing by point needs no more: the n-th draw is the n-th
/// element of a seeded permutation of the space.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    draws: u64,
    proposed: u64,
    seen: Seen,
}

impl Method for RandomSearch {
    const NAME: &'static str = "random";
    const SUMMARY: &'static str = "Draws genotypes at random, never the same twice; the baseline of every comparison.";

    type Options = Options;
    type State = State;

    fn check(_: &Problem, _: &Options, _: &mut Faults) {}

    fn start(_: &Problem, _: &Options) -> State {
        State::default()
    }

    fn observe(_: &Problem, _: &Options, _: &mut State, _: &Observed) {}

    fn propose(
        problem: &Problem,
        options: &Options,
        state: &mut State,
        room: usize,
        randomness: &Randomness,
    ) -> Proposal {
        let mut orders = Vec::new();
        let by_point = match (options.draw, problem.space.size()) {
            (DrawOption::ByPoint, Size::Finite(size)) => Some(permutation(size, randomness)),
            _ => None,
        };
        while orders.len() < room {
            let genotype = match &by_point {
                Some(permutation) => next_point(problem, state, permutation),
                None => next_drawn(problem, state, randomness),
            };
            match genotype {
                Ok(genotype) => {
                    state.proposed += 1;
                    orders.push(Order::trial(state.proposed, genotype));
                }
                Err(finished) if orders.is_empty() => return finished,
                Err(_) => break,
            }
        }
        Proposal::Orders(orders)
    }
}

fn permutation(size: &BigUint, randomness: &Randomness) -> Permutation {
    Permutation::new(size.clone(), randomness.at(Purpose::Propose, 0).random())
}

/// The next feasible genotype of the permuted space.
fn next_point(problem: &Problem, state: &mut State, permutation: &Permutation) -> Result<Genotype, Proposal> {
    let mut rejects = 0;
    loop {
        let draw = BigUint::from(state.draws);
        if matches!(problem.space.size(), Size::Finite(size) if draw >= *size) {
            let text = format!("the space is exhausted: all of its {} genotypes were drawn", problem.space.size());
            return Err(Proposal::Finished(text));
        }
        state.draws += 1;
        match problem.space.unrank(&permutation.at(&draw)) {
            Some(genotype) if problem.is_feasible(&genotype) => return Ok(genotype),
            _ => rejects += 1,
        }
        if draw::gives_up(rejects) {
            return Err(Proposal::Finished(draw::no_feasible()));
        }
    }
}

fn next_drawn(problem: &Problem, state: &mut State, randomness: &Randomness) -> Result<Genotype, Proposal> {
    state.draws += 1;
    let mut rng = proposal_rng(randomness, state.draws);
    fresh(problem, &mut state.seen, &mut rng).ok_or_else(|| draw::exhausted(problem, &state.seen))
}
