//! Carries out a [`search::network::Recipe`]: optimisers, losses, augmentation, averaging. One file each.
//!
//! All weights of a network live in one tensor ([`FlatParameters`]), so that an optimiser step, clipping and
//! averaging are a handful of operations however many layers there are, and nothing in a step waits for the device.

pub mod augment;
mod average;
mod clip;
mod loss;
mod noise;
pub mod optimizer;
mod parameters;

pub use average::Average;
pub use clip::clip_norm;
pub use loss::{Mixed, loss};
pub use noise::Noise;
pub use parameters::FlatParameters;

#[cfg(test)]
mod tests;
