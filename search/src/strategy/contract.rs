//! What passes between a study and its strategy: the problem, orders, outcomes, insights.

use crate::fault::Faults;
use crate::objective::{Constraint, Fitness, Objective};
use crate::randomness::Randomness;
use crate::space::{Genotype, Space};
use crate::work::{ArtifactRef, FailureReason, MeasureWork, NamedArtifact, ScoreWork, SupernetWork, WorkKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Computes the free statistics of a genotype; the error says why its candidate cannot be built.
pub type FreeStatistics = dyn Fn(&Genotype) -> Result<BTreeMap<String, f64>, String> + Send + Sync;

/// What a strategy is told about its study.
#[derive(Clone)]
pub struct Problem {
    pub space: Arc<Space>,
    pub objectives: Vec<Objective>,
    pub constraints: Vec<Constraint>,
    /// Free statistics of a genotype (`params`, `flops`, `depth`), computed without training; empty for external spaces.
    /// `Err` says why the candidate cannot be built.
    pub statistics: Arc<FreeStatistics>,
    /// Name of the data set; `None` for external spaces.
    pub dataset: Option<String>,
    /// Recipe fields that the study sets for all training.
    pub recipe: Map<String, Value>,
    /// Epochs of one trial at full fidelity.
    pub epochs: u32,
    /// Most trials that the study will run, if it says.
    pub max_trials: Option<u64>,
}

impl Problem {
    /// Whether the genotype can be built and keeps the constraints; costs one lowering for network spaces.
    pub fn is_feasible(&self, genotype: &Genotype) -> bool {
        if self.space.materialise(genotype).is_err() {
            return false;
        }
        match (self.statistics)(genotype) {
            Ok(statistics) => self.constraints.iter().all(|constraint| constraint.holds(&statistics)),
            Err(_) => false,
        }
    }

    /// The fitness of an outcome; failed and infeasible trials, and those without a usable objective, are the worst.
    pub fn fitness(&self, result: &ObservedResult) -> Fitness {
        let worst = || Fitness::worst(self.objectives.len());
        match result {
            ObservedResult::Done { metrics, .. } | ObservedResult::Stopped { metrics, .. } => {
                Fitness::of(&self.objectives, metrics).unwrap_or_else(worst)
            }
            ObservedResult::Infeasible | ObservedResult::Failed { .. } => worst(),
        }
    }
}

/// What a strategy asks for. `tag` is the strategy's own name for the order and comes back with the outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Evaluate one genotype as a trial (work of kind `train`).
    Trial {
        tag: u64,
        genotype: Genotype,
        /// Fewer epochs than the study's, for strategies that choose the fidelity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epochs: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inherit: Option<ArtifactRef>,
        /// Evaluate again although the same genotype was evaluated at this fidelity before.
        #[serde(default)]
        repeat: bool,
    },
    Supernet {
        tag: u64,
        work: Box<SupernetWork>,
    },
    Score {
        tag: u64,
        work: ScoreWork,
    },
    Measure {
        tag: u64,
        work: MeasureWork,
    },
}

impl Order {
    /// A trial at the study's own fidelity.
    pub fn trial(tag: u64, genotype: Genotype) -> Order {
        Order::Trial { tag, genotype, epochs: None, inherit: None, repeat: false }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    Orders(Vec<Order>),
    /// Nothing to propose until an outcome comes in.
    Wait,
    /// The search is over (space exhausted, or the method has ended); the text says why. Work in flight goes on.
    Finished(String),
}

/// An outcome as a strategy sees it, in commit order, each once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    pub tag: u64,
    /// For trials.
    pub genotype: Option<Genotype>,
    pub result: ObservedResult,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservedResult {
    /// Metrics with the free statistics among them.
    Done {
        metrics: BTreeMap<String, f64>,
        artifacts: Vec<NamedArtifact>,
        result: Option<Value>,
    },
    /// Stopped early after `epoch`.
    Stopped {
        epoch: u32,
        metrics: BTreeMap<String, f64>,
    },
    Infeasible,
    Failed {
        reason: FailureReason,
    },
}

/// A strategy's state as stored between calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateDocument {
    pub version: u32,
    pub state: Value,
}

/// Things a strategy can show of itself; a closed set that the dashboard can draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "insight", rename_all = "snake_case")]
pub enum Insight {
    Series { title: String, x: String, y: String, lines: BTreeMap<String, Vec<[f64; 2]>> },
    Heatmap { title: String, rows: Vec<String>, columns: Vec<String>, values: Vec<Vec<f64>> },
    Table { title: String, columns: Vec<String>, rows: Vec<Vec<String>> },
    Text { title: String, text: String },
}

/// A running search algorithm. Deterministic: the same seed and the same outcomes in the same order give the same
/// proposals, after any restart and with any batching.
pub trait Strategy: Send {
    /// Takes in one outcome.
    fn observe(&mut self, observed: &Observed);

    /// Proposes at most `room` orders.
    fn propose(&mut self, room: usize, randomness: &Randomness) -> Proposal;

    /// All that the strategy remembers.
    fn state(&self) -> Result<StateDocument, serde_json::Error>;

    /// What it can show of itself now.
    fn insights(&self) -> Vec<Insight>;
}

/// A kind of strategy as the registry holds it.
pub trait StrategyKind: Send + Sync {
    fn name(&self) -> &'static str;

    /// One sentence for people.
    fn summary(&self) -> &'static str;

    /// The kind of work that the search spends its time on: `train` where candidates are trained one by one, `supernet`
    /// where they share weights.
    fn searches_by(&self) -> WorkKind;

    /// JSON schema of the options, with defaults.
    fn options_schema(&self) -> Value;

    /// All reasons why this strategy cannot run this problem with these options; pointers relative to the options, or
    /// `/space` for a decision it cannot handle.
    fn check(&self, problem: &Problem, options: &Value) -> Result<(), Faults>;

    /// A fresh strategy; `options` have passed [`StrategyKind::check`].
    fn create(&self, problem: Problem, options: &Value) -> Result<Box<dyn Strategy>, Faults>;

    /// A strategy that goes on from a stored state.
    fn restore(&self, problem: Problem, options: &Value, state: &StateDocument) -> Result<Box<dyn Strategy>, Faults>;
}
