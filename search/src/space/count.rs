//! Exact counting (space-language §4). Sizes are made bottom-up, so a definition is counted once however often it is used.

use super::node::{Kind, ManyOf, Node, Path, Repeat, State};
use super::selection::selections;
use super::size::Size;

/// Number of genotypes below a node whose parts are counted.
pub(super) fn size(kind: &Kind) -> Size {
    match kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Size::one(),
        Kind::Array(items) => product(items.iter()),
        Kind::Object(members) => product(members.iter().map(|(_, node)| node)),
        Kind::OneOf(choice) => choice.candidates.iter().fold(Size::zero(), |sum, node| sum.plus(&node.size)),
        Kind::ManyOf(many) => many_of(many),
        Kind::Float(_) => Size::Infinite,
        Kind::Repeat(repeat) => repeated(repeat),
        Kind::Path(path) => walks(path),
        Kind::Definition(node) => node.size.clone(),
    }
}

fn product<'a>(nodes: impl Iterator<Item = &'a Node>) -> Size {
    nodes.fold(Size::one(), |product, node| product.times(&node.size))
}

fn many_of(many: &ManyOf) -> Size {
    let sizes: Vec<&Size> = many.candidates.iter().map(|node| &node.size).collect();
    selections(&sizes, many.count, many.distinct, many.sorted)
}

fn repeated(repeat: &Repeat) -> Size {
    let of = |times: &usize| repeat.body.size.power(repeat.bodies(*times));
    repeat.times.iter().fold(Size::zero(), |sum, times| sum.plus(&of(times)))
}

fn walks(path: &Path) -> Size {
    match path.completions.first() {
        None => Size::one(),
        Some(first) => path.start.iter().fold(Size::zero(), |sum, state| sum.plus(&first[*state])),
    }
}

/// Steps of arithmetic for [`completions`], and one for each 128 bytes that their numbers fill.
pub(super) fn walk_work(length: usize, states: &[State]) -> u64 {
    let edges: u64 = states.iter().map(|state| state.next.len() as u64 + 1).sum();
    let degree = states.iter().map(|state| state.next.len()).max().unwrap_or(0);
    let emit = states.iter().filter_map(|state| state.emit.size.finite()).map(|size| size.bits()).max().unwrap_or(0);
    let bits = (u64::from(usize::BITS - degree.leading_zeros()) + emit).saturating_mul(length as u64);
    let (length, states) = (length as u64, states.len() as u64);
    length.saturating_mul(edges).saturating_add((length * states).saturating_mul(bits) / 16 / 128)
}

/// Dynamic programme over (step, state), from the last step backwards.
pub(super) fn completions(length: usize, emits: &[&Size], next: &[Vec<usize>], end: &[usize]) -> Vec<Vec<Size>> {
    let mut table: Vec<Vec<Size>> = Vec::with_capacity(length);
    for step in (0..length).rev() {
        let rest = |state: usize| match table.last() {
            None if end.contains(&state) => Size::one(),
            None => Size::zero(),
            Some(later) => next[state].iter().fold(Size::zero(), |sum, n| sum.plus(&later[*n])),
        };
        let row = emits.iter().enumerate().map(|(state, emit)| emit.times(&rest(state))).collect();
        debug_assert_eq!(table.len(), length - 1 - step);
        table.push(row);
    }
    table.reverse();
    table
}
