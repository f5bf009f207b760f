//! What a search with shared weights remembers.

use super::digest::Digest;
use crate::space::Genotype;
use crate::strategy::seen::Seen;
use crate::work::ArtifactRef;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// `X` is what the method remembers beside the common flow.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State<X> {
    /// Orders so far; the last one's tag.
    pub tag: u64,
    pub runs: Vec<Run>,
    /// Derived networks that wait to be trained.
    pub queue: VecDeque<Genotype>,
    /// Networks that were queued, so that two supernets' equal ones are trained once.
    pub seen: Seen,
    /// Tags of orders without an outcome.
    pub in_flight: BTreeSet<u64>,
    pub trials: u64,
    /// Networks that were derived but break a constraint or cannot be built.
    pub infeasible: u64,
    /// Why the search cannot go on.
    pub broken: Option<String>,
    pub own: X,
}

/// One supernet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub stage: Stage,
    /// Whether its plan adds `none` in front of the operators of edges.
    pub zero_operator: bool,
    /// What is kept of its result.
    pub digest: Option<Digest>,
    pub weights: Option<ArtifactRef>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Waiting,
    Training {
        tag: u64,
    },
    /// The worker is done; the networks, best first, are still to be chosen by the method.
    Choosing {
        derived: Vec<Genotype>,
    },
    Done,
    Failed {
        why: String,
    },
}

impl Run {
    pub fn waiting() -> Run {
        Run { stage: Stage::Waiting, zero_operator: false, digest: None, weights: None }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Failed { .. })
    }
}
