//! Finds a child inside its supernet: which node of the open graph each of its nodes is.
//!
//! From the input on, every node of the child gets the set of open nodes that compute the same on the same values,
//! whatever is chosen behind; from the output back one of them is taken, so that all fit together. Sets are ranked by how
//! many widths differ, so that of candidates that differ in width alone the equal one is taken.

use super::alike::{is_search_norm, is_transparent, mismatch};
use search::network::{Graph, Layer, NodeId, Primitive};
use std::collections::BTreeMap;

/// How an open node came into a set.
#[derive(Clone, Copy)]
struct Place {
    /// Widths that differ on the way.
    mismatch: u64,
    /// The node that it hands on; `None` when it computes what the child's node computes.
    from: Option<usize>,
}

type Places = BTreeMap<usize, Place>;

/// By node of the child, the node of the open graph; `None` when the child is no network of it.
pub fn correspondence(child: &Graph, open: &Graph) -> Option<BTreeMap<usize, usize>> {
    let readers = readers(open);
    let needed = child.reachable(child.output);
    let mut places: Vec<Places> = Vec::with_capacity(child.nodes.len());
    for (index, node) in child.nodes.iter().enumerate() {
        let mut own = match &node.layer {
            _ if !needed[index] => Places::new(),
            Layer::Input => Places::from([(0, Place { mismatch: 0, from: None })]),
            layer if is_transparent(layer) => places[node.inputs[0].0].clone(),
            Layer::Primitive { primitive } => computing(primitive, &node.inputs, &places, open, &readers),
            Layer::Choice { .. } | Layer::WidthChoice { .. } => return None,
        };
        hand_on(&mut own, open, &readers);
        places.push(own);
    }
    take(child, open, &places)
}

fn readers(graph: &Graph) -> Vec<Vec<usize>> {
    let mut readers = vec![Vec::new(); graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        node.inputs.iter().for_each(|input| readers[input.0].push(index));
    }
    readers
}

/// Open nodes that compute `primitive` on the same values.
fn computing(
    primitive: &Primitive,
    inputs: &[NodeId],
    places: &[Places],
    open: &Graph,
    readers: &[Vec<usize>],
) -> Places {
    let mut found = Places::new();
    let Some(first) = inputs.first() else { return found };
    for at in places[first.0].keys() {
        for reader in &readers[*at] {
            let node = &open.nodes[*reader];
            let own = match &node.layer {
                Layer::Primitive { primitive: other } if node.inputs.len() == inputs.len() => {
                    mismatch(primitive, other)
                }
                Layer::Choice { pick, .. } if *pick > 1 && *pick == inputs.len() => {
                    matches!(primitive, Primitive::Add).then_some(0)
                }
                _ => None,
            };
            let pairs = own.and_then(|own| Some((own, paired(inputs, &node.inputs, places)?)));
            if let Some((own, pairs)) = pairs {
                let below = pairs.iter().map(|(child, open)| places[*child][open].mismatch).sum::<u64>();
                found.insert(*reader, Place { mismatch: own + below, from: None });
            }
        }
    }
    found
}

/// Every input of the child with the open node that stands for it: one by one, or of a choice of edges in their order.
fn paired(inputs: &[NodeId], open: &[NodeId], places: &[Places]) -> Option<Vec<(usize, usize)>> {
    let mut used = vec![false; open.len()];
    let mut pairs = Vec::with_capacity(inputs.len());
    for (position, input) in inputs.iter().enumerate() {
        let known = |at: &usize| places[input.0].contains_key(&open[*at].0);
        let at = if open.len() == inputs.len() {
            Some(position).filter(known)
        } else {
            (0..open.len()).find(|at| !used[*at] && known(at))
        }?;
        used[at] = true;
        pairs.push((input.0, open[at].0));
    }
    Some(pairs)
}

/// Adds the open nodes that hand a value of the set on.
fn hand_on(places: &mut Places, open: &Graph, readers: &[Vec<usize>]) {
    let mut waiting: Vec<usize> = places.keys().copied().collect();
    while let Some(at) = waiting.pop() {
        let mismatch = places[&at].mismatch;
        for reader in &readers[at] {
            let layer = &open.nodes[*reader].layer;
            let hands_on = is_transparent(layer) || is_search_norm(layer, &open.nodes[at].layer);
            let better = places.get(reader).is_none_or(|known| mismatch < known.mismatch);
            if hands_on && better {
                places.insert(*reader, Place { mismatch, from: Some(at) });
                waiting.push(*reader);
            }
        }
    }
}

/// From the outputs back, one open node for every node of the child.
fn take(child: &Graph, open: &Graph, places: &[Places]) -> Option<BTreeMap<usize, usize>> {
    let mut pairs = BTreeMap::new();
    let mut waiting = vec![(child.output.0, open.output.0)];
    while let Some((node, at)) = waiting.pop() {
        let place = places[node].get(&at)?;
        let layer = &child.nodes[node].layer;
        if pairs.contains_key(&node) {
            continue;
        }
        match place.from {
            // A transparent node of the child shares its input's set.
            _ if is_transparent(layer) => waiting.push((child.nodes[node].inputs[0].0, at)),
            Some(from) => waiting.push((node, from)),
            None => {
                pairs.insert(node, at);
                waiting.extend(paired(&child.nodes[node].inputs, &open.nodes[at].inputs, places)?);
            }
        }
    }
    Some(pairs)
}
