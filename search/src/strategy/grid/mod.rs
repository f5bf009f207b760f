//! Sweep over the whole space in enumeration order. See `README.md`.

use super::draw;
use super::{Method, Observed, Order, Problem, Proposal};
use crate::fault::Faults;
use crate::randomness::Randomness;
use crate::space::{Genotype, Size};
use num_bigint::BigUint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub struct Grid;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Take every n-th genotype of the enumeration.
    pub step: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { step: 1 }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Grid points visited, infeasible ones included.
    visited: u64,
    proposed: u64,
}

impl Method for Grid {
    const NAME: &'static str = "grid";
    const SUMMARY: &'static str = "Evaluates the whole space (or every n-th genotype) in enumeration order.";

    type Options = Options;
    type State = State;

    fn check(problem: &Problem, options: &Options, faults: &mut Faults) {
        if options.step == 0 {
            faults.push("/step", "must be at least 1");
        }
        if matches!(problem.space.size(), Size::Infinite) {
            let floats = problem.space.decisions().into_iter().filter(|d| d.is_continuous());
            for decision in floats {
                let detail = format!(
                    "`grid` cannot enumerate the continuous decision `{}`: give it a `grid` number of points, or use \
                     `random` or `evolution`",
                    decision.id
                );
                faults.push("/space", detail);
            }
        }
    }

    fn start(_: &Problem, _: &Options) -> State {
        State::default()
    }

    fn observe(_: &Problem, _: &Options, _: &mut State, _: &Observed) {}

    fn propose(problem: &Problem, options: &Options, state: &mut State, room: usize, _: &Randomness) -> Proposal {
        let mut orders = Vec::new();
        while orders.len() < room {
            match next_feasible(problem, options, state) {
                Ok(genotype) => {
                    state.proposed += 1;
                    orders.push(Order::trial(state.proposed, genotype));
                }
                Err(text) if orders.is_empty() => return Proposal::Finished(text),
                Err(_) => break,
            }
        }
        Proposal::Orders(orders)
    }
}

fn next_feasible(problem: &Problem, options: &Options, state: &mut State) -> Result<Genotype, String> {
    let mut rejects = 0;
    loop {
        let rank = BigUint::from(state.visited) * options.step;
        let Some(genotype) = problem.space.unrank(&rank) else {
            return Err(format!("the space is exhausted: all {} points of the grid were visited", state.visited));
        };
        state.visited += 1;
        if problem.is_feasible(&genotype) {
            return Ok(genotype);
        }
        rejects += 1;
        if draw::gives_up(rejects) {
            return Err(draw::no_feasible());
        }
    }
}
