//! Networks that hold all the choices of a space with shared weights, and their search.
//!
//! | file | subject |
//! | --- | --- |
//! | `network` | the module: layers of the graph, a pass under given weights of the choices |
//! | `logits` | the architecture's parameters, one flat tensor |
//! | `relaxation/` | how logits become weights of candidates, one file per relaxation |
//! | `mixing` | the weights of one pass, and the values of open choices under them |
//! | `training/` | a search under way and its steps |
//! | `bilevel` | gradients of the bilevel problem, first and second order |
//! | `cost/` | the expected cost of an architecture, differentiable |
//! | `controller/` | ENAS' recurrent controller |
//! | `adam` | the architecture's optimiser |
//! | `inherit/` | a child's weights from the supernet's |
//! | `hessian` | the largest eigenvalue in the logits |

mod adam;
pub mod bilevel;
pub mod controller;
pub mod cost;
pub mod hessian;
pub mod inherit;
mod logits;
mod mixing;
mod network;
pub mod relaxation;
pub mod training;

pub use adam::Adam;
pub use logits::Logits;
pub use mixing::{Mixing, Weighing};
pub use network::{Supernet, open_graph};
pub use training::{At, Course, Losses, Search, SearchError};
