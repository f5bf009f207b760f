//! Drawing genotypes (space-language §4).

use super::node::{Kind, ManyOf, Node, Path};
use super::tree::Tree;
use crate::randomness::Rng;
use num_bigint::BigUint;
use num_traits::Zero;
use rand::Rng as _;

/// A tree whose every choice is uniform as it is met; floats are uniform in their scale.
pub(super) fn by_decision(node: &Node, rng: &mut Rng) -> Tree {
    match &node.kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Tree::Leaf,
        Kind::Definition(node) => by_decision(node, rng),
        Kind::Array(items) => Tree::Items(items.iter().map(|node| by_decision(node, rng)).collect()),
        Kind::Object(members) => Tree::Items(members.iter().map(|(_, node)| by_decision(node, rng)).collect()),
        Kind::OneOf(choice) => {
            let index = rng.random_range(0..choice.candidates.len());
            Tree::one_of(index, by_decision(&choice.candidates[index], rng))
        }
        Kind::ManyOf(many) => Tree::ManyOf(selection(many, rng)),
        Kind::Float(float) => Tree::Float(float.scale.from_unit(rng.random(), float.min, float.max)),
        Kind::Repeat(repeat) => {
            let index = if repeat.open { rng.random_range(0..repeat.times.len()) } else { 0 };
            let bodies = 0..repeat.bodies(repeat.times[index]);
            Tree::Repeat { index, bodies: bodies.map(|_| by_decision(&repeat.body, rng)).collect() }
        }
        Kind::Path(path) => Tree::Path(walk(path, Vec::new(), rng)),
    }
}

/// All sub-choices of a multi-choice.
pub(super) fn selection(many: &ManyOf, rng: &mut Rng) -> Vec<(usize, Tree)> {
    let count = many.candidates.len();
    let mut indexes: Vec<usize> = if many.distinct {
        rand::seq::index::sample(rng, count, many.count).into_vec()
    } else {
        (0..many.count).map(|_| rng.random_range(0..count)).collect()
    };
    if many.sorted {
        indexes.sort_unstable();
    }
    indexes.into_iter().map(|index| (index, by_decision(&many.candidates[index], rng))).collect()
}

/// Goes on from a walk's first steps to its end.
pub(super) fn walk(path: &Path, mut steps: Vec<(usize, Tree)>, rng: &mut Rng) -> Vec<(usize, Tree)> {
    while steps.len() < path.length {
        let options = path.options(steps.len(), steps.last().map(|(state, _)| *state));
        let state = options[rng.random_range(0..options.len())];
        steps.push((state, by_decision(&path.states[state].emit, rng)));
    }
    steps
}

/// A uniform number below `bound`, which must not be zero.
pub(super) fn below(bound: &BigUint, rng: &mut Rng) -> BigUint {
    let bits = bound.bits();
    let bytes = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
    let spare = (bytes as u64 * 8 - bits) as u32;
    loop {
        let mut draw = vec![0u8; bytes];
        rng.fill(draw.as_mut_slice());
        if let Some(last) = draw.last_mut() {
            *last >>= spare;
        }
        let value = BigUint::from_bytes_le(&draw);
        if value < *bound || bound.is_zero() {
            return value;
        }
    }
}
