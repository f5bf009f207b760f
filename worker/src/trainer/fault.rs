//! Why a run failed, and which outcome that is.

use crate::dataset::DatasetError;
use search::fault::Faults;
use search::work::{FailureReason, Outcome};
use std::any::Any;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum TrainError {
    /// The description of the network cannot be built.
    #[error("{0}")]
    Infeasible(Faults),
    /// The recipe, the data set or the request is wrong; no other network would help.
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error("the checkpoint cannot be used: {0}")]
    Checkpoint(String),
    #[error("{0}")]
    Diverged(String),
    #[error(transparent)]
    Torch(#[from] tch::TchError),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl TrainError {
    /// The outcome of a run that ended so.
    pub fn outcome(&self) -> Outcome {
        let detail = self.to_string();
        let reason = match self {
            TrainError::Infeasible(_) => return Outcome::Infeasible { detail },
            TrainError::Invalid(_) => FailureReason::InvalidInput,
            // A damaged or missing file is this worker's trouble: another may have it whole.
            TrainError::Dataset(_) | TrainError::Checkpoint(_) => FailureReason::Other,
            TrainError::Diverged(_) => FailureReason::Diverged,
            TrainError::Torch(_) | TrainError::Other(_) => classify(&detail),
        };
        Outcome::Failed { reason, detail }
    }
}

/// The reason behind libtorch's text.
fn classify(detail: &str) -> FailureReason {
    if says_out_of_memory(detail) { FailureReason::OutOfMemory } else { FailureReason::Other }
}

/// Whether libtorch's text means that memory ran out.
pub(crate) fn says_out_of_memory(detail: &str) -> bool {
    const SIGNS: [&str; 4] = ["out of memory", "can't allocate memory", "not enough memory", "OutOfMemoryError"];
    SIGNS.iter().any(|sign| detail.contains(sign))
}

/// The outcome of a run that panicked. tch's plain methods panic with the text of the error.
pub fn panicked(payload: &(dyn Any + Send)) -> Outcome {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    let detail = text.lines().take(12).collect::<Vec<_>>().join("\n");
    match classify(text) {
        FailureReason::OutOfMemory => Outcome::Failed { reason: FailureReason::OutOfMemory, detail },
        _ => Outcome::Failed { reason: FailureReason::Crashed, detail },
    }
}
