//! A study document with everything that follows from it, checked: all faults at once.

use super::candidate::{is_external, statistics};
use super::check::{self, STATISTICS};
use search::fault::Faults;
use search::randomness::Randomness;
use search::space::{Genotype, Space};
use search::strategy::{self, Problem, StateDocument, Strategy, StrategyKind};
use search::study::StudyDocument;
use serde_json::Value;
use std::sync::Arc;

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
        let mut faults = check::alone(&document);
        check::with_space(&document, &space, external, &mut faults);
        let Some(kind) = strategy::find(&document.strategy.name) else { return Err(faults) };
        let problem = problem(&document, space.clone(), external);
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
        dataset: document.dataset.clone(),
        recipe: document.training.recipe.clone(),
        epochs: document.training.epochs,
        max_trials: document.budget.max_trials,
    }
}
