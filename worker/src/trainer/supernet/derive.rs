//! What a search says after an epoch: probabilities, the network they mean, its metrics.

use super::epoch::Run;
use super::judge::judge;
use super::state::State;
use crate::supernet::relaxation::softmax;
use crate::supernet::{Mixing, Search};
use crate::trainer::TrainError;
use crate::trainer::evaluate::Judgement;
use search::space::{Genotype, Selection, Space};
use search::supernet::{Architectures, Derivation, EpochRecord, Mixture, skip_count, strongest};
use search::work::CurvePoint;
use std::collections::BTreeMap;

/// Images in one forward pass of an evaluation, at least, where memory allows.
const EVALUATION_BATCH: usize = 256;

/// Images in one forward pass of an evaluation: no more than a part of a training batch where that had to be cut.
pub(super) fn evaluation_batch(search: &Search) -> usize {
    match search.parts.get() {
        0 | 1 => search.course().recipe.batch_size.max(EVALUATION_BATCH),
        parts => (search.course().recipe.batch_size / parts).max(1),
    }
}

/// The network that would be derived now, and its selection; nothing where finalists decide.
pub fn derived(state: &State, space: &Space) -> Result<Option<(Selection, Genotype)>, TrainError> {
    if state.search.course().plan.derivation == Derivation::Finalists {
        return Ok(None);
    }
    let selection = strongest(state.search.net.rows(), &architectures(state)?);
    let genotype = space.close(&selection).map_err(|faults| {
        TrainError::Invalid(format!("the network that the logits mean is none of the space: {faults}"))
    })?;
    Ok(Some((selection, genotype)))
}

/// Probabilities of the logits; of a controller and of untrained paths there are none.
pub fn architectures(state: &State) -> Result<Architectures, TrainError> {
    match state.search.adam {
        Some(_) => Ok(state.search.logits.probabilities()?),
        None => Ok(Architectures::new()),
    }
}

/// The record of the epoch that has just ended, and its skip connections.
pub fn record(
    run: &Run<'_>,
    state: &State,
    space: &Space,
    [train_loss, images_per_second, lr]: [f64; 3],
) -> Result<(EpochRecord, usize), TrainError> {
    let epoch = state.position.epoch;
    let judged = judged(run, state)?;
    if !judged.loss.is_finite() {
        let detail = format!("the supernet's loss on unseen images is {} after epoch {epoch}", judged.loss);
        return Err(TrainError::Diverged(detail));
    }
    let derived = derived(state, space)?;
    let architectures = architectures(state)?;
    let mut metrics = BTreeMap::from([
        ("train_loss".to_owned(), train_loss),
        ("loss".to_owned(), judged.loss),
        ("top1".to_owned(), judged.top1),
        ("lr".to_owned(), lr),
        ("images_per_second".to_owned(), images_per_second),
        ("train_seconds".to_owned(), state.position.train_seconds),
    ]);
    if !architectures.is_empty() {
        metrics.insert("entropy".into(), entropy(&architectures));
    }
    let skips = derived.as_ref().map(|(selection, _)| skip_count(state.search.net.rows(), selection));
    metrics.extend(skips.map(|skips| ("skip_count".to_owned(), skips as f64)));
    metrics.extend(temperature(state, run.epochs).map(|value| ("temperature".to_owned(), value)));
    metrics.extend(expected_cost(state)?.map(|value| ("expected_cost".to_owned(), value)));
    let genotype = derived.map(|(_, genotype)| genotype);
    Ok((EpochRecord { epoch, architectures, genotype, metrics }, skips.unwrap_or(0)))
}

/// Points of the learning curves of a record: its metrics, and every probability as `p/<decision>/<label>`.
pub fn points(state: &State, record: &EpochRecord) -> Vec<CurvePoint> {
    let point = |metric: String, value: f64| CurvePoint { metric, step: record.epoch, value };
    let mut points: Vec<CurvePoint> =
        record.metrics.iter().map(|(metric, value)| point(metric.clone(), *value)).collect();
    for row in &state.search.net.rows().0 {
        let probabilities = record.architectures.get(&row.decision).into_iter().flatten();
        let named = row.labels.iter().zip(probabilities);
        points.extend(named.map(|(label, value)| point(format!("p/{}/{label}", row.decision), *value)));
    }
    points
}

/// The supernet on the validation split: continuous mixtures by their running statistics, paths by each batch's own.
fn judged(run: &Run<'_>, state: &State) -> Result<Judgement, TrainError> {
    let (images, search) = (run.images, &state.search);
    let mixture = search.course().plan.mixture;
    let by_batch = mixture.is_path();
    let batch = evaluation_batch(search);
    let mut fixed: Option<Mixing> = match mixture {
        Mixture::HardGumbel { .. } => {
            let selection = strongest(search.net.rows(), &search.logits.probabilities()?);
            Some(Mixing::path(&search.net, &selection))
        }
        Mixture::UniformPath { .. } | Mixture::SampledPath | Mixture::Controller => None,
        Mixture::Softmax | Mixture::MaxW { .. } | Mixture::Gumbel { .. } => {
            Some(search.judged_mixing(state.position.epoch - 1, 0)?)
        }
    };
    let mut number = 0;
    judge(&images.weights, &images.normalizer, batch, 0, &mut |x| {
        number += 1;
        // Every batch has a path of its own: the metric is a mean over paths.
        let drawn = match fixed.as_mut() {
            Some(mixing) => return search.predict(x, mixing, by_batch),
            None => search.judged_mixing(state.position.epoch - 1, number)?,
        };
        search.predict(x, &drawn, by_batch)
    })
}

/// Mean entropy of the rows, in nats.
fn entropy(architectures: &Architectures) -> f64 {
    let term = |p: &f64| if *p > 0.0 { -p * p.ln() } else { 0.0 };
    let sum: f64 = architectures.values().flatten().map(term).sum();
    sum / architectures.len() as f64
}

/// The temperature of the epoch that has just ended.
fn temperature(state: &State, epochs: u32) -> Option<f64> {
    let plan = &state.search.course().plan;
    let mixtures = plan.architecture.iter().map(|architecture| architecture.mixture).chain([plan.mixture]);
    let mut temperatures = mixtures.filter_map(|mixture| match mixture {
        Mixture::Gumbel { temperature } | Mixture::HardGumbel { temperature, .. } => Some(temperature),
        _ => None,
    });
    Some(temperatures.next()?.at(state.position.epoch - 1, epochs))
}

/// The cost under the probabilities.
fn expected_cost(state: &State) -> Result<Option<f64>, TrainError> {
    let search = &state.search;
    let Some(cost) = &search.cost else { return Ok(None) };
    let mixing = tch::no_grad(|| {
        Mixing::relaxed(&search.net, &search.logits, &mut |a| {
            Ok(crate::supernet::relaxation::Relaxed::All(softmax::weights(a)?))
        })
    })?;
    Ok(mixing.flat().map(|weights| cost.value(weights)).transpose()?)
}
