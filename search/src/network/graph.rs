//! The graph that a description lowers to: what costing, drawing, training and export read.
//!
//! Nodes stand in topological order (inputs before users). A node that belongs only to an unchosen branch of a
//! [`Layer::Choice`] is simply not reachable from the output once the choice is closed, so a child, a single path
//! and a whole supernet are evaluated by the same pull from the outputs.

use super::{Convention, Counts, Primitive, Shape};
use serde::{Deserialize, Serialize};

/// Index of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub usize);

/// What a node computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "snake_case")]
pub enum Layer {
    /// The network's input.
    Input,
    Primitive {
        primitive: Primitive,
    },
    /// An open decision between the node's inputs, all of one shape: input i is candidate i.
    /// `pick` of them are summed (1 for `oneof`, k for `manyof`).
    Choice {
        decision: String,
        pick: usize,
        labels: Vec<String>,
    },
    /// An open number of channels: the input has the largest, narrower options mask the trailing channels.
    WidthChoice {
        decision: String,
        options: Vec<usize>,
    },
}

/// One step of the computation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Parameter prefix as PyTorch would name it (`cells.3.ops.0.op.1`); unique among nodes with parameters.
    pub name: String,
    pub layer: Layer,
    pub inputs: Vec<NodeId>,
    pub shape: Shape,
    /// Index into [`Graph::blocks`].
    pub block: usize,
}

/// A row of the per-layer table and a box of the drawing: one operator, stem or head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// `cells.3.node2.sep_conv_3x3`
    pub name: String,
    /// Operator name for people: `sep_conv`, `mbconv`, `stem`, `head`.
    pub operator: String,
    /// Cell or stage that the block belongs to; blocks of one group are drawn together.
    pub group: Option<String>,
}

/// A network as primitives and the edges between them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    pub input: Shape,
    pub nodes: Vec<Node>,
    pub blocks: Vec<Block>,
    /// The node whose value is the network's output (logits).
    pub output: NodeId,
    /// Output of the auxiliary head (training only), if the network has one.
    pub auxiliary: Option<NodeId>,
}

impl Graph {
    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Which nodes the value of `from` depends on, itself included, by index.
    pub fn reachable(&self, from: NodeId) -> Vec<bool> {
        let mut used = vec![false; self.nodes.len()];
        used[from.0] = true;
        for index in (0..=from.0).rev() {
            if used[index] {
                for input in &self.nodes[index].inputs {
                    used[input.0] = true;
                }
            }
        }
        used
    }

    /// Which nodes belong to the network itself: all but those of the auxiliary head alone, by index.
    pub fn main(&self) -> Vec<bool> {
        let mut main = vec![true; self.nodes.len()];
        if let Some(auxiliary) = self.auxiliary {
            let shared = self.reachable(self.output);
            let head = self.reachable(auxiliary);
            main.iter_mut().zip(shared.iter().zip(head)).for_each(|(main, (shared, head))| *main = *shared || !head);
        }
        main
    }

    /// Parameters and multiply-adds of one node.
    pub fn counts(&self, id: NodeId, convention: Convention) -> Counts {
        let node = self.node(id);
        match &node.layer {
            Layer::Primitive { primitive } => {
                let inputs: Vec<Shape> = node.inputs.iter().map(|input| self.node(*input).shape).collect();
                primitive.counts(&inputs, node.shape, convention)
            }
            Layer::Input | Layer::Choice { .. } | Layer::WidthChoice { .. } => Counts::default(),
        }
    }
}
