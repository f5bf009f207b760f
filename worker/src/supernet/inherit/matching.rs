//! Finds a child inside its supernet: which node of the open graph each of its nodes is.
//!
//! From the input on, every node of the child gets the set of open nodes that compute the same on the same values,
//! whatever is chosen behind; from the output back one of them is taken, so that all fit together. Sets are ranked by the
//! widths that differ, so that of candidates that differ in width alone the equal one is taken, and then by names: the two
//! inputs of a network's first cell compute the same.

use super::alike::{is_search_norm, is_transparent, mismatch};
use search::network::{Graph, Layer, Node, NodeId, Primitive};
use std::collections::{BTreeMap, BTreeSet};

/// How an open node came into a set.
#[derive(Clone, Copy)]
struct Place {
    /// What differs on the ways from the input, in the mean.
    mismatch: u64,
    /// The node that it hands on; `None` when it computes what the child's node computes.
    from: Option<usize>,
}

type Places = BTreeMap<usize, Place>;

/// A width that differs counts more than any number of names.
const WIDTH: u64 = 1 << 40;
/// Means of names that differ keep so many binary digits.
const NAME: u64 = 1 << 16;

/// By node of the child, the node of the open graph; `None` when the child is no network of it.
pub fn correspondence(child: &Graph, open: &Graph) -> Option<BTreeMap<usize, usize>> {
    let readers = readers(open);
    let names: BTreeSet<&str> = open.nodes.iter().map(|node| node.name.as_str()).collect();
    let needed = child.reachable(child.output);
    let mut places: Vec<Places> = Vec::with_capacity(child.nodes.len());
    for (index, node) in child.nodes.iter().enumerate() {
        let mut own = match &node.layer {
            _ if !needed[index] => Places::new(),
            Layer::Input => Places::from([(0, Place { mismatch: 0, from: None })]),
            layer if is_transparent(layer) => places[node.inputs[0].0].clone(),
            Layer::Primitive { primitive } => computing(primitive, node, &places, open, &readers, &names),
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
    child: &Node,
    places: &[Places],
    open: &Graph,
    readers: &[Vec<usize>],
    names: &BTreeSet<&str>,
) -> Places {
    let mut found = Places::new();
    let inputs = child.inputs.as_slice();
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
                // The mean: sums would grow with the number of ways, which is exponential in the depth.
                let below = pairs.iter().map(|(child, open)| places[*child][open].mismatch).sum::<u64>();
                let below = below / pairs.len().max(1) as u64;
                let named = if is_called_otherwise(child, node, names) { NAME } else { 0 };
                found.insert(*reader, Place { mismatch: below + own * WIDTH + named, from: None });
            }
        }
    }
    found
}

/// Whether an open node is called otherwise than the child's: nodes outside of choices keep their names, and the sum of a
/// node's edges its scope. Below a choice names tell nothing.
fn is_called_otherwise(child: &Node, node: &Node, names: &BTreeSet<&str>) -> bool {
    let scope = |name: &str| name.rsplit_once('.').map(|(scope, _)| scope.to_owned());
    match &node.layer {
        Layer::Choice { .. } => scope(&child.name) != scope(&node.name),
        _ => names.contains(child.name.as_str()) && child.name != node.name,
    }
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
            let mismatch = |at: &usize| places[input.0][&open[*at].0].mismatch;
            (0..open.len()).filter(|at| !used[*at] && known(at)).min_by_key(mismatch)
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
