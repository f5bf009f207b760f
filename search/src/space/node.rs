//! A compiled space: the document's nodes with their sizes, ready to be walked.

use super::expression::Expression;
use super::scale::Scale;
use super::size::Size;
use super::{count, weight};
use num_bigint::BigUint;
use serde_json::Value;
use std::sync::Arc;

/// A node, the number of genotypes below it, and how much it is once every definition and branch is spelled out.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub size: Size,
    pub weight: u64,
    /// Nodes on the longest way down, definitions spelled out.
    pub depth: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A value without decisions.
    Constant(Value),
    Array(Vec<Node>),
    /// Members in ascending byte order of their keys.
    Object(Vec<(String, Node)>),
    OneOf(OneOf),
    ManyOf(ManyOf),
    Float(Float),
    Repeat(Repeat),
    Path(Path),
    /// A fresh copy of a definition (`$ref`).
    Definition(Arc<Node>),
    /// The value of a shared variable.
    Variable(String),
    Derived(Expression),
}

#[derive(Debug)]
pub(super) struct OneOf {
    /// Neighbouring candidates are alike (numbers).
    pub ordered: bool,
    pub candidates: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct ManyOf {
    pub count: usize,
    pub distinct: bool,
    pub sorted: bool,
    pub candidates: Vec<Node>,
}

impl ManyOf {
    /// Sub-choices depend on each other, so the whole is one point of a recombination.
    pub fn is_constrained(&self) -> bool {
        self.distinct || self.sorted
    }

    /// Whether all candidates are taken, so that only their order is chosen.
    pub fn is_permutation(&self) -> bool {
        self.distinct && !self.sorted && self.count == self.candidates.len()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Float {
    pub min: f64,
    pub max: f64,
    pub scale: Scale,
}

#[derive(Debug)]
pub(super) struct Repeat {
    /// Possible lengths; a decision when `open`.
    pub times: Vec<usize>,
    pub open: bool,
    pub tie: bool,
    pub body: Box<Node>,
}

impl Repeat {
    /// Bodies with decisions of their own for a length.
    pub fn bodies(&self, times: usize) -> usize {
        if self.tie { times.min(1) } else { times }
    }

    /// The largest number of repeats.
    pub fn longest(&self) -> usize {
        self.times.iter().copied().max().unwrap_or(0)
    }
}

#[derive(Debug)]
pub(super) struct Path {
    pub length: usize,
    pub states: Vec<State>,
    pub start: Vec<usize>,
    /// Genotypes of the walk's rest when `step` stands in a state, its emit included.
    pub completions: Vec<Vec<Size>>,
}

#[derive(Debug)]
pub(super) struct State {
    pub name: String,
    pub emit: Node,
    pub next: Vec<usize>,
}

impl Path {
    /// The states offered at a step: those from which an end can still be reached, in the order of the document.
    pub fn options(&self, step: usize, previous: Option<usize>) -> Vec<usize> {
        let next = previous.map_or(&self.start, |state| &self.states[state].next);
        let reaches_end = |state: &&usize| self.completions[step][**state] != Size::zero();
        next.iter().filter(reaches_end).copied().collect()
    }
}

impl Node {
    /// A node with its size computed.
    pub fn new(kind: Kind) -> Node {
        Node::borrowing(kind, 0)
    }

    /// A node that takes over a value of the given weight from shared variables.
    pub fn borrowing(kind: Kind, borrowed: u64) -> Node {
        let weight = weight::of(&kind, borrowed);
        // A space that is too large is refused; its size could fill the memory before that.
        let size = if weight > weight::MAX_WEIGHT { Size::zero() } else { count::size(&kind) };
        let depth = weight::depth(&kind);
        Node { kind, size, weight, depth }
    }

    /// A value without decisions.
    pub fn constant(value: Value) -> Node {
        Node::new(Kind::Constant(value))
    }

    /// The finite size; only called where the whole space is finite.
    pub fn finite_size(&self) -> BigUint {
        self.size.finite().cloned().unwrap_or_default()
    }

    /// The value of a node without decisions, for labels.
    pub fn constant_value(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Constant(value) => Some(value),
            Kind::Definition(node) => node.constant_value(),
            _ => None,
        }
    }

    /// Follows `$ref`s.
    pub fn resolved(&self) -> &Node {
        match &self.kind {
            Kind::Definition(node) => node.resolved(),
            _ => self,
        }
    }
}
