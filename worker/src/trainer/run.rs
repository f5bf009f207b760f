//! Runs one piece of work; whatever happens becomes an outcome.

use super::{Build, Finished, Supervisor, TrainError, fault, train};
use crate::dataset::Catalog;
use search::work::{FailureReason, Outcome, Work};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tch::Device;

/// What a worker has to work with.
pub struct Resources {
    pub device: Device,
    /// Makes networks.
    pub build: Build,
    pub catalog: Catalog,
    /// Whether `precision: auto` means bf16 on this device.
    pub bf16: bool,
    /// Training time between two checkpoints.
    pub checkpoint_every: Duration,
}

/// Carries out `work`, going on from `checkpoint` if there is one.
pub fn run(work: &Work, checkpoint: Option<&[u8]>, resources: &Resources, supervisor: &dyn Supervisor) -> Finished {
    let attempt = catch_unwind(AssertUnwindSafe(|| match work {
        Work::Train(work) => train(work, checkpoint, resources, supervisor),
        Work::Supernet(_) | Work::Score(_) | Work::Measure(_) => {
            Err(TrainError::Invalid(format!("this worker does not do work of kind `{}`", work.kind().as_str())))
        }
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
