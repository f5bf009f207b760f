//! The operators of an open graph, each as a graph of its own: what a latency table has entries for.

use super::{Row, RowKind, Rows};
use crate::network::{Block, Graph, Layer, Node, NodeId, Primitive};
use crate::space::canonical;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Hexadecimal digits of a signature: 128 bits.
const DIGITS: usize = 32;

/// Every candidate of every decision, equal ones once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operators {
    /// From the input that all candidates of a choice share to the candidate's value, by signature.
    pub graphs: BTreeMap<String, Graph>,
    /// Signatures by decision, in the order of the graph's candidates, for each place where the decision stands; `None`
    /// for a candidate that computes nothing.
    pub places: BTreeMap<String, Vec<Vec<Option<String>>>>,
}

impl Operators {
    /// Takes the candidates out of a graph. The error names a decision whose candidates are no closed operators.
    pub fn of(graph: &Graph, rows: &Rows) -> Result<Operators, String> {
        let mut operators = Operators::default();
        for row in &rows.0 {
            if let RowKind::Width { .. } | RowKind::Edges { .. } = row.kind {
                return Err(format!(
                    "decision `{}` is no choice between operators that can be timed alone",
                    row.decision
                ));
            }
            let places = row.nodes.iter().map(|node| operators.place(graph, row, *node)).collect::<Result<_, _>>()?;
            operators.places.insert(row.decision.clone(), places);
        }
        Ok(operators)
    }

    fn place(&mut self, graph: &Graph, row: &Row, node: NodeId) -> Result<Vec<Option<String>>, String> {
        let candidates = &graph.node(node).inputs;
        let shared = shared_input(graph, candidates);
        let mut signatures = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let between = between(graph, *candidate, shared);
            if let Some(inner) = between.iter().find_map(|id| decision(graph.node(*id))) {
                return Err(format!("decision `{inner}` stands inside a candidate of decision `{}`", row.decision));
            }
            signatures.push((!between.is_empty()).then(|| self.add(cut(graph, shared, &between))));
        }
        Ok(signatures)
    }

    fn add(&mut self, graph: Graph) -> String {
        let signature = signature(&graph);
        self.graphs.entry(signature.clone()).or_insert(graph);
        signature
    }
}

fn decision(node: &Node) -> Option<&str> {
    match &node.layer {
        Layer::Choice { decision, .. } | Layer::WidthChoice { decision, .. } => Some(decision),
        Layer::Input | Layer::Primitive { .. } => None,
    }
}

/// The node that all ways to the candidates come from: going back from the candidates, the first where they meet.
fn shared_input(graph: &Graph, candidates: &[NodeId]) -> NodeId {
    let mut frontier: BTreeSet<NodeId> = candidates.iter().copied().collect();
    while frontier.len() > 1 {
        // Inputs stand before their users, so the last of the frontier has no user left in it.
        if let Some(last) = frontier.pop_last() {
            frontier.extend(&graph.node(last).inputs);
        }
    }
    frontier.first().copied().unwrap_or(NodeId(0))
}

/// The nodes from the shared input, left out, to a candidate, in order.
fn between(graph: &Graph, candidate: NodeId, shared: NodeId) -> Vec<NodeId> {
    let mut found = BTreeSet::new();
    let mut open = vec![candidate];
    while let Some(id) = open.pop() {
        if id != shared && found.insert(id) {
            open.extend(&graph.node(id).inputs);
        }
    }
    found.into_iter().collect()
}

/// A graph of these nodes alone, with names that tell nothing of their old place.
fn cut(graph: &Graph, shared: NodeId, nodes: &[NodeId]) -> Graph {
    let input = graph.node(shared).shape;
    let at = |id: &NodeId| NodeId(nodes.iter().position(|node| node == id).map_or(0, |position| position + 1));
    let start = Node { name: "input".into(), layer: Layer::Input, inputs: Vec::new(), shape: input, block: 0 };
    let taken = nodes.iter().enumerate().map(|(position, id)| {
        let node = graph.node(*id);
        let inputs = node.inputs.iter().map(at).collect();
        Node { name: position.to_string(), layer: at_inference(&node.layer), inputs, shape: node.shape, block: 1 }
    });
    let block = |name: &str| Block { name: name.into(), operator: name.into(), group: None };
    Graph {
        input,
        nodes: std::iter::once(start).chain(taken).collect(),
        blocks: vec![block("input"), block("operator")],
        output: NodeId(nodes.len()),
        auxiliary: None,
    }
}

/// What drops values in training, at a rate that may differ from layer to layer, hands them on otherwise.
fn at_inference(layer: &Layer) -> Layer {
    match layer {
        Layer::Primitive {
            primitive: Primitive::DropPath { .. } | Primitive::Dropout { .. } | Primitive::Noise { .. },
        } => Layer::Primitive { primitive: Primitive::Identity },
        other => other.clone(),
    }
}

/// Equal for graphs that compute the same layers on the same shape, whatever their names.
pub fn signature(graph: &Graph) -> String {
    let node = |node: &Node| json!([node.layer, node.inputs]);
    let content = json!([graph.input, graph.nodes.iter().map(node).collect::<Vec<_>>(), graph.output]);
    let mut digits = hex::encode(Sha256::digest(canonical(&content).as_bytes()));
    digits.truncate(DIGITS);
    digits
}
