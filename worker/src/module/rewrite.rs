//! What a pass need not compute: the same thing twice, and zeros in sums.

use search::network::{Activation, Graph, Layer, Primitive};

/// For every node the first one that has the same value: layers without parameters and randomness that read the same
/// values are computed once. In a cell of DARTS every operation starts with a ReLU of its own; states are read by
/// several.
pub(super) fn aliases(graph: &Graph) -> Vec<usize> {
    let mut same: Vec<usize> = Vec::with_capacity(graph.nodes.len());
    // By first input: positions of earlier nodes that may be shared.
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        let Layer::Primitive { primitive } = &node.layer else {
            same.push(index);
            continue;
        };
        let inputs: Vec<usize> = node.inputs.iter().map(|input| same[input.0]).collect();
        if *primitive == Primitive::Identity {
            same.push(inputs[0]);
            continue;
        }
        if !shareable(primitive) {
            same.push(index);
            continue;
        }
        let equal = |earlier: &&usize| {
            let other = &graph.nodes[**earlier];
            matches!(&other.layer, Layer::Primitive { primitive: p } if p == primitive)
                && other.inputs.iter().map(|input| same[input.0]).eq(inputs.iter().copied())
        };
        let first = readers[inputs[0]].iter().find(equal).copied();
        if first.is_none() {
            readers[inputs[0]].push(index);
        }
        same.push(first.unwrap_or(index));
    }
    same
}

/// Whether equal inputs give equal values.
fn shareable(primitive: &Primitive) -> bool {
    use Primitive as P;
    match primitive {
        P::Activation { function } => *function != Activation::StarRelu,
        P::Pool { .. }
        | P::GlobalAveragePool
        | P::Rearrange { .. }
        | P::AttentionCore { .. }
        | P::Spectral { .. }
        | P::Add
        | P::Subtract
        | P::Multiply
        | P::Concat
        | P::Slice { .. }
        | P::Shift
        | P::Pad { .. }
        | P::ChannelShuffle { .. }
        | P::Zero { .. }
        | P::Upsample { .. } => true,
        P::Conv2d { .. }
        | P::Linear { .. }
        | P::BatchNorm { .. }
        | P::GroupNorm { .. }
        | P::LayerNorm { .. }
        | P::Embedding { .. }
        | P::Position { .. }
        | P::RandomMix { .. }
        | P::Scale { .. }
        | P::Identity
        | P::Dropout { .. }
        | P::DropPath { .. } => false,
    }
}

/// A node's inputs by the nodes that stand for them; a sum does without the zeros in it.
pub(super) fn effective_inputs(graph: &Graph, index: usize, same: &[usize]) -> Vec<usize> {
    let all: Vec<usize> = graph.nodes[index].inputs.iter().map(|id| same[id.0]).collect();
    if !matches!(graph.nodes[index].layer, Layer::Primitive { primitive: Primitive::Add }) {
        return all;
    }
    let is_zero =
        |node: usize| matches!(graph.nodes[node].layer, Layer::Primitive { primitive: Primitive::Zero { .. } });
    let some: Vec<usize> = all.iter().copied().filter(|node| !is_zero(*node)).collect();
    if some.is_empty() { all[..1].to_vec() } else { some }
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::network::{Node, NodeId, Shape};

    fn node(primitive: Primitive, inputs: &[usize]) -> Node {
        let inputs = inputs.iter().map(|index| NodeId(*index)).collect();
        let layer = Layer::Primitive { primitive };
        Node { name: String::new(), layer, inputs, shape: Shape::image(4, 8, 8), block: 0 }
    }

    fn graph(nodes: Vec<Node>) -> Graph {
        let input = Shape::image(4, 8, 8);
        let first = Node { layer: Layer::Input, ..node(Primitive::Identity, &[]) };
        let nodes: Vec<Node> = std::iter::once(first).chain(nodes).collect();
        let output = NodeId(nodes.len() - 1);
        Graph { input, nodes, blocks: vec![], output, auxiliary: None }
    }

    #[test]
    fn equal_layers_without_parameters_are_one() {
        let relu = || Primitive::Activation { function: Activation::Relu };
        let graph = graph(vec![
            node(relu(), &[0]),
            node(Primitive::Identity, &[0]),
            node(relu(), &[2]),
            node(Primitive::Activation { function: Activation::Gelu }, &[0]),
            node(relu(), &[4]),
            node(Primitive::Add, &[1, 3, 5]),
        ]);
        assert_eq!(aliases(&graph), [0, 1, 0, 1, 4, 5, 6]);
    }

    #[test]
    fn layers_with_parameters_are_never_shared() {
        let norm = || Primitive::BatchNorm { channels: 4, eps: 1e-5, momentum: 0.1, affine: false };
        let random = || Primitive::Dropout { rate: 0.5 };
        let graph = graph(vec![node(norm(), &[0]), node(norm(), &[0]), node(random(), &[0]), node(random(), &[0])]);
        assert_eq!(aliases(&graph), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn sums_skip_zeros_but_never_lose_their_shape() {
        let zero = || Primitive::Zero { stride: 1 };
        let relu = Primitive::Activation { function: Activation::Relu };
        let graph = graph(vec![node(zero(), &[0]), node(relu, &[0]), node(Primitive::Add, &[1, 2])]);
        let same = aliases(&graph);
        assert_eq!(effective_inputs(&graph, 3, &same), [2]);
        let mut only_zeros = graph.clone();
        only_zeros.nodes[3].inputs = vec![NodeId(1), NodeId(1)];
        assert_eq!(effective_inputs(&only_zeros, 3, &aliases(&only_zeros)), [1]);
    }
}
