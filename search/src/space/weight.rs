//! How large a space becomes once every definition and branch is spelled out: the bound on memory for vectors, decision
//! lists, templates and values. Made bottom-up without spelling anything out.

use super::node::{Kind, Node};
use serde_json::Value;

/// The largest weight of a space that is accepted.
pub(super) const MAX_WEIGHT: u64 = 1_000_000;

/// The deepest nesting of nodes with definitions spelled out; every walk recurses so deep.
pub(super) const MAX_LEVELS: usize = 128;

/// Steps of big-integer arithmetic that counting a document may take.
pub(super) const MAX_WORK: u64 = 2_000_000;

/// `borrowed`: how much a `$var` or `$eval` takes over from shared variables.
pub(super) fn of(kind: &Kind, borrowed: u64) -> u64 {
    let below = match kind {
        Kind::Constant(value) => return values(value),
        Kind::Variable(_) | Kind::Derived(_) => borrowed,
        Kind::Float(_) => 0,
        Kind::Array(items) => sum(items.iter()),
        Kind::Object(members) => sum(members.iter().map(|(_, node)| node)),
        Kind::OneOf(choice) => sum(choice.candidates.iter()),
        Kind::ManyOf(many) => sum(many.candidates.iter()).saturating_mul(many.count as u64),
        Kind::Repeat(repeat) => repeat.body.weight.saturating_mul(repeat.longest() as u64),
        Kind::Path(path) => sum(path.states.iter().map(|state| &state.emit)).saturating_mul(path.length as u64),
        Kind::Definition(node) => return node.weight,
    };
    below.saturating_add(1)
}

fn sum<'a>(nodes: impl Iterator<Item = &'a Node>) -> u64 {
    nodes.fold(0, |sum, node| sum.saturating_add(node.weight))
}

/// How many nodes a walk from this one goes down at most.
pub(super) fn depth(kind: &Kind) -> usize {
    let deepest = |nodes: &mut dyn Iterator<Item = &Node>| nodes.map(|node| node.depth).max().unwrap_or(0);
    1 + match kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) | Kind::Float(_) => 0,
        Kind::Array(items) => deepest(&mut items.iter()),
        Kind::Object(members) => deepest(&mut members.iter().map(|(_, node)| node)),
        Kind::OneOf(choice) => deepest(&mut choice.candidates.iter()),
        Kind::ManyOf(many) => deepest(&mut many.candidates.iter()),
        Kind::Repeat(repeat) => repeat.body.depth,
        Kind::Path(path) => deepest(&mut path.states.iter().map(|state| &state.emit)),
        Kind::Definition(node) => node.depth,
    }
}

/// Values in a plain JSON value, itself included.
pub(super) fn values(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(values).sum::<u64>(),
        Value::Object(members) => 1 + members.values().map(values).sum::<u64>(),
        _ => 1,
    }
}
