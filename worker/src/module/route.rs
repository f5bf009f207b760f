//! Which candidates of a graph's choices a pass computes.

use std::collections::BTreeMap;

/// What a pass takes of one choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Every candidate.
    All,
    /// These, by position among the node's inputs; none of them for a value of zeros.
    Some(Vec<usize>),
}

/// By node what is taken of it; choices that are not named are computed whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    taken: BTreeMap<usize, Taken>,
    /// Choices whose value is one candidate's as it is.
    plain: BTreeMap<usize, usize>,
}

impl Route {
    /// The node computes these candidates and mixes them.
    pub fn take(&mut self, node: usize, candidates: Vec<usize>) {
        self.taken.insert(node, Taken::Some(candidates));
    }

    /// The node's value is that of one of its inputs.
    pub fn follow(&mut self, node: usize, candidate: usize) {
        self.plain.insert(node, candidate);
    }

    pub(super) fn taken(&self, node: usize) -> &Taken {
        self.taken.get(&node).unwrap_or(&Taken::All)
    }

    pub(super) fn followed(&self, node: usize) -> Option<usize> {
        self.plain.get(&node).copied()
    }
}
