//! Recombination of two genotypes (space-language §7).

use super::crossover;
use super::node::{Kind, Node};
use super::tree::Tree;
use crate::randomness::Rng;
use rand::Rng as _;

/// How two genotypes are recombined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recombination {
    /// Every decision from either parent. A multi-choice is one point; what is below a choice comes from a parent that
    /// made the choice.
    Uniform,
    /// The top-level points are cut at so many places, and the parents alternate.
    KPoint(usize),
    /// Floats are averaged, everything else is uniform.
    Average,
    /// Permutations are recombined by an operator for permutations, everything else is uniform.
    Permutation(PermutationCrossover),
}

/// How two orders become one (space-language §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermutationCrossover {
    /// Partially mapped (Goldberg and Lingle, 1985).
    Pmx,
    /// Order (Davis, 1985).
    Ox,
    /// Cycle (Oliver, Smith and Holland, 1987).
    Cx,
}

/// Random places to cut a row of points, ascending.
pub(super) fn cuts(points: usize, count: usize, rng: &mut Rng) -> Vec<usize> {
    if points < 2 {
        return Vec::new();
    }
    let drawn = rand::seq::index::sample(rng, points - 1, count.min(points - 1));
    let mut cuts: Vec<usize> = drawn.iter().map(|i| i + 1).collect();
    cuts.sort_unstable();
    cuts
}

/// Every decision from either parent; `how` says what happens to floats and permutations.
pub(super) fn uniform(node: &Node, a: &Tree, b: &Tree, how: Recombination, rng: &mut Rng) -> Tree {
    match (&node.kind, a, b) {
        (Kind::Definition(node), a, b) => uniform(node, a, b, how, rng),
        (Kind::Array(nodes), Tree::Items(xs), Tree::Items(ys)) => Tree::Items(
            nodes.iter().zip(xs.iter().zip(ys)).map(|(node, (x, y))| uniform(node, x, y, how, rng)).collect(),
        ),
        (Kind::Object(members), Tree::Items(xs), Tree::Items(ys)) => {
            let pairs = members.iter().zip(xs.iter().zip(ys));
            Tree::Items(pairs.map(|((_, node), (x, y))| uniform(node, x, y, how, rng)).collect())
        }
        (Kind::OneOf(choice), Tree::OneOf { index: i, child: x }, Tree::OneOf { index: j, child: y }) if i == j => {
            Tree::one_of(*i, uniform(&choice.candidates[*i], x, y, how, rng))
        }
        (Kind::Float(float), Tree::Float(x), Tree::Float(y)) if how == Recombination::Average => {
            let unit = |value| float.scale.to_unit(value, float.min, float.max);
            Tree::Float(float.scale.from_unit((unit(*x) + unit(*y)) / 2.0, float.min, float.max))
        }
        (Kind::ManyOf(many), Tree::ManyOf(x), Tree::ManyOf(y)) if many.is_permutation() => match how {
            Recombination::Permutation(operator) => Tree::ManyOf(crossover::permutations(x, y, operator, rng)),
            _ => either(a, b, rng),
        },
        (Kind::Repeat(repeat), Tree::Repeat { index: i, bodies: xs }, Tree::Repeat { index: j, bodies: ys }) => {
            let index = if rng.random() { *i } else { *j };
            let body = |at: usize| match (xs.get(at), ys.get(at)) {
                (Some(x), Some(y)) => uniform(&repeat.body, x, y, how, rng),
                (Some(only), None) | (None, Some(only)) => only.clone(),
                (None, None) => Tree::Leaf,
            };
            Tree::Repeat { index, bodies: (0..repeat.bodies(repeat.times[index])).map(body).collect() }
        }
        _ => either(a, b, rng),
    }
}

fn either(a: &Tree, b: &Tree, rng: &mut Rng) -> Tree {
    if rng.random() { a.clone() } else { b.clone() }
}

/// Independent decision points that are not below a choice.
pub(super) fn top_level_points(node: &Node, tree: &Tree) -> usize {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => top_level_points(node, tree),
        (Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_), _) => 0,
        (Kind::Array(nodes), Tree::Items(trees)) => nodes.iter().zip(trees).map(|(n, t)| top_level_points(n, t)).sum(),
        (Kind::Object(members), Tree::Items(trees)) => {
            members.iter().zip(trees).map(|((_, n), t)| top_level_points(n, t)).sum()
        }
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) if !many.is_constrained() => chosen.len(),
        (Kind::Repeat(repeat), Tree::Repeat { bodies, .. }) if !repeat.open => {
            bodies.iter().map(|body| top_level_points(&repeat.body, body)).sum()
        }
        _ => 1,
    }
}

/// The child that takes the points before the first cut from `a`, those up to the second from `b`, and so on; `at` counts
/// the points passed.
pub(super) fn segmented(node: &Node, a: &Tree, b: &Tree, cuts: &[usize], at: &mut usize) -> Tree {
    match (&node.kind, a, b) {
        (Kind::Definition(node), a, b) => segmented(node, a, b, cuts, at),
        (Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_), ..) => Tree::Leaf,
        (Kind::Array(nodes), Tree::Items(xs), Tree::Items(ys)) => {
            Tree::Items(nodes.iter().zip(xs.iter().zip(ys)).map(|(n, (x, y))| segmented(n, x, y, cuts, at)).collect())
        }
        (Kind::Object(members), Tree::Items(xs), Tree::Items(ys)) => {
            let pairs = members.iter().zip(xs.iter().zip(ys));
            Tree::Items(pairs.map(|((_, n), (x, y))| segmented(n, x, y, cuts, at)).collect())
        }
        (Kind::ManyOf(many), Tree::ManyOf(xs), Tree::ManyOf(ys)) if !many.is_constrained() => {
            Tree::ManyOf(xs.iter().zip(ys).map(|(x, y)| taken(x, y, cuts, at).clone()).collect())
        }
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies: xs }, Tree::Repeat { bodies: ys, .. }) if !repeat.open => {
            let bodies = xs.iter().zip(ys).map(|(x, y)| segmented(&repeat.body, x, y, cuts, at)).collect();
            Tree::Repeat { index: *index, bodies }
        }
        _ => taken(a, b, cuts, at).clone(),
    }
}

/// The parent whose turn it is at the next point.
fn taken<'a, T>(a: &'a T, b: &'a T, cuts: &[usize], at: &mut usize) -> &'a T {
    let passed = cuts.iter().filter(|cut| **cut <= *at).count();
    *at += 1;
    if passed % 2 == 0 { a } else { b }
}
