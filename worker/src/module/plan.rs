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
    /// The layer reads `relu(input)`: its ReLU is part of it.
    pub rectified: bool,
    /// A batch norm that its only reader, a sum, computes on the way: its value here is its input.
    pub postponed: bool,
    /// By input: whether it is such a norm.
    pub normed: Vec<bool>,
}

pub(crate) struct Plan {
    pub steps: Vec<Step>,
    pub output: usize,
    /// Only in training plans.
    pub auxiliary: Option<usize>,
}

impl Plan {
    /// The plan of a pass that computes what `route` takes of the choices; with `joins`, ReLUs and norms become parts of
    /// the layers that read them.
    pub fn new(graph: &Graph, train: bool, route: &Route, joins: bool) -> Plan {
        let wiring = Wiring::new(graph, route);
        let output = wiring.same[graph.output.0];
        let auxiliary = graph.auxiliary.filter(|_| train).map(|id| wiring.same[id.0]);
        let kept = |node: usize| node == output || Some(node) == auxiliary;
        let mut used = vec![false; graph.nodes.len()];
        used[output] = true;
        auxiliary.into_iter().for_each(|node| used[node] = true);
        let mut inputs: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
        let mut candidates: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
        let mut rectified = vec![false; graph.nodes.len()];
        for index in (0..graph.nodes.len()).rev() {
            if used[index] {
                (inputs[index], candidates[index]) = wiring.effective_inputs(index);
                if let Some(before) = wiring.rectified_input(index).filter(|_| joins) {
                    inputs[index] = vec![before];
                    rectified[index] = true;
                }
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
        let mut postponed = vec![false; graph.nodes.len()];
        for node in order.iter().filter(|node| joins && sums(graph, **node, inputs[**node].len())) {
            for input in &inputs[*node] {
                postponed[*input] = readers[*input] == 1 && !kept(*input) && is_norm(graph, *input);
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
            let normed = inputs.iter().map(|input| postponed[*input]).collect();
            let (rectified, postponed) = (rectified[*node], postponed[*node]);
            Step { node: *node, inputs, candidates, dead, in_place, partial, rectified, postponed, normed }
        };
        Plan { steps: order.iter().enumerate().map(step).collect(), output, auxiliary }
    }
}

impl Wiring<'_> {
    /// Of a depthwise convolution that reads a ReLU, what the ReLU reads.
    fn rectified_input(&self, index: usize) -> Option<usize> {
        let node = &self.graph.nodes[index];
        let Layer::Primitive { primitive: Primitive::Conv2d { groups, in_channels, .. } } = &node.layer else {
            return None;
        };
        let before = self.same[node.inputs.first()?.0];
        let relu = Primitive::Activation { function: Activation::Relu };
        let Layer::Primitive { primitive } = &self.graph.nodes[before].layer else { return None };
        let reads = self.graph.nodes[before].inputs.first()?;
        (*groups > 1 && groups == in_channels && *primitive == relu).then(|| self.same[reads.0])
    }

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

/// Whether the node adds its inputs up.
fn sums(graph: &Graph, node: usize, inputs: usize) -> bool {
    match &graph.nodes[node].layer {
        Layer::Primitive { primitive: Primitive::Add } => inputs > 1,
        Layer::Choice { .. } => true,
        Layer::Input | Layer::Primitive { .. } | Layer::WidthChoice { .. } => false,
    }
}

fn is_norm(graph: &Graph, node: usize) -> bool {
    matches!(&graph.nodes[node].layer, Layer::Primitive { primitive: Primitive::BatchNorm { .. } })
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

#[cfg(test)]
mod tests {
    use super::*;
    use search::network::{Node, NodeId, Shape};

    fn node(primitive: Primitive, inputs: &[usize]) -> Node {
        let inputs = inputs.iter().map(|index| NodeId(*index)).collect();
        Node {
            name: String::new(),
            layer: Layer::Primitive { primitive },
            inputs,
            shape: Shape::image(4, 8, 8),
            block: 0,
        }
    }

    /// ReLU, depthwise convolution, norm: two of them, added up.
    fn separable() -> Graph {
        let relu = || Primitive::Activation { function: Activation::Relu };
        let norm = || Primitive::BatchNorm { channels: 4, eps: 1e-5, momentum: 0.1, affine: false };
        let depthwise = || Primitive::Conv2d {
            in_channels: 4,
            out_channels: 4,
            kernel: [3, 3],
            stride: [1, 1],
            padding: [1, 1],
            dilation: [1, 1],
            groups: 4,
            bias: false,
        };
        let first = Node { layer: Layer::Input, ..node(Primitive::Identity, &[]) };
        let nodes = vec![
            first,
            node(relu(), &[0]),
            node(depthwise(), &[1]),
            node(norm(), &[2]),
            node(depthwise(), &[1]),
            node(norm(), &[4]),
            node(Primitive::Add, &[3, 5]),
        ];
        Graph { input: Shape::image(4, 8, 8), nodes, blocks: vec![], output: NodeId(6), auxiliary: None }
    }

    fn nodes(plan: &Plan) -> Vec<usize> {
        plan.steps.iter().map(|step| step.node).collect()
    }

    #[test]
    fn joined_layers_take_relus_and_norms_in() {
        let plan = Plan::new(&separable(), true, &Route::default(), true);
        assert_eq!(nodes(&plan), [0, 2, 3, 4, 5, 6], "no ReLU of its own");
        let step = |node: usize| plan.steps.iter().find(|step| step.node == node).unwrap();
        assert!(step(2).rectified && step(4).rectified && step(2).inputs == [0]);
        assert!(step(3).postponed && step(5).postponed && !step(2).postponed);
        assert_eq!(step(6).normed, [true, true]);
    }

    #[test]
    fn a_norm_with_another_reader_is_computed_by_itself() {
        let mut graph = separable();
        graph.nodes.push(node(Primitive::Concat, &[6, 3]));
        graph.output = NodeId(7);
        let plan = Plan::new(&graph, true, &Route::default(), true);
        let sum = plan.steps.iter().find(|step| step.node == 6).unwrap();
        assert_eq!(sum.normed, [false, true]);
    }

    #[test]
    fn layers_stay_apart_where_there_are_no_kernels_for_joined_ones() {
        let plan = Plan::new(&separable(), true, &Route::default(), false);
        assert_eq!(nodes(&plan), [0, 1, 2, 3, 4, 5, 6]);
        assert!(plan.steps.iter().all(|step| !step.rectified && !step.postponed && !step.normed.contains(&true)));
    }
}
