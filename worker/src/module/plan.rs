//! The order of a forward pass: which nodes are computed, from what, and when their values are no longer needed.

use super::rewrite::{aliases, effective_inputs};
use search::network::{Activation, Graph, Layer, Primitive};

pub(super) struct Step {
    pub node: usize,
    pub inputs: Vec<usize>,
    /// Values that nobody reads after this step.
    pub dead: Vec<usize>,
    /// The layer may overwrite its only input: nobody else reads it, in this pass or in the backward one.
    pub in_place: bool,
    /// The layer's gradients are parts of one tensor; these inputs have no other reader whose gradient would be added
    /// to theirs, which would make it a tensor of its own.
    pub partial: Vec<usize>,
}

pub(super) struct Plan {
    pub steps: Vec<Step>,
    pub output: usize,
    /// Only in training plans.
    pub auxiliary: Option<usize>,
}

impl Plan {
    pub fn new(graph: &Graph, train: bool) -> Plan {
        let same = aliases(graph);
        let output = same[graph.output.0];
        let auxiliary = graph.auxiliary.filter(|_| train).map(|id| same[id.0]);
        let kept = |node: usize| node == output || Some(node) == auxiliary;
        let inputs: Vec<Vec<usize>> =
            (0..graph.nodes.len()).map(|index| effective_inputs(graph, index, &same)).collect();
        let mut used: Vec<bool> = (0..graph.nodes.len()).map(kept).collect();
        for index in (0..graph.nodes.len()).rev().filter(|index| !inputs[*index].is_empty()) {
            if used[index] {
                inputs[index].iter().for_each(|input| used[*input] = true);
            }
        }
        let order: Vec<usize> = (0..graph.nodes.len()).filter(|index| used[*index]).collect();
        let mut last_use = vec![None; graph.nodes.len()];
        let mut readers = vec![0; graph.nodes.len()];
        for (position, node) in order.iter().enumerate() {
            for input in &inputs[*node] {
                last_use[*input] = Some(position);
                readers[*input] += 1;
            }
        }
        let step = |(position, node): (usize, &usize)| {
            let dead = inputs[*node].iter().copied().filter(|i| last_use[*i] == Some(position) && !kept(*i)).collect();
            let in_place = match inputs[*node].as_slice() {
                [only] => {
                    let own = fresh(graph, *only, inputs[*only].len());
                    readers[*only] == 1 && !kept(*only) && overwrites(graph, *node) && own
                }
                _ => false,
            };
            let concat = matches!(&graph.nodes[*node].layer, Layer::Primitive { primitive: Primitive::Concat });
            let partial = inputs[*node].iter().copied().filter(|input| concat && readers[*input] == 1).collect();
            Step { node: *node, inputs: inputs[*node].clone(), dead, in_place, partial }
        };
        Plan { steps: order.iter().enumerate().map(step).collect(), output, auxiliary }
    }
}

/// Whether the layer can work in place: its gradient follows from its result.
fn overwrites(graph: &Graph, node: usize) -> bool {
    let relu = Primitive::Activation { function: Activation::Relu };
    matches!(&graph.nodes[node].layer, Layer::Primitive { primitive } if *primitive == relu)
}

/// Whether the node's value is a tensor of its own that its gradient does not need.
fn fresh(graph: &Graph, node: usize, inputs: usize) -> bool {
    use Primitive as P;
    match &graph.nodes[node].layer {
        Layer::Primitive { primitive: P::Conv2d { .. } | P::Linear { .. } | P::BatchNorm { .. } | P::Concat } => true,
        // A sum of one value may be that value itself.
        Layer::Primitive { primitive: P::Add } => inputs > 1,
        _ => false,
    }
}
