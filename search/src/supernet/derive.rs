//! From the probabilities of a supernet to the network that they mean.

use super::{Architectures, Row, RowKind, Rows};
use crate::randomness::Rng;
use crate::space::Selection;
use rand::Rng as _;
use rand::seq::index;
use std::collections::BTreeMap;

/// The strongest network (DARTS, section 1.5): of every choice of edges the k whose best operator is the most probable,
/// each weighed by the edge's own probability where there is one (PC-DARTS, section 7); elsewhere the most probable
/// candidate. An added `none` is never taken; ties go to the lower index.
pub fn strongest(rows: &Rows, architectures: &Architectures) -> Selection {
    select(rows, |row| match row.kind {
        RowKind::Edges { pick } => strongest_edges(rows, row, pick, architectures),
        RowKind::Operators { .. } | RowKind::Width { .. } => vec![largest(&candidates(row, architectures))],
    })
}

/// A network drawn from the probabilities: one candidate per choice, an added `none` left out; k different edges, drawn by
/// the probability that there is something on them, times the edge's own where it has one.
pub fn sample(rows: &Rows, architectures: &Architectures, rng: &mut Rng) -> Selection {
    select(rows, |row| match row.kind {
        RowKind::Edges { pick } => drawn_edges(rows, row, pick, architectures, rng),
        RowKind::Operators { .. } | RowKind::Width { .. } => vec![drawn(&candidates(row, architectures), rng)],
    })
}

/// A network whose choices are drawn uniformly, each by itself.
pub fn uniform(rows: &Rows, rng: &mut Rng) -> Selection {
    select(rows, |row| match row.kind {
        RowKind::Edges { pick } => {
            let mut edges = index::sample(rng, row.candidates(), pick.min(row.candidates())).into_vec();
            edges.sort_unstable();
            edges
        }
        RowKind::Operators { .. } | RowKind::Width { .. } => vec![rng.random_range(0..row.candidates())],
    })
}

/// Skip connections that a selection takes, in the kind of cell that has most of them (section 8: a sign of collapse).
pub fn skip_count(rows: &Rows, selection: &Selection) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows.0.iter().filter(|row| is_reached(rows, row, selection)) {
        let chosen = selection.0.get(&row.decision).into_iter().flatten();
        let skips = chosen.filter(|index| row.skips.get(**index + row.leading()) == Some(&true)).count();
        *counts.entry(&row.group).or_default() += skips;
    }
    counts.into_values().max().unwrap_or(0)
}

fn select(rows: &Rows, mut choose: impl FnMut(&Row) -> Vec<usize>) -> Selection {
    Selection(rows.0.iter().map(|row| (row.decision.clone(), choose(row))).collect())
}

/// Probabilities of the graph's candidates; equal ones for a row of which nothing is known.
fn candidates(row: &Row, architectures: &Architectures) -> Vec<f64> {
    let known = architectures.get(&row.decision).filter(|known| known.len() == row.labels.len());
    match known {
        Some(known) => known[row.leading()..].to_vec(),
        None => vec![1.0 / row.labels.len() as f64; row.candidates()],
    }
}

/// The probability of an edge by itself; 1 where edges have no logits.
fn own(row: &Row, edge: usize, architectures: &Architectures) -> f64 {
    architectures.get(&row.decision).and_then(|known| known.get(edge)).copied().unwrap_or(1.0)
}

fn strongest_edges(rows: &Rows, row: &Row, pick: usize, architectures: &Architectures) -> Vec<usize> {
    let strength = |edge: usize| {
        let best = rows.below(row, edge).map(|below| {
            let probabilities = candidates(below, architectures);
            probabilities[largest(&probabilities)]
        });
        own(row, edge, architectures) * best.product::<f64>()
    };
    let strengths: Vec<f64> = (0..row.candidates()).map(strength).collect();
    let mut edges: Vec<usize> = (0..strengths.len()).collect();
    // Stable: equal edges keep their order.
    edges.sort_by(|a, b| strengths[*b].total_cmp(&strengths[*a]));
    edges.truncate(pick);
    edges.sort_unstable();
    edges
}

fn drawn_edges(rows: &Rows, row: &Row, pick: usize, architectures: &Architectures, rng: &mut Rng) -> Vec<usize> {
    let present = |edge: usize| {
        let something = rows.below(row, edge).map(|below| candidates(below, architectures).iter().sum::<f64>());
        own(row, edge, architectures) * something.product::<f64>()
    };
    let mut weights: Vec<f64> = (0..row.candidates()).map(present).collect();
    let mut left: Vec<usize> = (0..weights.len()).collect();
    let mut edges = Vec::with_capacity(pick);
    while edges.len() < pick && !left.is_empty() {
        let position = drawn(&weights, rng);
        weights.remove(position);
        edges.push(left.remove(position));
    }
    edges.sort_unstable();
    edges
}

/// Position of the largest value, the first of equals.
fn largest(values: &[f64]) -> usize {
    let better = |best: usize, index: usize| if values[index] > values[best] { index } else { best };
    (0..values.len()).fold(0, better)
}

/// A position drawn with probability proportional to its weight; uniform where no weight is usable.
fn drawn(weights: &[f64], rng: &mut Rng) -> usize {
    let usable = |weight: &f64| if weight.is_finite() && *weight > 0.0 { *weight } else { 0.0 };
    let total: f64 = weights.iter().map(usable).sum();
    if total <= 0.0 {
        return rng.random_range(0..weights.len());
    }
    let mut left = rng.random::<f64>() * total;
    for (position, weight) in weights.iter().map(usable).enumerate() {
        left -= weight;
        if left < 0.0 {
            return position;
        }
    }
    weights.iter().rposition(|weight| usable(weight) > 0.0).unwrap_or_default()
}

/// Whether the candidates that a row stands under are all chosen.
fn is_reached(rows: &Rows, row: &Row, selection: &Selection) -> bool {
    rows.0.iter().all(|above| {
        let Some(rest) = row.decision.strip_prefix(above.decision.as_str()).and_then(|rest| rest.strip_prefix("[="))
        else {
            return true;
        };
        let candidate: Option<usize> = rest.split_once('/').and_then(|(index, _)| index.parse().ok());
        let chosen = selection.0.get(&above.decision);
        candidate.zip(chosen).is_none_or(|(candidate, chosen)| chosen.contains(&candidate))
    })
}
