//! Runs a network or a single operator on made-up weights and inputs and sums up what comes out.
//!
//! Weights and inputs follow fixed formulas instead of random numbers, so that anybody can compute the same in another
//! framework and compare digests: that is how operators are checked against their authors' code.

mod digest;
mod fill;
mod formula;
mod run;
mod subject;

pub use digest::Digest;
pub use fill::{Weights, fill, fill_by_code};
pub use formula::{code, cosine};
pub use run::{Input, Layout, Report, Setting, Stage, run};
pub use subject::{ProbeError, network_graph, operator_graph, read_space};
