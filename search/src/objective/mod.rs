//! What a study optimises and what it must not exceed.

mod fitness;
pub mod pareto;

pub use fitness::Fitness;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which values of a metric are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Minimize,
    Maximize,
}

/// One objective of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// A metric that trials report (`top1`, `loss`) or a free statistic of the candidate (`params`, `flops`).
    pub metric: String,
    pub direction: Direction,
    /// The study is complete when a trial reaches this value (single-objective studies).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<f64>,
}

/// Bounds on a free statistic, checked before anything is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// `params`, `flops`, `depth`.
    pub metric: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

impl Constraint {
    /// Whether the statistics keep within the bounds; a statistic that is missing breaks the constraint.
    pub fn holds(&self, statistics: &std::collections::BTreeMap<String, f64>) -> bool {
        statistics
            .get(&self.metric)
            .is_some_and(|value| self.min.is_none_or(|min| *value >= min) && self.max.is_none_or(|max| *value <= max))
    }
}
