//! Carries out work: one file per kind. What a run reports goes to a [`Supervisor`], what it ends with is a
//! [`Finished`]; nothing here knows of servers.

mod checkpoint;
mod epoch;
mod evaluate;
mod fault;
mod inherit;
mod inputs;
mod latency;
mod measure;
mod network;
mod run;
mod score;
mod state;
mod supernet;
mod supervisor;
mod train;

pub use checkpoint::Checkpoint;
pub use fault::TrainError;
pub(crate) use fault::says_out_of_memory;
pub use inputs::Inputs;
pub use measure::measure;
pub use network::{Build, Network, Output, Pass, Request, Training};
pub use run::{Resources, run};
pub use score::score;
pub use supernet::supernet;
pub use supervisor::{Finished, Supervisor};
pub use train::train;

#[cfg(test)]
mod tests;
