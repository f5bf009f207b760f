//! Support for whole-system tests and benchmarks: real Postgres, real processes, a small client.

pub mod client;
pub mod cluster;
pub mod installation;
pub mod process;
pub mod study;
pub mod supernet;
