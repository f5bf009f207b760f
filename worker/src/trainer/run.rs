//! Runs one piece of work; whatever happens becomes an outcome.

use super::{Build, Finished, Inputs, Supervisor, fault, measure, score, supernet, train};
use crate::dataset::Catalog;
use search::network::recipe::Precision;
use search::work::{FailureReason, Outcome, Work};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tch::Device;

/// What a worker has to work with.
pub struct Resources {
    pub device: Device,
    /// The device for people, as the worker introduces itself.
    pub device_name: String,
    /// Makes networks.
    pub build: Build,
    pub catalog: Catalog,
    /// Whether `precision: auto` means bf16 on this device for networks that profit from it.
    pub bf16: bool,
    /// Training time between two checkpoints.
    pub checkpoint_every: Duration,
}

impl Resources {
    /// Whether a recipe's precision means bf16 for a network.
    pub(super) fn uses_bf16(&self, precision: Precision, profits: impl FnOnce() -> bool) -> bool {
        match precision {
            Precision::Auto => self.bf16 && profits(),
            Precision::Fp32 => false,
            Precision::Bf16 => true,
        }
    }
}

/// Carries out `work`, going on from a checkpoint if there is one.
pub fn run(work: &Work, inputs: &Inputs, resources: &Resources, supervisor: &dyn Supervisor) -> Finished {
    let attempt = catch_unwind(AssertUnwindSafe(|| match work {
        Work::Train(work) => train(work, inputs, resources, supervisor),
        Work::Supernet(work) => supernet(work, inputs, resources, supervisor),
        Work::Score(work) => score(work, inputs, resources, supervisor),
        Work::Measure(work) => measure(work, resources, supervisor),
    }));
    match attempt {
        Ok(Ok(finished)) => finished,
        Ok(Err(error)) => Finished::without_files(error.outcome()),
        Err(payload) => {
            let outcome = fault::panicked(payload.as_ref());
            if let Outcome::Failed { reason: FailureReason::Crashed, detail } = &outcome {
                tracing::error!(%detail, "a training run panicked");
            }
            Finished::without_files(outcome)
        }
    }
}
