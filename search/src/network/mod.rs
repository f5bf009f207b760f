//! Typed description of a network and the graph of primitives that it lowers to.

mod graph;
mod primitive;
mod shape;

pub use graph::{Block, Graph, Layer, Node, NodeId};
pub use primitive::{Activation, Affine, PoolKind, Primitive, Rearrangement, Transform};
pub use shape::Shape;
