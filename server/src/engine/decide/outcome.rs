//! Taking in outcomes: counting them, showing them to the strategy, keeping the best.

use super::Step;
use crate::app::Values;
use crate::engine::known::merged;
use crate::engine::plan::Echo;
use crate::store::{Ended, Unconsumed};
use search::objective::Fitness;
use search::space::Genotype;
use search::strategy::{Observed, ObservedResult};
use search::work::{FailureReason, Outcome};
use serde_json::Value;
use uuid::Uuid;

impl Step<'_> {
    /// Counts an outcome and, unless it belongs to the final phase, shows it to the strategy.
    pub(super) fn take_in(&mut self, outcome: &Unconsumed) {
        self.plan.consumed.push(outcome.id);
        let ended = Ended::parse(&outcome.settled).unwrap_or(Ended::Failed);
        if outcome.trial_id.is_some() {
            let delta = &mut self.plan.delta;
            match ended {
                Ended::Completed => delta.completed += 1,
                Ended::Pruned => delta.pruned += 1,
                Ended::Infeasible => delta.infeasible += 1,
                Ended::Failed => delta.failed += 1,
                Ended::Cancelled => delta.cancelled += 1,
            }
        }
        if outcome.is_final {
            return;
        }
        self.plan.delta.epochs_spent += i64::from(outcome.epochs_done);
        self.used.epochs += i64::from(outcome.epochs_done);
        let result = observed(outcome, ended);
        if let ObservedResult::Done { metrics, .. } = &result {
            self.compare(outcome.trial_id, metrics);
        }
        let genotype = outcome.genotype.as_ref().and_then(|json| read(&json.0));
        if let Some(tag) = outcome.tag {
            self.observe(tag as u64, genotype, result.clone());
        }
        if let (Some(key), 0) = (&outcome.key, outcome.repeat) {
            self.settle_known(key, u32::try_from(outcome.epochs).unwrap_or(0), result);
        }
    }

    pub(super) fn observe(&mut self, tag: u64, genotype: Option<Genotype>, result: ObservedResult) {
        self.session.strategy.observe(&Observed { tag, genotype, result });
    }

    /// Keeps the result for later duplicates, and answers those that have waited for it.
    fn settle_known(&mut self, key: &str, epochs: u32, result: ObservedResult) {
        let echoes = std::mem::take(&mut self.session.memory.echoes);
        let (mine, others): (Vec<Echo>, Vec<Echo>) =
            echoes.into_iter().partition(|echo| echo.key == key && echo.epochs == epochs);
        self.session.memory.echoes = others;
        for echo in mine {
            self.observe(echo.tag, Some(echo.genotype), result.clone());
        }
        self.session.known.settle(key, epochs, result);
    }

    /// Notes a completed trial if it is the best so far, and whether it reaches the goal.
    fn compare(&mut self, trial: Option<Uuid>, metrics: &Values) {
        let Some(trial) = trial else { return };
        let objectives = &self.session.prepared.document.objectives[..1];
        let Some(fitness) = Fitness::of(objectives, metrics) else { return };
        let before = self.plan.best.as_ref().and_then(|(_, metrics)| Fitness::of(objectives, metrics));
        if before.is_none_or(|before| fitness.values() > before.values()) {
            self.plan.best = Some((trial, metrics.clone()));
        }
    }
}

fn read(genotype: &Value) -> Option<Genotype> {
    serde_json::from_value(genotype.clone()).ok()
}

/// An outcome as the strategy sees it.
fn observed(outcome: &Unconsumed, ended: Ended) -> ObservedResult {
    let none = Values::new();
    let statistics = outcome.statistics.as_ref().map_or(&none, |json| &json.0);
    match (&outcome.outcome.0, ended) {
        (Outcome::Done { metrics, artifacts, result }, Ended::Completed) => ObservedResult::Done {
            metrics: merged(metrics, statistics),
            artifacts: artifacts.clone(),
            result: result.clone(),
        },
        (Outcome::Stopped { epoch, metrics, .. }, Ended::Pruned) => {
            ObservedResult::Stopped { epoch: *epoch, metrics: merged(metrics, statistics) }
        }
        (_, Ended::Infeasible) => ObservedResult::Infeasible,
        (Outcome::Failed { reason, .. }, Ended::Failed) => ObservedResult::Failed { reason: *reason },
        (Outcome::Done { .. }, Ended::Failed) => ObservedResult::Failed { reason: FailureReason::NoMetrics },
        _ => ObservedResult::Failed { reason: FailureReason::Other },
    }
}
