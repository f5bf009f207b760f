//! What the author of a strategy writes, and the erasure that turns it into a line of the registry.

use super::{Observed, Problem, Proposal, StateDocument, Strategy, StrategyKind};
use crate::fault::Faults;
use crate::options;
use crate::randomness::Randomness;
use crate::strategy::Insight;
use crate::work::WorkKind;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;

/// A search algorithm as functions over its problem, its options and its state.
pub trait Method: Send + Sync + 'static {
    const NAME: &'static str;
    /// One sentence for people.
    const SUMMARY: &'static str;
    /// The kind of work that the search spends its time on.
    const SEARCHES_BY: WorkKind = WorkKind::Train;
    /// Raised when an older state can no longer be read.
    const STATE_VERSION: u32 = 1;

    type Options: Serialize + DeserializeOwned + JsonSchema + Default + Send;
    /// All that the algorithm remembers. Caches are skipped by serde and rebuilt on demand.
    type State: Serialize + DeserializeOwned + Send;

    /// Adds a fault for each option out of range and each decision that the algorithm cannot handle.
    fn check(problem: &Problem, options: &Self::Options, faults: &mut Faults);

    fn start(problem: &Problem, options: &Self::Options) -> Self::State;

    fn observe(problem: &Problem, options: &Self::Options, state: &mut Self::State, observed: &Observed);

    /// At most `room` orders.
    fn propose(
        problem: &Problem,
        options: &Self::Options,
        state: &mut Self::State,
        room: usize,
        randomness: &Randomness,
    ) -> Proposal;

    fn insights(_problem: &Problem, _state: &Self::State) -> Vec<Insight> {
        Vec::new()
    }
}

/// A method as the registry holds it.
pub struct Registered<M>(PhantomData<M>);

impl<M> Registered<M> {
    pub const fn new() -> Self {
        Registered(PhantomData)
    }
}

impl<M> Default for Registered<M> {
    fn default() -> Self {
        Self::new()
    }
}

struct Running<M: Method> {
    problem: Problem,
    options: M::Options,
    state: M::State,
}

impl<M: Method> Strategy for Running<M> {
    fn observe(&mut self, observed: &Observed) {
        M::observe(&self.problem, &self.options, &mut self.state, observed);
    }

    fn propose(&mut self, room: usize, randomness: &Randomness) -> Proposal {
        M::propose(&self.problem, &self.options, &mut self.state, room, randomness)
    }

    fn state(&self) -> Result<StateDocument, serde_json::Error> {
        Ok(StateDocument { version: M::STATE_VERSION, state: serde_json::to_value(&self.state)? })
    }

    fn insights(&self) -> Vec<Insight> {
        M::insights(&self.problem, &self.state)
    }
}

impl<M: Method> StrategyKind for Registered<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn summary(&self) -> &'static str {
        M::SUMMARY
    }

    fn searches_by(&self) -> WorkKind {
        M::SEARCHES_BY
    }

    fn options_schema(&self) -> Value {
        options::schema::<M::Options>()
    }

    fn check(&self, problem: &Problem, options: &Value) -> Result<(), Faults> {
        let options = options::read::<M::Options>(options)?;
        let mut faults = Faults::default();
        M::check(problem, &options, &mut faults);
        faults.or(())
    }

    fn create(&self, problem: Problem, options: &Value) -> Result<Box<dyn Strategy>, Faults> {
        let options = options::read::<M::Options>(options)?;
        let state = M::start(&problem, &options);
        Ok(Box::new(Running::<M> { problem, options, state }))
    }

    fn restore(&self, problem: Problem, options: &Value, stored: &StateDocument) -> Result<Box<dyn Strategy>, Faults> {
        if stored.version != M::STATE_VERSION {
            let detail = format!(
                "the stored state of `{}` has version {}, this program reads version {}",
                M::NAME,
                stored.version,
                M::STATE_VERSION
            );
            return Err(Faults::one("", detail));
        }
        let options = options::read::<M::Options>(options)?;
        let state = serde_json::from_value(stored.state.clone())
            .map_err(|error| Faults::one("", format!("the stored state of `{}` cannot be read: {error}", M::NAME)))?;
        Ok(Box::new(Running::<M> { problem, options, state }))
    }
}
