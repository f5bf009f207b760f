//! Rank and unrank: genotypes as numbers in enumeration order, mixed-radix over the sizes (space-language §4).
//!
//! Only for finite spaces; the last decision changes fastest.

use super::node::{Kind, ManyOf, Node, Path, Repeat};
use super::selection::Selection;
use super::tree::Tree;
use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{One, Zero};

/// Position of a tree among all trees of its node.
pub(super) fn rank(node: &Node, tree: &Tree) -> BigUint {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => rank(node, tree),
        (Kind::Array(nodes), Tree::Items(trees)) => digits(nodes.iter().zip(trees)),
        (Kind::Object(members), Tree::Items(trees)) => digits(members.iter().map(|(_, node)| node).zip(trees)),
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            let before: BigUint = choice.candidates[..*index].iter().map(Node::finite_size).sum();
            before + rank(&choice.candidates[*index], child)
        }
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) => rank_many(many, chosen),
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
            let before: BigUint = (0..*index).map(|i| repeat_block(repeat, i)).sum();
            before + digits(bodies.iter().map(|body| (&*repeat.body, body)))
        }
        (Kind::Path(path), Tree::Path(steps)) => rank_path(path, steps),
        _ => BigUint::zero(),
    }
}

/// The tree at a rank below the node's size.
pub(super) fn unrank(node: &Node, rank: BigUint) -> Tree {
    match &node.kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Tree::Leaf,
        Kind::Definition(node) => unrank(node, rank),
        Kind::Array(nodes) => Tree::Items(undigits(&nodes.iter().collect::<Vec<_>>(), rank)),
        Kind::Object(members) => Tree::Items(undigits(&members.iter().map(|(_, node)| node).collect::<Vec<_>>(), rank)),
        Kind::OneOf(choice) => {
            let (index, rest) = block(choice.candidates.iter().map(Node::finite_size), rank);
            Tree::one_of(index, unrank(&choice.candidates[index], rest))
        }
        Kind::ManyOf(many) => unrank_many(many, rank),
        // A space with a continuous decision is infinite and has no ranks.
        Kind::Float(float) => Tree::Float(float.min),
        Kind::Repeat(repeat) => {
            let (index, rest) = block((0..repeat.times.len()).map(|i| repeat_block(repeat, i)), rank);
            let bodies = vec![&*repeat.body; repeat.bodies(repeat.times[index])];
            Tree::Repeat { index, bodies: undigits(&bodies, rest) }
        }
        Kind::Path(path) => unrank_path(path, rank),
    }
}

fn digits<'a>(parts: impl Iterator<Item = (&'a Node, &'a Tree)>) -> BigUint {
    parts.fold(BigUint::zero(), |number, (node, tree)| number * node.finite_size() + rank(node, tree))
}

fn undigits(nodes: &[&Node], mut number: BigUint) -> Vec<Tree> {
    let mut trees = Vec::with_capacity(nodes.len());
    for node in nodes.iter().rev() {
        let (rest, digit) = number.div_rem(&node.finite_size());
        trees.push(unrank(node, digit));
        number = rest;
    }
    trees.reverse();
    trees
}

/// The block that a rank falls into, and the rank inside it.
fn block(sizes: impl Iterator<Item = BigUint>, mut rank: BigUint) -> (usize, BigUint) {
    let mut last = 0;
    for (index, size) in sizes.enumerate() {
        if rank < size {
            return (index, rank);
        }
        rank -= size;
        last = index;
    }
    (last, BigUint::zero())
}

fn repeat_block(repeat: &Repeat, index: usize) -> BigUint {
    repeat.body.finite_size().pow(repeat.bodies(repeat.times[index]) as u32)
}

fn rank_many(many: &ManyOf, chosen: &[(usize, Tree)]) -> BigUint {
    let mut selection = Selection::new(many);
    let mut number = BigUint::zero();
    for (index, child) in chosen {
        for other in selection.allowed().take_while(|other| other < index) {
            number += many.candidates[other].finite_size() * selection.ways_after(other);
        }
        number += rank(&many.candidates[*index], child) * selection.ways_after(*index);
        selection.choose(*index);
    }
    number
}

fn unrank_many(many: &ManyOf, mut number: BigUint) -> Tree {
    let mut selection = Selection::new(many);
    let mut chosen = Vec::with_capacity(many.count);
    while chosen.len() < many.count {
        let allowed: Vec<usize> = selection.allowed().collect();
        let size_of = |index: &usize| many.candidates[*index].finite_size() * selection.ways_after(*index);
        let (position, rest) = block(allowed.iter().map(size_of), number);
        let index = allowed[position];
        let (child, left) = rest.div_rem(&selection.ways_after(index).max(BigUint::one()));
        selection.choose(index);
        chosen.push((index, unrank(&many.candidates[index], child)));
        number = left;
    }
    Tree::ManyOf(chosen)
}

fn completions(path: &Path, step: usize, state: usize) -> BigUint {
    path.completions[step][state].finite().cloned().unwrap_or_default()
}

/// Ways to walk on after a step in a state, its emit not counted.
fn rest_of_walk(path: &Path, step: usize, state: usize) -> BigUint {
    if step + 1 == path.length {
        return BigUint::one();
    }
    path.options(step + 1, Some(state)).iter().map(|next| completions(path, step + 1, *next)).sum()
}

fn rank_path(path: &Path, steps: &[(usize, Tree)]) -> BigUint {
    let mut number = BigUint::zero();
    let mut previous = None;
    for (step, (state, emit)) in steps.iter().enumerate() {
        let options = path.options(step, previous);
        let before = options.iter().take_while(|option| *option != state);
        number += before.map(|option| completions(path, step, *option)).sum::<BigUint>();
        number += rank(&path.states[*state].emit, emit) * rest_of_walk(path, step, *state);
        previous = Some(*state);
    }
    number
}

fn unrank_path(path: &Path, mut number: BigUint) -> Tree {
    let mut steps: Vec<(usize, Tree)> = Vec::with_capacity(path.length);
    for step in 0..path.length {
        let options = path.options(step, steps.last().map(|(state, _)| *state));
        let (position, rest) = block(options.iter().map(|option| completions(path, step, *option)), number);
        let state = options[position];
        let (emit, left) = rest.div_rem(&rest_of_walk(path, step, state));
        steps.push((state, unrank(&path.states[state].emit, emit)));
        number = left;
    }
    Tree::Path(steps)
}
