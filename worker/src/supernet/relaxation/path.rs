//! Single paths: one candidate of every choice, k of every node's edges.

use crate::supernet::{Logits, Mixing, Supernet};
use rand::Rng as _;
use rand::seq::index;
use search::randomness::Rng;
use search::space::Selection;
use search::supernet::{RowKind, sample, uniform as uniform_selection};
use std::collections::BTreeMap;
use tch::TchError;

/// One path for all nodes of a decision, drawn uniformly (SPOS, RSPS).
pub fn uniform(net: &Supernet, rng: &mut Rng) -> Selection {
    uniform_selection(net.rows(), rng)
}

/// One path, drawn by the probabilities of the logits.
pub fn sampled(net: &Supernet, logits: &Logits, rng: &mut Rng) -> Result<Selection, TchError> {
    Ok(sample(net.rows(), &logits.probabilities()?, rng))
}

/// Every node draws uniformly by itself: cells of one kind differ.
pub fn per_node(net: &Supernet, rng: &mut Rng) -> Mixing {
    let mut chosen = BTreeMap::new();
    for row in &net.rows().0 {
        for node in &row.nodes {
            let draw = match row.kind {
                RowKind::Edges { pick } => {
                    let mut edges = index::sample(rng, row.candidates(), pick.min(row.candidates())).into_vec();
                    edges.sort_unstable();
                    edges
                }
                RowKind::Operators { .. } | RowKind::Width { .. } => vec![rng.random_range(0..row.candidates())],
            };
            chosen.insert(node.0, draw);
        }
    }
    Mixing::per_node(net, chosen)
}
