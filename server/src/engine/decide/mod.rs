//! The thinking of an advance: take in outcomes, look at the limits, ask the strategy. Runs on a thread of its own and
//! touches no database.

mod order;
mod outcome;
mod search;

use super::cache::Session;
use super::ends::Used;
use super::plan::{Ending, Input, Memory, Plan};
use crate::store::{StepRow, StudyDelta};
use ::search::randomness::Purpose;
use rand::RngCore;
use serde_json::Value;

/// Decides; `Err` is a fault of the strategy or of a document, and fails the study with this sentence.
pub(super) fn decide(session: &mut Session, input: &Input) -> Result<Plan, String> {
    let mut step = Step::new(session, input);
    for outcome in &input.outcomes {
        step.take_in(outcome);
    }
    match (input.row.state.as_str(), input.row.phase.as_str()) {
        ("running", "search") => step.search()?,
        ("running", _) => step.finish_final(),
        _ => {
            if step.in_flight == 0 {
                step.plan.ending = Ending::Stopped;
            }
        }
    }
    step.close()
}

struct Step<'a> {
    session: &'a mut Session,
    row: &'a StepRow,
    plan: Plan,
    in_flight: i64,
    used: Used,
    goal: Option<String>,
}

impl<'a> Step<'a> {
    fn new(session: &'a mut Session, input: &'a Input) -> Step<'a> {
        let row = &input.row;
        input.outcomes.iter().for_each(|outcome| session.in_flight.remove(outcome.epochs));
        let phase = if row.phase == "final" { "final" } else { "search" };
        let best = row.best_trial.zip(row.best_metrics.as_ref().map(|metrics| metrics.0.clone()));
        let used = Used {
            trained: row.trained,
            epochs: row.epochs_spent + session.in_flight.epochs,
            next_epochs: session.prepared.document.training.epochs.into(),
        };
        Step {
            plan: Plan { best, delta: StudyDelta { phase, ..StudyDelta::default() }, ..Plan::default() },
            in_flight: session.in_flight.count,
            used,
            goal: None,
            session,
            row,
        }
    }

    fn finish_final(&mut self) {
        if self.in_flight == 0 {
            self.plan.ending = Ending::Completed(None);
        }
    }

    /// Writes down what strategy and engine remember.
    fn close(self) -> Result<Plan, String> {
        let mut plan = self.plan;
        if plan.is_idle() {
            return Ok(plan);
        }
        let unstorable = |e: &dyn std::fmt::Display| format!("the strategy's state cannot be stored: {e}");
        let state = self.session.strategy.state().and_then(serde_json::to_value).map_err(|e| unstorable(&e))?;
        plan.delta.strategy_state = self.session.written.next(state).map_err(|e| unstorable(&e))?;
        plan.delta.bookkeeping = memory(&self.session.memory)?;
        plan.delta.best_trial = plan.best.as_ref().map(|(trial, _)| *trial);
        Ok(plan)
    }
}

pub(super) fn memory(memory: &Memory) -> Result<Value, String> {
    serde_json::to_value(memory).map_err(|e| e.to_string())
}

/// The seed of a trial's training: below 2^53, so that any language reads it exactly from JSON.
pub(super) fn work_seed(prepared: &super::Prepared, number: i64) -> u64 {
    prepared.randomness().at(Purpose::Work, number as u64).next_u64() >> 11
}
