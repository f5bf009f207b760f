//! The half of Nascent that trains: data sets, recipes, training runs, and the agent that gets work from a server.

pub mod agent;
pub mod bridge;
pub mod cli;
pub mod dataset;
pub mod device;
pub mod export;
pub mod module;
pub mod primitive;
pub mod probe;
pub mod recipe;
pub mod supernet;
pub mod trainer;
