//! The FBNet family: the searched chain of V1, the joint space of V3, and fixed networks as block lists.

mod blocks;
mod chain;
mod fixed;
mod joint;

pub use chain::Fbnet;
pub use fixed::FbnetBlocks;
pub use joint::FbnetV3;
