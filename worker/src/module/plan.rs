//! The order of a forward pass: which nodes are computed, from what, and when their values are no longer needed.

use super::rewrite::{Wiring, is_zero};
use super::{Route, Taken};
use search::network::{Activation, Graph, Layer, Primitive};

pub(crate) struct Step {
    pub node: usize,
    pub inputs: Vec<usize>,
    /// Of an open choice: which candidate each of the inputs is.
    pub candidates: Vec<usize>,
    /// Values that nobody reads after this step.
    pub dead: Vec<usize>,
    /// The layer may overwrite its only input: nobody else reads it, in this pass or in the backward one.
    pub in_place: bool,
    /// The layer's gradients are parts of one tensor; these inputs have no other reader whose gradient would be added
    /// to theirs, which would make it a tensor of its own.
    pub partial: Vec<usize>,
}

pub(crate) struct Plan {
    pub steps: Vec<Step>,
    pub output: usize,
    /// Only in training plans.
    pub auxiliary: Option<usize>,
}

impl Plan {
    /// The plan of a pass that computes what `route` takes of the choices.
    pub fn new(graph: &Graph, train: bool, route: &Route) -> Plan {
        let wiring = Wiring::new(graph, route);
        let output = wiring.same[graph.output.0];
        let auxiliary = graph.auxiliary.filter(|_| train).map(|id| wiring.same[id.0]);
        let kept = |node: usize| node == output || Some(node) == auxiliary;
        let mut used = vec![false; graph.nodes.len()];
        used[output] = true;
        auxiliary.into_iter().for_each(|node| used[node] = true);
        let mut inputs: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
        let mut candidates: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
        for index in (0..graph.nodes.len()).rev() {
            if used[index] {
                (inputs[index], candidates[index]) = wiring.effective_inputs(index);
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
            let (inputs, candidates) = (inputs[*node].clone(), candidates[*node].clone());
            Step { node: *node, inputs, candidates, dead, in_place, partial }
        };
        Plan { steps: order.iter().enumerate().map(step).collect(), output, auxiliary }
    }
}

impl Wiring<'_> {
    /// A node's inputs by the nodes that stand for them, and of a choice which candidates they are. Sums, and choices
    /// that weigh their candidates, do without zeros.
    pub fn effective_inputs(&self, index: usize) -> (Vec<usize>, Vec<usize>) {
        let node = &self.graph.nodes[index];
        let all: Vec<usize> = node.inputs.iter().map(|id| self.same[id.0]).collect();
        match &node.layer {
            Layer::Choice { .. } => {
                let taken: Vec<usize> = match self.route.taken(index) {
                    Taken::All => (0..all.len()).collect(),
                    Taken::Some(some) => some.clone(),
                };
                let computed: Vec<usize> = taken.into_iter().filter(|i| !is_zero(self.graph, all[*i])).collect();
                (computed.iter().map(|i| all[*i]).collect(), computed)
            }
            Layer::Primitive { primitive: Primitive::Add } => {
                let some: Vec<usize> = all.iter().copied().filter(|node| !is_zero(self.graph, *node)).collect();
                (if some.is_empty() { all[..1].to_vec() } else { some }, Vec::new())
            }
            Layer::Input | Layer::Primitive { .. } | Layer::WidthChoice { .. } => (all, Vec::new()),
        }
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
