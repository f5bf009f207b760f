//! The half of Nascent that decides: search spaces, network descriptions, strategies, and the words that
//! coordinator and workers exchange. Pure: no async, no clock, no files, no network, no libtorch.

pub mod dataset;
pub mod fault;
pub mod network;
pub mod objective;
pub mod operator;
pub mod options;
pub mod randomness;
pub mod reader;
pub mod space;
pub mod strategy;
pub mod study;
pub mod supernet;
pub mod work;
