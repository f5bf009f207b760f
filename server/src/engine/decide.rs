//! The thinking of an advance: take in outcomes, look at the limits, ask the strategy. Runs on a thread of its own and
//! touches no database.

use super::cache::Session;
use super::candidate::{candidate, statistics};
use super::ends::{self, Used};
use super::known::merged;
use super::plan::{Echo, Ending, Input, Memory, Plan};
use crate::app::Values;
use crate::store::{Ended, NewTrial, NewWork, StepRow, StudyDelta, Unconsumed};
use rand::RngCore;
use search::objective::Fitness;
use search::randomness::Purpose;
use search::space::Genotype;
use search::strategy::{Observed, ObservedResult, Order, Proposal};
use search::work::{FailureReason, Outcome, Split, TrainWork, Work};
use serde_json::Value;
use uuid::Uuid;

/// Questions to a strategy in one advance: it may answer with duplicates and infeasible candidates for ever.
const ROUNDS: usize = 200;
/// Candidates refused in a row before the study gives up.
const MOST_REFUSED: u32 = 2000;

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

    /// Counts an outcome and, unless it belongs to the final phase, shows it to the strategy.
    fn take_in(&mut self, outcome: &Unconsumed) {
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

    fn observe(&mut self, tag: u64, genotype: Option<Genotype>, result: ObservedResult) {
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

    /// Whether the best trial is as good as the goal asks.
    fn look_at_goal(&mut self) {
        let [objective] = self.session.prepared.document.objectives.as_slice() else { return };
        let (Some(goal), Some((_, metrics))) = (objective.goal, &self.plan.best) else { return };
        let at_goal = Values::from([(objective.metric.clone(), goal)]);
        let one = std::slice::from_ref(objective);
        if Fitness::of(one, metrics).zip(Fitness::of(one, &at_goal)).is_some_and(|(b, g)| b.values() >= g.values()) {
            self.goal = Some(format!("a trial has reached the goal of {} {goal}", objective.metric));
        }
    }

    /// One step of the search phase: either limits end it, or the strategy fills the room.
    fn search(&mut self) -> Result<(), String> {
        if let Some(reason) = ends::too_many_failures(self.row, self.row.failed + self.plan.delta.failed) {
            self.plan.ending = Ending::Failed(reason);
            return Ok(());
        }
        self.look_at_goal();
        let mut waits = false;
        for _ in 0..ROUNDS {
            if let Some(limit) = ends::limit(self.row, &self.used, &self.session.memory, self.goal.clone()) {
                return self.end_search(limit);
            }
            let room = ends::room(self.row, &self.used, self.in_flight);
            if room == 0 {
                return Ok(());
            }
            let randomness = self.session.prepared.randomness();
            match self.session.strategy.propose(room, &randomness) {
                Proposal::Finished(reason) => self.session.memory.search_over = Some(reason),
                Proposal::Orders(orders) if !orders.is_empty() => {
                    for order in orders {
                        self.place(order)?;
                    }
                }
                Proposal::Orders(_) | Proposal::Wait => {
                    waits = true;
                    break;
                }
            }
            self.look_at_exhaustion();
            if self.session.memory.refused > MOST_REFUSED {
                let reason = format!("{MOST_REFUSED} candidates in a row broke a constraint or could not be built");
                self.plan.ending = Ending::Failed(reason);
                return Ok(());
            }
        }
        if waits && self.in_flight == 0 {
            return Err("the strategy waits although nothing is in flight".into());
        }
        self.plan.again = !waits;
        Ok(())
    }

    fn end_search(&mut self, limit: ends::Limit) -> Result<(), String> {
        self.plan.cut = limit.cut && self.in_flight > 0;
        if self.in_flight == 0 {
            self.plan.ending = Ending::Final(limit.reason);
        } else if self.row.reason.is_none() {
            self.plan.delta.reason = Some(limit.reason);
        }
        Ok(())
    }

    /// Ends the search when every genotype of a finite space has been tried at full fidelity.
    fn look_at_exhaustion(&mut self) {
        let prepared = &self.session.prepared;
        let tried = self.session.known.count(prepared.document.training.epochs);
        let size = prepared.space.size();
        if self.session.memory.search_over.is_none() && size.finite().is_some() && size.to_string() == tried.to_string()
        {
            self.session.memory.search_over =
                Some(format!("the space is exhausted: all {tried} candidates were tried"));
        }
    }

    /// Turns an order into a trial and work, or answers it from what is known.
    fn place(&mut self, order: Order) -> Result<(), String> {
        match order {
            Order::Trial { tag, genotype, epochs, inherit, repeat } => {
                let epochs = epochs.unwrap_or(self.session.prepared.document.training.epochs);
                self.place_trial(tag, genotype, epochs, inherit, repeat)
            }
            Order::Supernet { tag, work } => {
                let (dataset, epochs) = (Some(work.dataset.clone()), work.epochs);
                self.push_work(None, Some(tag), Work::Supernet(work), dataset, epochs);
                Ok(())
            }
            Order::Score { tag, work } => {
                let dataset = Some(work.dataset.clone());
                self.push_work(None, Some(tag), Work::Score(work), dataset, 0);
                Ok(())
            }
            Order::Measure { tag, work } => {
                self.push_work(None, Some(tag), Work::Measure(work), None, 0);
                Ok(())
            }
        }
    }

    fn place_trial(
        &mut self,
        tag: u64,
        genotype: Genotype,
        epochs: u32,
        inherit: Option<search::work::ArtifactRef>,
        repeat: bool,
    ) -> Result<(), String> {
        let space = self.session.prepared.space.clone();
        space.validate(&genotype).map_err(|faults| format!("the strategy proposed an invalid genotype: {faults}"))?;
        let key = space.key(&genotype);
        match self.session.known.get(&key, epochs) {
            Some(Some(result)) if !repeat => {
                let result = result.clone();
                self.session.memory.refused += 1;
                self.observe(tag, Some(genotype), result);
                return Ok(());
            }
            Some(None) if !repeat => {
                self.session.memory.echoes.push(Echo { tag, genotype, key, epochs });
                return Ok(());
            }
            known => {
                // A repeat of what was never tried is its first evaluation.
                let repeat = repeat && known.is_some();
                self.new_trial(tag, genotype, key, epochs, inherit, repeat);
            }
        }
        Ok(())
    }

    fn new_trial(
        &mut self,
        tag: u64,
        genotype: Genotype,
        key: String,
        epochs: u32,
        inherit: Option<search::work::ArtifactRef>,
        repeat: bool,
    ) {
        let checked = self.check(&genotype);
        let number = self.row.trials_created + self.plan.trials.len() as i64 + 1;
        let (statistics, infeasible) = match &checked {
            Ok((_, statistics)) => (statistics.clone(), None),
            Err(why) => (Values::new(), Some(why.clone())),
        };
        let id = Uuid::now_v7();
        self.plan.trials.push(NewTrial {
            id,
            number,
            genotype: serde_json::to_value(&genotype).ok(),
            key: key.clone(),
            statistics,
            infeasible,
            epochs: i32::try_from(epochs).unwrap_or(i32::MAX),
            is_final: false,
            baseline: false,
            repeat: if repeat { number } else { 0 },
        });
        match checked {
            Err(_) => {
                self.plan.delta.infeasible += 1;
                self.session.memory.refused += 1;
                self.session.known.settle(&key, epochs, ObservedResult::Infeasible);
                self.observe(tag, Some(genotype), ObservedResult::Infeasible);
            }
            Ok((candidate, _)) => {
                self.session.memory.refused = 0;
                if !repeat {
                    self.session.known.begin(&key, epochs);
                }
                let work = self.train(candidate, epochs, number, inherit);
                let dataset = work.dataset.clone();
                self.plan.delta.trained += 1;
                self.used.trained += 1;
                self.push_work(Some(id), Some(tag), Work::Train(work), dataset, epochs);
            }
        }
    }

    /// The candidate and its statistics, or why it is infeasible; nothing is trained for that.
    fn check(&self, genotype: &Genotype) -> Result<(Value, Values), String> {
        let prepared = &self.session.prepared;
        let document = &prepared.document;
        let candidate = candidate(&prepared.space, genotype, &document.training).map_err(|f| f.to_string())?;
        let statistics = statistics(&candidate, prepared.external)?;
        for constraint in &document.constraints {
            if !constraint.holds(&statistics) {
                let value = statistics.get(&constraint.metric).map_or("unknown".into(), f64::to_string);
                let bound = |word: &str, b: Option<f64>| b.map(|b| format!(" {word} {b}")).unwrap_or_default();
                return Err(format!(
                    "{} is {value}, the constraint allows{}{}",
                    constraint.metric,
                    bound("at least", constraint.min),
                    bound("at most", constraint.max)
                ));
            }
        }
        Ok((candidate, statistics))
    }

    fn train(
        &self,
        candidate: Value,
        epochs: u32,
        number: i64,
        inherit: Option<search::work::ArtifactRef>,
    ) -> TrainWork {
        let prepared = &self.session.prepared;
        TrainWork {
            candidate,
            dataset: prepared.document.dataset.clone(),
            epochs,
            split: Split::Search,
            seed: work_seed(prepared, number),
            metrics: prepared.trained_metrics(),
            checkpoints: prepared.document.training.checkpoints,
            export: false,
            inherit,
        }
    }

    fn push_work(
        &mut self,
        trial: Option<Uuid>,
        tag: Option<u64>,
        payload: Work,
        dataset: Option<String>,
        epochs: u32,
    ) {
        self.in_flight += 1;
        self.used.epochs += i64::from(epochs);
        self.plan.work.push(NewWork {
            id: Uuid::now_v7(),
            trial,
            payload,
            dataset,
            tag: tag.map(|tag| tag as i64),
            epochs: i32::try_from(epochs).unwrap_or(i32::MAX),
            priority: 0,
        });
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
