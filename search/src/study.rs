//! The document that a client submits: one search.

use crate::objective::{Constraint, Objective};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A study as submitted. Parsed with all faults at once by [`crate::study`]'s callers through serde and `check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyDocument {
    pub name: String,
    pub space: SpaceSource,
    /// Name of the data set; leave out for an external space whose trainer brings its own data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    pub objectives: Vec<Objective>,
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    #[serde(default)]
    pub strategy: StrategyChoice,
    pub budget: Budget,
    #[serde(default)]
    pub training: Training,
    /// How the best candidates are trained and tested at the end; `null` for none.
    #[serde(default, rename = "final", skip_serializing_if = "Option::is_none")]
    pub final_training: Option<FinalTraining>,
    #[serde(default)]
    pub seed: u64,
}

/// Where the space comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SpaceSource {
    /// A ready-made space with its options.
    Builtin {
        name: String,
        #[serde(default)]
        options: Map<String, Value>,
    },
    /// A space document in the request itself.
    Document(Value),
    /// A space stored before, by id (its fingerprint).
    Id(String),
}

/// A strategy by name, with options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrategyChoice {
    pub name: String,
    #[serde(default)]
    pub options: Map<String, Value>,
}

impl Default for StrategyChoice {
    fn default() -> Self {
        StrategyChoice { name: "evolution".into(), options: Map::new() }
    }
}

/// Limits; at least one of `max_trials`, `max_epochs`, `timeout_seconds` must be given. All may change while the study runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_trials: Option<u64>,
    /// Epochs over all trials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_epochs: Option<u64>,
    /// Wall time from the start of the study, seconds (pauses not counted).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<f64>,
    /// Trials in flight at once.
    #[serde(default = "four")]
    pub parallel_trials: u32,
    /// The study fails when more trials than this have failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_failed_trials: Option<u64>,
    /// Attempts of one trial, worker crashes included.
    #[serde(default = "three")]
    pub max_attempts: u32,
}

fn four() -> u32 {
    4
}

fn three() -> u32 {
    3
}

/// How candidates are trained during the search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Epochs of one trial.
    pub epochs: u32,
    /// Recipe fields that replace the candidate's (`{"batch_size": 64}`).
    pub recipe: Map<String, Value>,
    pub checkpoints: bool,
}

impl Default for Training {
    fn default() -> Self {
        Training { epochs: 10, recipe: Map::new(), checkpoints: true }
    }
}

/// The end of a study: the best candidates retrained on training and validation split, tested once, exported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinalTraining {
    #[serde(default = "one")]
    pub candidates: u32,
    pub epochs: u32,
    /// A hand-made candidate trained and tested beside the best with the same epochs: a genotype of the space or a
    /// candidate document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Value>,
}

fn one() -> u32 {
    1
}
