//! The end of a search: which candidates are retrained, and the work for it.

use super::candidate::{candidate, overlay, statistics};
use super::decide::work_seed;
use super::known::merged;
use super::plan::Plan;
use super::prepare::Prepared;
use crate::app::{TrialView, Values};
use crate::store::{NewTrial, NewWork};
use search::objective::Fitness;
use search::objective::pareto::front;
use search::space::{Genotype, Space, value_key};
use search::study::FinalTraining;
use search::work::{Split, TrainWork, Work};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The completed trials that are worth retraining. One objective: the best, at most `most`, each genotype once.
/// Several: the Pareto front; if it is larger than `most`, evenly spread along the first objective.
pub(super) fn choose(prepared: &Prepared, completed: &[TrialView], most: usize) -> Vec<TrialView> {
    let objectives = &prepared.document.objectives;
    let mut ranked: Vec<(Fitness, &TrialView)> = completed
        .iter()
        .filter_map(|trial| Some((Fitness::of(objectives, &merged(&trial.metrics, &trial.statistics))?, trial)))
        .collect();
    // Best first; of equals the earlier.
    ranked.sort_by(|(a, x), (b, y)| {
        b.values().partial_cmp(a.values()).unwrap_or(std::cmp::Ordering::Equal).then(x.number.cmp(&y.number))
    });
    let mut seen = Vec::new();
    ranked.retain(|(_, trial)| {
        let new = !seen.contains(&&trial.genotype);
        seen.push(&trial.genotype);
        new
    });
    if objectives.len() > 1 {
        ranked = spread(undominated(ranked), most);
    }
    ranked.into_iter().take(most).map(|(_, trial)| trial.clone()).collect()
}

/// Those that no other dominates, in their order.
fn undominated<T>(ranked: Vec<(Fitness, T)>) -> Vec<(Fitness, T)> {
    let (fitness, items): (Vec<Fitness>, Vec<T>) = ranked.into_iter().unzip();
    let front: BTreeSet<usize> = front(&fitness).into_iter().collect();
    let pairs = fitness.into_iter().zip(items).enumerate();
    pairs.filter(|(position, _)| front.contains(position)).map(|(_, pair)| pair).collect()
}

/// `most` of the items, both ends among them.
fn spread<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let count = items.len();
    if count <= most || most < 2 {
        return items;
    }
    let wanted: Vec<usize> = (0..most).map(|i| i * (count - 1) / (most - 1)).collect();
    items.into_iter().enumerate().filter(|(i, _)| wanted.contains(i)).map(|(_, item)| item).collect()
}

/// Pareto-optimal trials of a study, best in the first objective first.
pub(super) fn pareto(prepared: &Prepared, completed: &[TrialView]) -> Vec<TrialView> {
    let objectives = &prepared.document.objectives;
    let with_fitness =
        |trial: &TrialView| Some((Fitness::of(objectives, &merged(&trial.metrics, &trial.statistics))?, trial.clone()));
    let mut best = undominated(completed.iter().filter_map(with_fitness).collect());
    best.sort_by(|(a, _), (b, _)| b.values().partial_cmp(a.values()).unwrap_or(std::cmp::Ordering::Equal));
    best.into_iter().map(|(_, trial)| trial).collect()
}

/// A baseline read: a genotype of the space, or a candidate document that can be built.
#[derive(Debug)]
pub(super) enum Baseline {
    Genotype(Genotype),
    Candidate(Value),
}

pub(super) fn baseline(space: &Space, value: &Value, external: bool) -> Result<Baseline, String> {
    let is_candidate = value.get("network").is_some() || (external && value.is_object());
    match space.read_genotype(value) {
        Ok(genotype) => Ok(Baseline::Genotype(genotype)),
        Err(_) if is_candidate => statistics(value, external).map(|_| Baseline::Candidate(value.clone())),
        Err(faults) => Err(faults.to_string()),
    }
}

/// Adds the final trials and their work to a plan.
pub(super) fn add(plan: &mut Plan, prepared: &Prepared, chosen: &[TrialView], first: i64) -> Result<(), String> {
    let Some(settings) = &prepared.document.final_training else { return Ok(()) };
    let mut number = first;
    for trial in chosen {
        let genotype: Genotype = serde_json::from_value(trial.genotype.clone().unwrap_or_default())
            .map_err(|e| format!("trial {} has an unreadable genotype: {e}", trial.number))?;
        let candidate =
            candidate(&prepared.space, &genotype, &prepared.document.training).map_err(|faults| faults.to_string())?;
        push(plan, prepared, settings, number, Some(&genotype), candidate, trial.statistics.clone(), false);
        number += 1;
    }
    if let Some(value) = &settings.baseline {
        let (genotype, document) = match baseline(&prepared.space, value, prepared.external)? {
            Baseline::Genotype(genotype) => {
                let document = candidate(&prepared.space, &genotype, &prepared.document.training)
                    .map_err(|faults| format!("the baseline cannot be built: {faults}"))?;
                (Some(genotype), document)
            }
            Baseline::Candidate(mut document) => {
                overlay(&mut document, &prepared.document.training);
                (None, document)
            }
        };
        let free = statistics(&document, prepared.external)?;
        push(plan, prepared, settings, number, genotype.as_ref(), document, free, true);
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "all of them are columns of the two rows")]
fn push(
    plan: &mut Plan,
    prepared: &Prepared,
    settings: &FinalTraining,
    number: i64,
    genotype: Option<&Genotype>,
    candidate: Value,
    statistics: Values,
    baseline: bool,
) {
    let id = Uuid::now_v7();
    let key = genotype.map_or_else(|| value_key(&candidate), |genotype| prepared.space.key(genotype));
    let epochs = i32::try_from(settings.epochs).unwrap_or(i32::MAX);
    plan.trials.push(NewTrial {
        id,
        number,
        genotype: genotype.and_then(|genotype| serde_json::to_value(genotype).ok()),
        key,
        statistics,
        infeasible: None,
        epochs,
        is_final: true,
        baseline,
        repeat: 0,
    });
    plan.work.push(NewWork {
        id: Uuid::now_v7(),
        trial: Some(id),
        payload: Work::Train(train(prepared, settings, candidate, number)),
        dataset: prepared.document.dataset.clone(),
        tag: None,
        epochs,
        priority: 0,
    });
}

fn train(prepared: &Prepared, settings: &FinalTraining, candidate: Value, number: i64) -> TrainWork {
    // On a data set the final metrics are those of the test split; an external trainer knows only its own names.
    let rename = |name: String| match name.as_str() {
        "top1" | "loss" if prepared.document.dataset.is_some() => format!("test_{name}"),
        _ => name,
    };
    TrainWork {
        candidate,
        dataset: prepared.document.dataset.clone(),
        epochs: settings.epochs,
        split: Split::Final,
        seed: work_seed(prepared, number),
        metrics: prepared.trained_metrics().into_iter().map(rename).collect(),
        checkpoints: prepared.document.training.checkpoints,
        export: true,
        inherit: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_front_is_thinned_out_evenly_with_both_ends() {
        assert_eq!(spread((0..10).collect(), 4), [0, 3, 6, 9]);
        assert_eq!(spread((0..3).collect(), 4), [0, 1, 2]);
        assert_eq!(spread((0..5).collect(), 2), [0, 4]);
    }
}
