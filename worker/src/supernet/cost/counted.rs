//! Parameters or multiply-adds of the graph, each node's times the probability that it is used, with expected widths
//! (FBNetV2, section 3).

use super::terms::Terms;
use crate::supernet::{Logits, Supernet};
use search::network::{Convention, Counts, Graph, Layer, NodeId, Primitive};
use search::supernet::RowKind;

/// A node is used when its choice takes the candidate that it belongs to: the context of a node.
struct Context {
    parent: usize,
    depth: usize,
    /// Factor of the candidate's weight; none where edges have no logits, of which each is used equally often.
    factor: Option<usize>,
    share: f64,
}

/// The cost as a polynomial. A node that several candidates read counts where all of their contexts meet.
pub(super) fn terms(net: &Supernet, logits: &Logits, of: impl Fn(Counts) -> u64) -> Terms {
    let graph = net.graph();
    let main = graph.reachable(graph.output);
    let mut terms = Terms::new(logits);
    let (contexts, context_of) = contexts(net, logits, &main);
    let (read, written) = (widths_read(graph), widths_written(graph));
    for (index, node) in graph.nodes.iter().enumerate().filter(|(index, _)| main[*index]) {
        let count = of(graph.counts(NodeId(index), Convention::Plain));
        if count == 0 {
            continue;
        }
        let (mut factors, mut coefficient) = (Vec::new(), count as f64);
        let mut at = context_of[index];
        while at != 0 {
            factors.extend(contexts[at].factor);
            coefficient *= contexts[at].share;
            at = contexts[at].parent;
        }
        let input = node.inputs.first().and_then(|input| read[input.0]);
        let widths = if follows(&node.layer) { [input.or(written[index]), None] } else { [input, written[index]] };
        for width in widths.into_iter().flatten() {
            factors.extend(width_factor(net, logits, &mut terms, width));
        }
        terms.add(factors, coefficient);
    }
    terms
}

fn width_factor(net: &Supernet, logits: &Logits, terms: &mut Terms, node: usize) -> Option<usize> {
    let row = net.row_of(node)?;
    let RowKind::Width { options } = &net.rows().0[row].kind else { return None };
    let widest = options.iter().copied().max().unwrap_or(1).max(1) as f64;
    Some(terms.width(logits.offset(row)?, options.iter().map(|option| *option as f64 / widest).collect()))
}

/// Contexts, the first of them "always", and the context of every node.
fn contexts(net: &Supernet, logits: &Logits, main: &[bool]) -> (Vec<Context>, Vec<usize>) {
    let graph = net.graph();
    let mut contexts = vec![Context { parent: 0, depth: 0, factor: None, share: 1.0 }];
    let mut context_of: Vec<Option<usize>> = vec![None; graph.nodes.len()];
    context_of[graph.output.0] = Some(0);
    for index in (0..graph.nodes.len()).rev().filter(|index| main[*index]) {
        let own = context_of[index].unwrap_or(0);
        let node = &graph.nodes[index];
        for (candidate, input) in node.inputs.iter().enumerate() {
            let reader = match &node.layer {
                Layer::Choice { pick, labels, .. } => {
                    let row = net.row_of(index);
                    let leading = row.map_or(0, |row| net.rows().0[row].leading());
                    let offset = row.and_then(|row| logits.offset(row));
                    let share = if offset.is_some() { *pick as f64 } else { *pick as f64 / labels.len() as f64 };
                    let factor = offset.map(|offset| offset + leading + candidate);
                    contexts.push(Context { parent: own, depth: contexts[own].depth + 1, factor, share });
                    contexts.len() - 1
                }
                _ => own,
            };
            let known = context_of[input.0];
            context_of[input.0] = Some(known.map_or(reader, |known| meet(&contexts, known, reader)));
        }
    }
    (contexts, context_of.into_iter().map(|context| context.unwrap_or(0)).collect())
}

/// The deepest context that holds both.
fn meet(contexts: &[Context], mut one: usize, mut other: usize) -> usize {
    while one != other {
        if contexts[one].depth >= contexts[other].depth {
            one = contexts[one].parent;
        } else {
            other = contexts[other].parent;
        }
    }
    one
}

/// Layers that keep the channels of what they read, one by one.
fn follows(layer: &Layer) -> bool {
    use Primitive as P;
    match layer {
        Layer::Primitive { primitive: P::Conv2d { in_channels, out_channels, groups, .. } } => {
            groups == in_channels && in_channels == out_channels
        }
        Layer::Primitive { primitive } => matches!(
            primitive,
            P::BatchNorm { .. }
                | P::GroupNorm { .. }
                | P::LayerNorm { .. }
                | P::Activation { .. }
                | P::Pool { .. }
                | P::GlobalAveragePool
                | P::Scale { .. }
                | P::Add
                | P::Multiply
                | P::Shift
                | P::Pad { .. }
                | P::Identity
                | P::Dropout { .. }
                | P::DropPath { .. }
                | P::Noise { .. }
                | P::Upsample { .. }
        ),
        Layer::Choice { .. } | Layer::WidthChoice { .. } => true,
        Layer::Input => false,
    }
}

/// By node the width choice that its value was masked by.
fn widths_read(graph: &Graph) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = Vec::with_capacity(graph.nodes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        widths.push(match &node.layer {
            Layer::WidthChoice { .. } => Some(index),
            layer if follows(layer) => node.inputs.iter().find_map(|input| widths[input.0]),
            _ => None,
        });
    }
    widths
}

/// By node the width choice that all its readers mask its value by.
fn widths_written(graph: &Graph) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<Option<usize>>> = vec![None; graph.nodes.len()];
    for index in (0..graph.nodes.len()).rev() {
        let node = &graph.nodes[index];
        let wanted = match &node.layer {
            Layer::WidthChoice { .. } => Some(index),
            layer if follows(layer) => widths[index].flatten(),
            _ => None,
        };
        for input in &node.inputs {
            let agreed = match widths[input.0] {
                None => wanted,
                Some(known) if known == wanted => known,
                Some(_) => None,
            };
            widths[input.0] = Some(agreed);
        }
    }
    widths.into_iter().map(Option::flatten).collect()
}
