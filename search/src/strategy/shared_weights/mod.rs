#![doc = include_str!("README.md")]

mod check;
mod digest;
mod flow;
mod insights;
mod labels;
mod options;
mod recipe;
mod state;
#[cfg(test)]
mod tests;

pub use check::{Supernet, supernet};
pub use flow::{Flow, phrase};
pub use options::{Common, Finals, Logits, not_negative};
pub use recipe::sgd;
pub use state::State;

use crate::fault::Faults;
use crate::network::Opening;
use crate::randomness::Randomness;
use crate::space::Genotype;
use crate::strategy::{Insight, Observed, Order, Problem};
use crate::supernet::SupernetPlan;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is to be done next in a part of the flow that belongs to the method.
pub enum Next<T> {
    /// An order under the tag that was offered.
    Order(Order),
    /// Nothing until an outcome comes in.
    Wait,
    Ready(T),
    /// The part cannot be finished, and why.
    Failed(String),
}

/// A method that trains shared weights: what sets it apart from the others.
pub trait SharedWeights: Send + Sync + 'static {
    const NAME: &'static str;
    /// One sentence for people.
    const SUMMARY: &'static str;

    type Options: Serialize + DeserializeOwned + JsonSchema + Default + Send;
    /// What it remembers beside the common flow.
    type Own: Serialize + DeserializeOwned + Default + Send;

    fn common(options: &Self::Options) -> &Common;

    /// Adds a fault for each option of its own out of range.
    fn check(problem: &Problem, options: &Self::Options, faults: &mut Faults);

    /// How the supernet is lowered.
    fn opening(_options: &Self::Options) -> Opening {
        Opening::default()
    }

    /// What the worker is to do; `own` is ready after [`SharedWeights::before`].
    fn plan(problem: &Problem, options: &Self::Options, own: &Self::Own, supernet: &Supernet) -> SupernetPlan;

    /// Orders before the supernets.
    fn before(_problem: &Problem, _options: &Self::Options, _own: &mut Self::Own, _tag: u64) -> Next<()> {
        Next::Ready(())
    }

    /// The networks of a supernet, best first, from those that the worker has derived.
    fn choose(_run: Chosen<'_, Self>, _own: &mut Self::Own) -> Next<Vec<Genotype>>
    where
        Self: Sized,
    {
        Next::Ready(_run.derived.to_vec())
    }

    /// Orders after the last trial was ordered.
    fn after(
        _problem: &Problem,
        _options: &Self::Options,
        _state: &mut State<Self::Own>,
        _randomness: &Randomness,
        _tag: u64,
    ) -> Next<()> {
        Next::Ready(())
    }

    /// Takes in the outcome of an order of its own.
    fn observe(_problem: &Problem, _options: &Self::Options, _own: &mut Self::Own, _observed: &Observed) {}

    fn insights(_problem: &Problem, _state: &State<Self::Own>) -> Vec<Insight> {
        Vec::new()
    }
}

/// A supernet whose networks are to be chosen.
pub struct Chosen<'a, M: SharedWeights> {
    pub problem: &'a Problem,
    pub options: &'a M::Options,
    pub randomness: &'a Randomness,
    /// Which of the `repeats`.
    pub number: usize,
    pub weights: Option<&'a crate::work::ArtifactRef>,
    pub derived: &'a [Genotype],
    /// The tag of an order, if there is one.
    pub tag: u64,
}
