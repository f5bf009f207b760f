//! Drawing genotypes that are new and feasible, and the words for when there are none left.

use super::seen::Seen;
use super::{Problem, Proposal};
use crate::randomness::{Purpose, Randomness, Rng};
use crate::space::{Draw, Genotype, Size};

/// Draws in a row that may be infeasible or known before a search gives up.
const MAX_REDRAWS: u32 = 10_000;

/// Tries to vary a parent before a random genotype takes its place.
const MAX_VARIATIONS: u32 = 100;

/// A genotype that is feasible and not in `seen`, to which it is added; `None` after too many draws in vain.
pub fn fresh(problem: &Problem, seen: &mut Seen, rng: &mut Rng) -> Option<Genotype> {
    if is_exhausted(problem, seen) {
        return None;
    }
    let draw = |rng: &mut Rng| problem.space.sample(Draw::ByDecision, rng);
    first_new(problem, seen, rng, MAX_REDRAWS, draw)
}

/// A new feasible genotype made by `vary`, or a random one when variation yields nothing new.
pub fn varied(
    problem: &Problem,
    seen: &mut Seen,
    rng: &mut Rng,
    vary: impl FnMut(&mut Rng) -> Genotype,
) -> Option<Genotype> {
    first_new(problem, seen, rng, MAX_VARIATIONS, vary).or_else(|| fresh(problem, seen, rng))
}

fn first_new(
    problem: &Problem,
    seen: &mut Seen,
    rng: &mut Rng,
    tries: u32,
    mut draw: impl FnMut(&mut Rng) -> Genotype,
) -> Option<Genotype> {
    for _ in 0..tries {
        let genotype = draw(rng);
        if !seen.contains(&problem.space, &genotype) && problem.is_feasible(&genotype) {
            seen.insert(&problem.space, &genotype);
            return Some(genotype);
        }
    }
    None
}

fn is_exhausted(problem: &Problem, seen: &Seen) -> bool {
    match problem.space.size() {
        Size::Finite(size) => *size <= seen.len().into(),
        Size::Infinite => false,
    }
}

/// The end of a search that finds nothing new.
pub fn exhausted(problem: &Problem, seen: &Seen) -> Proposal {
    Proposal::Finished(if is_exhausted(problem, seen) {
        format!("the space is exhausted: all of its {} genotypes were proposed", problem.space.size())
    } else {
        no_feasible()
    })
}

/// The end of a search whose draws all break a constraint.
pub fn no_feasible() -> String {
    format!("no new feasible genotype in {MAX_REDRAWS} draws: the constraints may be too tight, or all were proposed")
}

/// Whether a search should give up after so many rejects in a row.
pub fn gives_up(rejects: u32) -> bool {
    rejects >= MAX_REDRAWS
}

/// The generator of the `count`-th proposal.
pub fn proposal_rng(randomness: &Randomness, count: u64) -> Rng {
    randomness.at(Purpose::Propose, count)
}
