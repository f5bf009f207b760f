//! Genotypes as vectors of fixed length, for predictors and distances (space-language §6). Inactive parts are zeros.

use super::node::{Kind, Node, Path, Repeat};
use super::tree::Tree;

pub(super) fn length(node: &Node) -> usize {
    match &node.kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => 0,
        Kind::Definition(node) => length(node),
        Kind::Array(nodes) => nodes.iter().map(length).sum(),
        Kind::Object(members) => members.iter().map(|(_, node)| length(node)).sum(),
        Kind::OneOf(choice) => {
            let head = if choice.ordered { 2 } else { choice.candidates.len() };
            head + choice.candidates.iter().map(length).sum::<usize>()
        }
        Kind::ManyOf(many) => many.count * (many.candidates.len() + many.candidates.iter().map(length).sum::<usize>()),
        Kind::Float(_) => 2,
        Kind::Repeat(repeat) => usize::from(repeat.open) * 2 + vector_bodies(repeat) * length(&repeat.body),
        Kind::Path(path) => path.length * step_length(path),
    }
}

fn vector_bodies(repeat: &Repeat) -> usize {
    repeat.bodies(repeat.longest())
}

fn step_length(path: &Path) -> usize {
    path.states.len() + path.states.iter().map(|state| length(&state.emit)).sum::<usize>()
}

/// Appends the node's part of the vector; `None` where the node is inactive.
pub(super) fn push(node: &Node, tree: Option<&Tree>, vector: &mut Vec<f64>) {
    match (&node.kind, tree) {
        (_, None) => vector.resize(vector.len() + length(node), 0.0),
        (Kind::Definition(node), tree) => push(node, tree, vector),
        (Kind::Array(nodes), Some(Tree::Items(trees))) => {
            nodes.iter().zip(trees).for_each(|(node, tree)| push(node, Some(tree), vector));
        }
        (Kind::Object(members), Some(Tree::Items(trees))) => {
            members.iter().zip(trees).for_each(|((_, node), tree)| push(node, Some(tree), vector));
        }
        (Kind::OneOf(choice), Some(Tree::OneOf { index, child })) => {
            let count = choice.candidates.len();
            if choice.ordered {
                ordered(*index, count, vector)
            } else {
                one_hot(*index, count, vector)
            }
            branches(choice.candidates.iter(), *index, child, vector);
        }
        (Kind::ManyOf(many), Some(Tree::ManyOf(chosen))) => {
            for (index, child) in chosen {
                one_hot(*index, many.candidates.len(), vector);
                branches(many.candidates.iter(), *index, child, vector);
            }
        }
        (Kind::Float(float), Some(Tree::Float(value))) => {
            vector.extend([1.0, float.scale.to_unit(*value, float.min, float.max)]);
        }
        (Kind::Repeat(repeat), Some(Tree::Repeat { index, bodies })) => {
            if repeat.open {
                ordered(*index, repeat.times.len(), vector);
            }
            (0..vector_bodies(repeat)).for_each(|i| push(&repeat.body, bodies.get(i), vector));
        }
        (Kind::Path(path), Some(Tree::Path(steps))) => {
            for (state, emit) in steps {
                one_hot(*state, path.states.len(), vector);
                branches(path.states.iter().map(|state| &state.emit), *state, emit, vector);
            }
        }
        _ => {}
    }
}

fn branches<'a>(nodes: impl Iterator<Item = &'a Node>, taken: usize, child: &Tree, vector: &mut Vec<f64>) {
    for (index, node) in nodes.enumerate() {
        push(node, (index == taken).then_some(child), vector);
    }
}

fn ordered(index: usize, count: usize, vector: &mut Vec<f64>) {
    vector.extend([1.0, if count > 1 { index as f64 / (count - 1) as f64 } else { 0.0 }]);
}

fn one_hot(index: usize, count: usize, vector: &mut Vec<f64>) {
    vector.extend((0..count).map(|i| f64::from(u8::from(i == index))));
}
