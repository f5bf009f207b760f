//! Crossover of permutations: PMX, OX, CX.

use super::recombine::PermutationCrossover;
use super::tree::Tree;
use crate::randomness::Rng;
use rand::Rng as _;
use rand::seq::SliceRandom as _;

/// A child of two permutations of the same candidates; what is below a candidate comes from either parent.
pub(super) fn permutations(
    x: &[(usize, Tree)],
    y: &[(usize, Tree)],
    operator: PermutationCrossover,
    rng: &mut Rng,
) -> Vec<(usize, Tree)> {
    let mut parents = [indexes(x), indexes(y)];
    parents.shuffle(rng);
    let [a, b] = parents;
    let start = rng.random_range(0..=a.len());
    let end = rng.random_range(start..=a.len());
    let child = match operator {
        PermutationCrossover::Pmx => pmx(&a, &b, start, end),
        PermutationCrossover::Ox => ox(&a, &b, start, end),
        PermutationCrossover::Cx => cx(&a, &b),
    };
    let below = |index: usize, rng: &mut Rng| {
        let source = if rng.random() { x } else { y };
        source.iter().find(|(other, _)| *other == index).map_or(Tree::Leaf, |(_, tree)| tree.clone())
    };
    child.into_iter().map(|index| (index, below(index, rng))).collect()
}

fn indexes(chosen: &[(usize, Tree)]) -> Vec<usize> {
    chosen.iter().map(|(index, _)| *index).collect()
}

/// Partially mapped crossover: `b`'s section `start..end` in `a`, whose displaced values follow the section's mapping.
pub(super) fn pmx(a: &[usize], b: &[usize], start: usize, end: usize) -> Vec<usize> {
    let section = &b[start..end];
    let resolve = |mut value: usize| {
        while let Some(position) = section.iter().position(|other| *other == value) {
            value = a[start + position];
        }
        value
    };
    let value = |i: usize| {
        if (start..end).contains(&i) { b[i] } else { resolve(a[i]) }
    };
    (0..a.len()).map(value).collect()
}

/// Order crossover: `b`'s section `start..end`, then the rest in `a`'s order from `end` on, going round.
pub(super) fn ox(a: &[usize], b: &[usize], start: usize, end: usize) -> Vec<usize> {
    let count = a.len();
    let section = &b[start..end];
    let mut child = b.to_vec();
    let mut rest = (0..count).map(|i| a[(end + i) % count]).filter(|value| !section.contains(value));
    for position in (0..count - section.len()).map(|i| (end + i) % count) {
        if let Some(value) = rest.next() {
            child[position] = value;
        }
    }
    child
}

/// Cycle crossover: the positions of each cycle come from one parent, the first cycle from `a`, then in turns.
pub(super) fn cx(a: &[usize], b: &[usize]) -> Vec<usize> {
    let mut child: Vec<Option<usize>> = vec![None; a.len()];
    let mut from_a = true;
    for start in 0..a.len() {
        if child[start].is_some() {
            continue;
        }
        let mut position = start;
        while child[position].is_none() {
            child[position] = Some(if from_a { a[position] } else { b[position] });
            position = a.iter().position(|value| *value == b[position]).unwrap_or(start);
        }
        from_a = !from_a;
    }
    child.into_iter().zip(a).map(|(value, fallback)| value.unwrap_or(*fallback)).collect()
}
