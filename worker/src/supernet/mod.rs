//! Networks that hold all the choices of a space with shared weights, and their search.
//!
//! | file | subject |
//! | --- | --- |
//! | `network` | the module: layers of the graph, a pass under given weights of the choices |
//! | `logits` | the architecture's parameters, one flat tensor |
//! | `relaxation/` | how logits become weights of candidates, one file per relaxation |
//! | `mixing` | the weights of one pass, and the values of open choices under them |
//! | `search` | one step of the bilevel problem; `unrolled` its second order |
//! | `cost` | the expected cost of an architecture, differentiable |
//! | `controller` | ENAS' recurrent controller |
//! | `hessian` | the largest eigenvalue in the logits |

mod logits;
mod mixing;
mod network;
pub mod relaxation;

pub use logits::Logits;
pub use mixing::{Mixing, Weighing};
pub use network::{Supernet, open_graph};
