//! Carrying out the strategy's orders: a trial and work, or an answer from what is known.

use super::{Step, work_seed};
use crate::app::Values;
use crate::engine::candidate::{candidate, statistics};
use crate::engine::plan::Echo;
use crate::store::{NewTrial, NewWork};
use search::space::Genotype;
use search::strategy::{ObservedResult, Order};
use search::work::{Split, TrainWork, Work};
use serde_json::Value;
use uuid::Uuid;

impl Step<'_> {
    /// Turns an order into a trial and work, or answers it from what is known.
    pub(super) fn place(&mut self, order: Order) -> Result<(), String> {
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
}
