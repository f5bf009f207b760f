//! Exact counting (space-language §4). Sizes are made bottom-up, so a definition is counted once however often it is used.

use super::node::{Kind, ManyOf, Node, Path, Repeat};
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

/// Ways to make `count` choices among candidates of the given sizes, their subtrees included.
///
/// Sorted and distinct choices are the elementary symmetric polynomials of the sizes, sorted ones with repeats the
/// complete homogeneous polynomials; unsorted distinct ones come in `count!` orders.
pub(super) fn selections(sizes: &[&Size], count: usize, distinct: bool, sorted: bool) -> Size {
    if !distinct && !sorted {
        return sizes.iter().fold(Size::zero(), |sum, size| sum.plus(size)).power(count);
    }
    // ways[k] = ways to choose k among the candidates seen so far
    let mut ways = vec![Size::zero(); count + 1];
    ways[0] = Size::one();
    for size in sizes {
        if distinct {
            for k in (1..=count).rev() {
                ways[k] = ways[k].plus(&ways[k - 1].times(size));
            }
        } else {
            for k in 1..=count {
                ways[k] = ways[k].plus(&ways[k - 1].times(size));
            }
        }
    }
    let chosen = ways.swap_remove(count);
    if sorted { chosen } else { (1..=count).fold(chosen, |product, k| product.times(&Size::Finite(k.into()))) }
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
