//! Carries out work: one file per kind. What a run reports goes to a [`Supervisor`], what it ends with is a
//! [`Finished`]; nothing here knows of servers.

mod checkpoint;
mod epoch;
mod evaluate;
mod fault;
mod latency;
mod network;
mod run;
mod state;
mod supervisor;
mod train;

pub use checkpoint::Checkpoint;
pub use fault::TrainError;
pub(crate) use fault::says_out_of_memory;
pub use network::{Build, Network, Output, Pass, Request, Training};
pub use run::{Resources, run};
pub use supervisor::{Finished, Supervisor};
pub use train::train;

#[cfg(test)]
mod tests;
