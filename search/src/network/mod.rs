#![doc = include_str!("README.md")]

mod builder;
pub mod catalogue;
mod cost;
mod count;
mod drawing;
mod graph;
mod layers;
mod lower;
mod primitive;
pub mod recipe;
mod shape;
mod shape_rule;
mod site;
mod statistics;

pub(crate) use builder::OpenWidth;
pub use builder::{Builder, MAX_NODES, Port, ShapeFault};
pub use cost::{Cost, LayerCost, cost, count, params_with_auxiliary};
pub use count::{Convention, Counts};
pub use drawing::draw_svg;
pub use graph::{Block, Graph, Layer, Node, NodeId};
pub use layers::{BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Conv};
pub use lower::{Opening, lower, lower_open};
pub use primitive::{Activation, Affine, PoolKind, Primitive, Rearrangement, Transform};
pub use recipe::Recipe;
pub use shape::Shape;
pub use shape_rule::MAX_VALUES;
pub use site::Site;
pub use statistics::{network_of, statistics};
