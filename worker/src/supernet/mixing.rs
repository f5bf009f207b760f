//! The weights of one pass, and the values of open choices under them.

use super::relaxation::{Relaxed, softmax};
use super::{Logits, Supernet};
use crate::bridge::Factors;
use crate::module::term::{self, Term};
use crate::module::{Mix, Route, Step};
use crate::primitive::{Pass, channels_last};
use search::network::Shape;
use search::space::Selection;
use search::supernet::{Row, RowKind};
use std::collections::BTreeMap;
use tch::{Kind, TchError, Tensor};

/// How one choice is computed in a pass.
#[derive(Debug)]
pub enum Weighing {
    /// Every candidate, times its weight: `[labels]`, an added `none` among them.
    All(Tensor),
    /// One candidate, by label, times its weight; plus the other labels' weights, zero in value.
    Hard { label: usize, weight: Tensor, others: Option<Tensor> },
    /// Candidates of the graph, summed as they are; none for zeros.
    Plain(Vec<usize>),
    /// All candidates, summed as they are.
    Sum,
    /// Channels times `[channels]`.
    Mask(Tensor),
}

/// The weighing of every choice of a supernet in one pass.
pub struct Mixing {
    /// By row; empty where nodes differ.
    by_row: Vec<Weighing>,
    by_node: BTreeMap<usize, Weighing>,
    /// The weights in the layout of the logits, where all of them have one.
    flat: Option<Tensor>,
}

impl Mixing {
    /// The weights that a relaxation makes of the logits. Edges are weighed by the softmax of their logits, or summed
    /// where they have none.
    pub fn relaxed(
        net: &Supernet,
        logits: &Logits,
        relax: &mut dyn FnMut(&Tensor) -> Result<Relaxed, TchError>,
    ) -> Result<Mixing, TchError> {
        let mut by_row: Vec<Weighing> = net.rows().0.iter().map(|_| Weighing::Sum).collect();
        let mut flat = Vec::new();
        for group in logits.groups() {
            let matrix = logits.matrix(group, logits.flat())?;
            let relaxed = if group.edges { Relaxed::All(softmax::weights(&matrix)?) } else { relax(&matrix)? };
            let (Relaxed::All(weights) | Relaxed::Hard { weights, .. }) = &relaxed;
            let rows = weights.f_unbind(0)?;
            for (position, (row, weights)) in group.rows.iter().zip(&rows).enumerate() {
                by_row[*row] = match (net.mask(*row), &relaxed) {
                    (Some(masks), _) => Weighing::Mask(weights.f_matmul(masks)?),
                    (None, Relaxed::All(_)) => Weighing::All(weights.shallow_clone()),
                    (None, Relaxed::Hard { chosen, unsampled, .. }) => hard(weights, chosen[position], *unsampled)?,
                };
            }
            flat.push(weights.f_reshape(-1)?);
        }
        let flat = if flat.is_empty() { None } else { Some(Tensor::f_cat(&flat, 0)?) };
        Ok(Mixing { by_row, by_node: BTreeMap::new(), flat })
    }

    /// The path of a selection: decisions that it leaves out take their first candidates.
    pub fn path(net: &Supernet, selection: &Selection) -> Mixing {
        let chosen = |row: &Row| match selection.0.get(&row.decision) {
            Some(chosen) => chosen.clone(),
            None => match row.kind {
                RowKind::Edges { pick } => (0..pick).collect(),
                RowKind::Operators { .. } | RowKind::Width { .. } => vec![0],
            },
        };
        let rows = net.rows().0.iter().enumerate();
        let by_row = rows.map(|(index, row)| plain(net, index, chosen(row))).collect();
        Mixing { by_row, by_node: BTreeMap::new(), flat: None }
    }

    /// A path of which every node has its own part: the chosen candidates by node.
    pub(super) fn per_node(net: &Supernet, chosen: BTreeMap<usize, Vec<usize>>) -> Mixing {
        let weighing =
            |(node, chosen): (usize, Vec<usize>)| net.row_of(node).map(|row| (node, plain(net, row, chosen)));
        Mixing { by_row: vec![], by_node: chosen.into_iter().filter_map(weighing).collect(), flat: None }
    }

    /// Weights in the layout of the logits; `None` for paths.
    pub fn flat(&self) -> Option<&Tensor> {
        self.flat.as_ref()
    }

    /// Which candidates the pass computes.
    pub(super) fn route(&self, net: &Supernet) -> Route {
        let mut route = Route::default();
        for (index, row) in net.rows().0.iter().enumerate() {
            for node in &row.nodes {
                match self.weighing(index, node.0) {
                    None | Some(Weighing::All(_) | Weighing::Sum | Weighing::Mask(_)) => {}
                    Some(Weighing::Hard { label, .. }) => {
                        route.take(node.0, label.checked_sub(row.leading()).into_iter().collect());
                    }
                    Some(Weighing::Plain(chosen)) => match chosen.as_slice() {
                        [only] => route.follow(node.0, *only),
                        some => route.take(node.0, some.to_vec()),
                    },
                }
            }
        }
        route
    }

    fn weighing(&self, row: usize, node: usize) -> Option<&Weighing> {
        self.by_node.get(&node).or_else(|| self.by_row.get(row))
    }
}

/// One row of GDAS: the chosen label's weight, and the sum of the others'.
fn hard(weights: &Tensor, label: usize, unsampled: bool) -> Result<Weighing, TchError> {
    let weight = weights.f_select(0, label as i64)?;
    let others = unsampled.then(|| weights.f_sum(weights.kind())?.f_sub(&weight)).transpose()?;
    Ok(Weighing::Hard { label, weight, others })
}

/// Chosen candidates as they are. A width's choice is its mask; the widest needs none.
fn plain(net: &Supernet, row: usize, chosen: Vec<usize>) -> Weighing {
    let Row { kind: RowKind::Width { options }, .. } = &net.rows().0[row] else { return Weighing::Plain(chosen) };
    let option = chosen.first().copied().unwrap_or_default();
    let widest = options.iter().max() == options.get(option);
    match net.mask(row).filter(|_| !widest) {
        Some(masks) => Weighing::Mask(masks.get(option as i64)),
        None => Weighing::Plain(vec![0]),
    }
}

/// A mixing beside the network that it is for.
pub(super) struct Mixer<'a> {
    pub net: &'a Supernet,
    pub mixing: &'a Mixing,
}

impl Mix for Mixer<'_> {
    fn mix(&self, step: &Step, terms: &[Term<'_>], batch: i64, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let row = self.net.row_of(step.node).ok_or_else(|| TchError::Kind("a choice without a row".into()))?;
        let weighing = self.mixing.weighing(row, step.node);
        let weighing = weighing.ok_or_else(|| TchError::Kind("a choice without weights".into()))?;
        let leading = self.net.rows().0[row].leading();
        let shape = self.net.shape(step.node);
        match weighing {
            Weighing::Mask(mask) => masked(&terms[0].settled(pass)?, mask, shape),
            Weighing::All(weights) => {
                let labels: Vec<i64> = step.candidates.iter().map(|candidate| (candidate + leading) as i64).collect();
                let factors = Factors { weights, picks: &labels };
                term::sum(terms, Some(&factors), pass)?.map_or_else(|| zeros(weights, shape, batch), Ok)
            }
            Weighing::Hard { weight, others, .. } => {
                let computed = hard_value(terms, weight, pass)?;
                // 0 in value: only their gradient counts.
                match (computed, others.as_ref().filter(|others| others.requires_grad())) {
                    (Some(mut value), Some(others)) => value.f_add_(others),
                    (Some(value), None) => Ok(value),
                    (None, Some(others)) => arranged(&others.f_expand(full(shape, batch), false)?),
                    (None, None) => zeros(weight, shape, batch),
                }
            }
            Weighing::Plain(_) | Weighing::Sum => {
                term::sum(terms, None, pass)?.map_or_else(|| zeros(self.net.anchor(), shape, batch), Ok)
            }
        }
    }
}

/// The candidate of a hard choice times its weight, which is 1 in value: only its gradient counts.
fn hard_value(terms: &[Term<'_>], weight: &Tensor, pass: &mut Pass<'_>) -> Result<Option<Tensor>, TchError> {
    if !weight.requires_grad() {
        return terms.first().map(|term| term.settled(pass)).transpose();
    }
    term::sum(terms, Some(&Factors { weights: &weight.f_view([1])?, picks: &[0] }), pass)
}

/// `x` times a factor per channel.
fn masked(x: &Tensor, mask: &Tensor, shape: Shape) -> Result<Tensor, TchError> {
    match shape {
        Shape::Image { .. } => x.f_mul(&mask.f_view([1, -1, 1, 1])?),
        Shape::Tokens { .. } | Shape::Vector { .. } | Shape::Ids { .. } => x.f_mul(mask),
    }
}

fn full(shape: Shape, batch: i64) -> Vec<i64> {
    std::iter::once(batch).chain(shape.dims().into_iter().map(|side| side as i64)).collect()
}

/// Zeros of a node's shape, of the kind and on the device of `like`.
fn zeros(like: &Tensor, shape: Shape, batch: i64) -> Result<Tensor, TchError> {
    arranged(&Tensor::f_zeros(full(shape, batch), (like.kind(), like.device()))?)
}

/// In the memory format of the network's other values: sums of two formats, and what reads them, are slow.
fn arranged(x: &Tensor) -> Result<Tensor, TchError> {
    if x.kind() == Kind::Double { Ok(x.shallow_clone()) } else { channels_last(x) }
}
