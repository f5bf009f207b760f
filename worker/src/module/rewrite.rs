//! What a pass need not compute: the same thing twice, and zeros in sums.

use super::Route;
use search::network::{Activation, Graph, Layer, Primitive};

/// What the nodes of a graph read in a pass along a route.
pub(super) struct Wiring<'a> {
    pub graph: &'a Graph,
    pub route: &'a Route,
    /// For every node the first one that has the same value.
    pub same: Vec<usize>,
}

impl<'a> Wiring<'a> {
    pub fn new(graph: &'a Graph, route: &'a Route) -> Self {
        Wiring { graph, route, same: aliases(graph, route) }
    }
}

/// For every node the first one that has the same value: layers without parameters and randomness that read the same
/// values are computed once. In a cell of DARTS every operation starts with a ReLU of its own; states are read by
/// several.
fn aliases(graph: &Graph, route: &Route) -> Vec<usize> {
    let mut same: Vec<usize> = Vec::with_capacity(graph.nodes.len());
    // By first input: positions of earlier nodes that may be shared.
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        let Layer::Primitive { primitive } = &node.layer else {
            let followed = route.followed(index).and_then(|candidate| node.inputs.get(candidate));
            same.push(followed.map_or(index, |input| same[input.0]));
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

/// Whether the node is zero whatever it reads.
pub(super) fn is_zero(graph: &Graph, node: usize) -> bool {
    matches!(graph.nodes[node].layer, Layer::Primitive { primitive: Primitive::Zero { .. } })
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
        | P::DropPath { .. }
        | P::Noise { .. } => false,
    }
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
        assert_eq!(aliases(&graph, &Route::default()), [0, 1, 0, 1, 4, 5, 6]);
    }

    #[test]
    fn layers_with_parameters_are_never_shared() {
        let norm = || Primitive::BatchNorm { channels: 4, eps: 1e-5, momentum: 0.1, affine: false };
        let random = || Primitive::Dropout { rate: 0.5 };
        let graph = graph(vec![node(norm(), &[0]), node(norm(), &[0]), node(random(), &[0]), node(random(), &[0])]);
        assert_eq!(aliases(&graph, &Route::default()), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn sums_skip_zeros_but_never_lose_their_shape() {
        let zero = || Primitive::Zero { stride: 1 };
        let relu = Primitive::Activation { function: Activation::Relu };
        let graph = graph(vec![node(zero(), &[0]), node(relu, &[0]), node(Primitive::Add, &[1, 2])]);
        let route = Route::default();
        let inputs = |graph: &Graph| Wiring::new(graph, &route).effective_inputs(3).0;
        assert_eq!(inputs(&graph), [2]);
        let mut only_zeros = graph.clone();
        only_zeros.nodes[3].inputs = vec![NodeId(1), NodeId(1)];
        assert_eq!(inputs(&only_zeros), [1]);
    }

    #[test]
    fn a_choice_that_is_followed_is_its_candidate_and_others_take_what_the_route_says() {
        let zero = Primitive::Zero { stride: 1 };
        let relu = Primitive::Activation { function: Activation::Relu };
        let tanh = Primitive::Activation { function: Activation::Tanh };
        let mut graph = graph(vec![node(zero, &[0]), node(relu, &[0]), node(tanh, &[0])]);
        let layer = Layer::Choice { decision: "d".into(), pick: 1, labels: vec![] };
        graph.nodes.push(Node { layer, ..node(Primitive::Add, &[1, 2, 3]) });
        let mut route = Route::default();
        assert_eq!(Wiring::new(&graph, &route).effective_inputs(4), (vec![2, 3], vec![1, 2]));
        route.take(4, vec![2]);
        assert_eq!(Wiring::new(&graph, &route).effective_inputs(4), (vec![3], vec![2]));
        route.follow(4, 1);
        assert_eq!(Wiring::new(&graph, &route).same[4], 2);
    }
}
