//! The order of a forward pass: which nodes are computed, from what, and when their values are no longer needed.

use search::network::{Graph, Layer, NodeId, Primitive};

pub(super) struct Step {
    pub node: usize,
    pub inputs: Vec<usize>,
    /// Values that nobody reads after this step.
    pub dead: Vec<usize>,
}

pub(super) struct Plan {
    pub steps: Vec<Step>,
    pub output: usize,
    /// Only in training plans.
    pub auxiliary: Option<usize>,
}

impl Plan {
    pub fn new(graph: &Graph, train: bool) -> Plan {
        let auxiliary = graph.auxiliary.filter(|_| train).map(|id| id.0);
        let inputs: Vec<Vec<usize>> = (0..graph.nodes.len()).map(|index| effective_inputs(graph, index)).collect();
        let mut used = vec![false; graph.nodes.len()];
        used[graph.output.0] = true;
        if let Some(auxiliary) = auxiliary {
            used[auxiliary] = true;
        }
        for index in (0..graph.nodes.len()).rev().filter(|index| !inputs[*index].is_empty()) {
            if used[index] {
                inputs[index].iter().for_each(|input| used[*input] = true);
            }
        }
        let order: Vec<usize> = (0..graph.nodes.len()).filter(|index| used[*index]).collect();
        let mut last_use = vec![None; graph.nodes.len()];
        for (position, node) in order.iter().enumerate() {
            inputs[*node].iter().for_each(|input| last_use[*input] = Some(position));
        }
        let kept = |node: usize| node == graph.output.0 || Some(node) == auxiliary;
        let step = |(position, node): (usize, &usize)| {
            let dead = inputs[*node].iter().copied().filter(|i| last_use[*i] == Some(position) && !kept(*i)).collect();
            Step { node: *node, inputs: inputs[*node].clone(), dead }
        };
        Plan { steps: order.iter().enumerate().map(step).collect(), output: graph.output.0, auxiliary }
    }
}

/// A node's inputs; a sum does without the zeros in it.
fn effective_inputs(graph: &Graph, index: usize) -> Vec<usize> {
    let all: Vec<usize> = graph.nodes[index].inputs.iter().map(|id| id.0).collect();
    if !matches!(graph.nodes[index].layer, Layer::Primitive { primitive: Primitive::Add }) {
        return all;
    }
    let is_zero =
        |node: usize| matches!(graph.node(NodeId(node)).layer, Layer::Primitive { primitive: Primitive::Zero { .. } });
    let some: Vec<usize> = all.iter().copied().filter(|node| !is_zero(*node)).collect();
    if some.is_empty() { all[..1].to_vec() } else { some }
}
