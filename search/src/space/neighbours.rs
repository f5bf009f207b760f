//! The neighbours of a genotype: those that differ in one decision.
//!
//! Below a changed choice, decisions keep their choices where the new candidate has the same form and otherwise take
//! their first candidates. A float has two neighbours, a tenth of its scale away on either side.

use super::node::{Kind, ManyOf, Node, Path, Repeat};
use super::scale::twelve_digits;
use super::tree::Tree;

/// Step of a float in its scaled coordinate.
const STEP: f64 = 0.1;

/// Of longer permutations only adjacent positions are exchanged.
const ALL_SWAPS: usize = 100;

pub(super) fn of(node: &Node, tree: &Tree) -> Vec<Tree> {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => of(node, tree),
        (Kind::Array(nodes), Tree::Items(trees)) => replaced(nodes.iter().zip(trees), trees, Tree::Items),
        (Kind::Object(members), Tree::Items(trees)) => {
            replaced(members.iter().map(|(_, node)| node).zip(trees), trees, Tree::Items)
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            let others = (0..choice.candidates.len()).filter(|other| other != index);
            let mut found: Vec<Tree> =
                others.map(|other| Tree::one_of(other, fit(&choice.candidates[other], child))).collect();
            found.extend(of(&choice.candidates[*index], child).into_iter().map(|child| Tree::one_of(*index, child)));
            found
        }
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) => many_of(many, chosen),
        (Kind::Float(float), Tree::Float(value)) => {
            let unit = float.scale.to_unit(*value, float.min, float.max);
            let moved = |unit: f64| {
                // Rounded, so that a step back lands where the walk came from.
                let value = float.scale.from_unit(unit.clamp(0.0, 1.0), float.min, float.max);
                twelve_digits(value).clamp(float.min, float.max)
            };
            [unit - STEP, unit + STEP].map(moved).into_iter().filter(|other| other != value).map(Tree::Float).collect()
        }
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => repeated(repeat, *index, bodies),
        (Kind::Path(path), Tree::Path(steps)) => walks(path, steps),
        _ => Vec::new(),
    }
}

/// Every way to replace one part by a neighbour of it.
fn replaced<'a>(
    parts: impl Iterator<Item = (&'a Node, &'a Tree)>,
    all: &[Tree],
    wrap: impl Fn(Vec<Tree>) -> Tree,
) -> Vec<Tree> {
    let mut found = Vec::new();
    for (position, (node, tree)) in parts.enumerate() {
        for neighbour in of(node, tree) {
            let mut copy = all.to_vec();
            copy[position] = neighbour;
            found.push(wrap(copy));
        }
    }
    found
}

fn many_of(many: &ManyOf, chosen: &[(usize, Tree)]) -> Vec<Tree> {
    let mut found = Vec::new();
    let mut push = |mut chosen: Vec<(usize, Tree)>| {
        if many.sorted {
            chosen.sort_by_key(|(index, _)| *index);
        }
        found.push(Tree::ManyOf(chosen));
    };
    for (position, (index, child)) in chosen.iter().enumerate() {
        let with = |choice: (usize, Tree)| {
            let mut copy = chosen.to_vec();
            copy[position] = choice;
            copy
        };
        let free = |other: &usize| !many.distinct || chosen.iter().all(|(taken, _)| taken != other);
        for other in (0..many.candidates.len()).filter(|other| other != index).filter(free) {
            push(with((other, fit(&many.candidates[other], child))));
        }
        of(&many.candidates[*index], child).into_iter().for_each(|child| push(with((*index, child))));
    }
    if many.is_permutation() {
        for first in 0..chosen.len() {
            let reach = if chosen.len() <= ALL_SWAPS { chosen.len() } else { (first + 2).min(chosen.len()) };
            for second in first + 1..reach {
                let mut copy = chosen.to_vec();
                copy.swap(first, second);
                push(copy);
            }
        }
    }
    found
}

fn repeated(repeat: &Repeat, index: usize, bodies: &[Tree]) -> Vec<Tree> {
    let resized = |other: usize| {
        let length = repeat.bodies(repeat.times[other]);
        let mut copy: Vec<Tree> = bodies.iter().take(length).cloned().collect();
        copy.resize_with(length, || bodies.last().cloned().unwrap_or_else(|| first(&repeat.body)));
        Tree::Repeat { index: other, bodies: copy }
    };
    let mut found: Vec<Tree> = (0..repeat.times.len()).filter(|other| *other != index).map(resized).collect();
    let parts = bodies.iter().map(|body| (&*repeat.body, body));
    found.extend(replaced(parts, bodies, |bodies| Tree::Repeat { index, bodies }));
    found
}

fn walks(path: &Path, steps: &[(usize, Tree)]) -> Vec<Tree> {
    let mut found = Vec::new();
    for (step, (state, emit)) in steps.iter().enumerate() {
        let previous = step.checked_sub(1).map(|before| steps[before].0);
        for other in path.options(step, previous).into_iter().filter(|other| other != state) {
            let mut copy = steps[..step].to_vec();
            copy.push((other, first(&path.states[other].emit)));
            found.push(Tree::Path(completed(path, copy, steps)));
        }
        for emit in of(&path.states[*state].emit, emit) {
            let mut copy = steps.to_vec();
            copy[step].1 = emit;
            found.push(Tree::Path(copy));
        }
    }
    found
}

/// Goes on with the old steps where they are offered, else with the first option.
fn completed(path: &Path, mut steps: Vec<(usize, Tree)>, old: &[(usize, Tree)]) -> Vec<(usize, Tree)> {
    while steps.len() < path.length {
        let options = path.options(steps.len(), steps.last().map(|(state, _)| *state));
        let kept = old.get(steps.len()).filter(|(state, _)| options.contains(state));
        steps.push(kept.cloned().unwrap_or_else(|| (options[0], first(&path.states[options[0]].emit))));
    }
    steps
}

/// The old choices if they fit the node's form, else its first genotype.
fn fit(node: &Node, old: &Tree) -> Tree {
    if fits(node, old) { old.clone() } else { first(node) }
}

fn fits(node: &Node, tree: &Tree) -> bool {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => fits(node, tree),
        (Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_), Tree::Leaf) => true,
        (Kind::Array(nodes), Tree::Items(trees)) => {
            nodes.len() == trees.len() && nodes.iter().zip(trees).all(|(node, tree)| fits(node, tree))
        }
        (Kind::Object(members), Tree::Items(trees)) => {
            members.len() == trees.len() && members.iter().zip(trees).all(|((_, node), tree)| fits(node, tree))
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            choice.candidates.get(*index).is_some_and(|candidate| fits(candidate, child))
        }
        (Kind::Float(float), Tree::Float(value)) => (float.min..=float.max).contains(value),
        _ => false,
    }
}

/// The genotype with the first candidate everywhere.
pub(super) fn first(node: &Node) -> Tree {
    match &node.kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Tree::Leaf,
        Kind::Definition(node) => first(node),
        Kind::Array(nodes) => Tree::Items(nodes.iter().map(first).collect()),
        Kind::Object(members) => Tree::Items(members.iter().map(|(_, node)| first(node)).collect()),
        Kind::OneOf(choice) => Tree::one_of(0, first(&choice.candidates[0])),
        Kind::ManyOf(many) => {
            let index = |position: usize| if many.distinct { position } else { 0 };
            Tree::ManyOf((0..many.count).map(|i| (index(i), first(&many.candidates[index(i)]))).collect())
        }
        Kind::Float(float) => Tree::Float(float.min),
        Kind::Repeat(repeat) => {
            let bodies = (0..repeat.bodies(repeat.times[0])).map(|_| first(&repeat.body)).collect();
            Tree::Repeat { index: 0, bodies }
        }
        Kind::Path(path) => Tree::Path(completed(path, Vec::new(), &[])),
    }
}
