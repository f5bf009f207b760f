//! What an advance decides before anything is written.

use crate::app::Values;
use crate::store::{NewTrial, NewWork, StepRow, StudyDelta, Unconsumed};
use search::space::Genotype;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the engine itself remembers of a study between two advances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Orders for genotypes that another trial is just evaluating; answered when it ends.
    pub echoes: Vec<Echo>,
    /// Why no more candidates are asked for.
    pub search_over: Option<String>,
    /// Candidates in a row that were refused without training.
    pub refused: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Echo {
    pub tag: u64,
    pub genotype: Genotype,
    pub key: String,
    pub epochs: u32,
}

/// What was read for an advance.
pub(super) struct Input {
    pub row: StepRow,
    pub outcomes: Vec<Unconsumed>,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub delta: StudyDelta,
    pub consumed: Vec<i64>,
    pub trials: Vec<NewTrial>,
    pub work: Vec<NewWork>,
    /// Work in flight is not needed any more: queued work ends, leased work is told to stop.
    pub cut: bool,
    pub ending: Ending,
    /// There is more to do at once.
    pub again: bool,
    /// Metrics of the best trial so far, in the first objective.
    pub best: Option<(Uuid, Values)>,
}

/// Where a study goes from here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Ending {
    #[default]
    GoesOn,
    /// The search has ended for this reason; the best candidates are to be retrained.
    Final(String),
    Completed(Option<String>),
    Stopped,
    Failed(String),
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_idle(&self) -> bool {
        self.consumed.is_empty()
            && self.trials.is_empty()
            && self.work.is_empty()
            && !self.cut
            && self.ending == Ending::GoesOn
    }
}
