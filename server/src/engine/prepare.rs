//! A study document with everything that follows from it, checked: all faults at once.

use super::candidate::{is_external, statistics};
use search::fault::Faults;
use search::randomness::Randomness;
use search::space::{Genotype, Space};
use search::strategy::{self, Problem, StateDocument, Strategy, StrategyKind};
use search::study::StudyDocument;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Names of the free statistics that network spaces have.
const STATISTICS: [&str; 3] = ["params", "flops", "depth"];

/// A study that can run.
#[derive(Clone)]
pub struct Prepared {
    pub document: StudyDocument,
    pub space: Arc<Space>,
    pub problem: Problem,
    pub external: bool,
    kind: &'static dyn StrategyKind,
}

impl Prepared {
    /// Checks document, space and strategy against each other.
    pub fn new(document: StudyDocument, space: Arc<Space>) -> Result<Prepared, Faults> {
        let external = is_external(&space);
        let mut faults = Faults::default();
        check_objectives(&document, external, &mut faults);
        check_budget(&document, &mut faults);
        check_data(&document, &space, external, &mut faults);
        let problem = problem(&document, space.clone(), external);
        let kind = match strategy::find(&document.strategy.name) {
            None => {
                let known: Vec<&str> = strategy::registry().iter().map(|kind| kind.name()).collect();
                faults.push("/strategy/name", format!("one of {}", known.join(", ")));
                return Err(faults);
            }
            Some(kind) => kind,
        };
        if let Err(found) = kind.check(&problem, &Value::Object(document.strategy.options.clone())) {
            for fault in found.0 {
                let prefix = if fault.pointer.starts_with("/space") { "" } else { "/strategy/options" };
                faults.push(format!("{prefix}{}", fault.pointer), fault.detail);
            }
        }
        faults.or(Prepared { document, space, problem, external, kind })
    }

    pub(super) fn randomness(&self) -> Randomness {
        Randomness::new(self.document.seed)
    }

    /// The strategy as it was left, or a fresh one.
    pub(super) fn strategy(&self, state: Option<&StateDocument>) -> Result<Box<dyn Strategy>, Faults> {
        let options = Value::Object(self.document.strategy.options.clone());
        match state {
            None => self.kind.create(self.problem.clone(), &options),
            Some(state) => self.kind.restore(self.problem.clone(), &options, state),
        }
    }

    /// Objectives that must come from training, the others being free statistics.
    pub(super) fn trained_metrics(&self) -> Vec<String> {
        let free = |name: &str| !self.external && STATISTICS.contains(&name);
        self.document.objectives.iter().map(|o| o.metric.clone()).filter(|name| !free(name)).collect()
    }
}

fn problem(document: &StudyDocument, space: Arc<Space>, external: bool) -> Problem {
    let of = space.clone();
    let free = move |genotype: &Genotype| {
        let candidate = of.materialise(genotype).map_err(|faults| faults.to_string())?;
        statistics(&candidate, external)
    };
    Problem {
        space,
        objectives: document.objectives.clone(),
        constraints: document.constraints.clone(),
        statistics: Arc::new(free),
        epochs: document.training.epochs,
        max_trials: document.budget.max_trials,
    }
}

fn check_objectives(document: &StudyDocument, external: bool, faults: &mut Faults) {
    if document.name.trim().is_empty() || document.name.len() > 200 {
        faults.push("/name", "1 to 200 characters");
    }
    if document.objectives.is_empty() {
        faults.push("/objectives", "at least one objective");
    }
    let mut seen = BTreeSet::new();
    for (i, objective) in document.objectives.iter().enumerate() {
        if objective.metric.is_empty() || !seen.insert(objective.metric.as_str()) {
            faults.push(format!("/objectives/{i}/metric"), "the name of a metric that no other objective has");
        }
        if objective.goal.is_some() && document.objectives.len() > 1 {
            faults.push(format!("/objectives/{i}/goal"), "a goal needs a study with this one objective");
        }
    }
    for (i, constraint) in document.constraints.iter().enumerate() {
        if external || !STATISTICS.contains(&constraint.metric.as_str()) {
            let detail = if external {
                "an external space has no free statistics to constrain".to_owned()
            } else {
                format!("a free statistic: {}", STATISTICS.join(", "))
            };
            faults.push(format!("/constraints/{i}/metric"), detail);
        }
        if constraint.min.is_none() && constraint.max.is_none() {
            faults.push(format!("/constraints/{i}"), "`min`, `max` or both");
        }
    }
}

fn check_budget(document: &StudyDocument, faults: &mut Faults) {
    let budget = &document.budget;
    if budget.max_trials.is_none() && budget.max_epochs.is_none() && budget.timeout_seconds.is_none() {
        faults.push("/budget", "at least one of `max_trials`, `max_epochs`, `timeout_seconds`");
    }
    let counts = [
        ("/budget/max_trials", budget.max_trials),
        ("/budget/max_epochs", budget.max_epochs),
        ("/budget/parallel_trials", Some(budget.parallel_trials.into())),
        ("/budget/max_attempts", Some(budget.max_attempts.into())),
        ("/training/epochs", Some(document.training.epochs.into())),
        ("/final/candidates", document.final_training.as_ref().map(|f| f.candidates.into())),
        ("/final/epochs", document.final_training.as_ref().map(|f| f.epochs.into())),
    ];
    for (pointer, count) in counts {
        if count.is_some_and(|n| n == 0 || n > i32::MAX as u64) {
            faults.push(pointer, "a whole number from 1 to 2147483647");
        }
    }
    if budget.timeout_seconds.is_some_and(|seconds| !(seconds > 0.0 && seconds.is_finite())) {
        faults.push("/budget/timeout_seconds", "more than 0");
    }
    if let (Some(epochs), each) = (budget.max_epochs, u64::from(document.training.epochs))
        && epochs < each
    {
        faults.push("/budget/max_epochs", format!("at least the {each} epochs of one trial"));
    }
}

fn check_data(document: &StudyDocument, space: &Space, external: bool, faults: &mut Faults) {
    match (&document.dataset, external) {
        (None, false) => faults.push("/dataset", "the name of a data set to train on"),
        (Some(_), true) => {
            faults.push("/dataset", "leave it out: the trainer of an external space brings its own data");
        }
        _ => {}
    }
    let baseline = document.final_training.as_ref().and_then(|f| f.baseline.as_ref());
    if let Some(baseline) = baseline
        && let Err(found) = super::finals::baseline(space, baseline, external)
    {
        let detail = format!("a genotype of the space or a candidate document ({found})");
        faults.push("/final/baseline", detail);
    }
}
