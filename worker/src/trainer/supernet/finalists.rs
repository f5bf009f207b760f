//! Networks at the end of a search: drawn ones, and those that the shared weights judge best.

use super::derive::{architectures, evaluation_batch};
use super::epoch::Run;
use super::judge::judge_path;
use super::state::State;
use crate::supernet::{At, Mixing};
use crate::trainer::TrainError;
use search::randomness::Rng;
use search::space::{Genotype, Selection, Space};
use search::supernet::{Finalist, Finalists, Mixture, sample, uniform};
use search::work::Directive;

/// Draws per network that is wanted, before fewer are taken: equal ones count once.
const PATIENCE: u32 = 20;
/// Number of the draws behind all epochs.
const SAMPLES: usize = 0;
const FINALISTS: usize = 1;

/// Up to `count` different networks drawn from the probabilities, none of them in `known`.
pub fn samples(state: &State, space: &Space, count: u32, known: &[Genotype]) -> Result<Vec<Genotype>, TrainError> {
    let mut rng = rng(state, SAMPLES);
    let probabilities = architectures(state)?;
    let mut found: Vec<Genotype> = Vec::new();
    for _ in 0..count * PATIENCE {
        if found.len() == count as usize {
            break;
        }
        let genotype = closed(space, &sample(state.search.net.rows(), &probabilities, &mut rng))?;
        if !known.contains(&genotype) && !found.contains(&genotype) {
            found.push(genotype);
        }
    }
    Ok(found)
}

/// Draws networks and judges each by the shared weights, best first; `Err` of a directive that ends the work.
pub fn judged(
    run: &Run<'_>,
    state: &State,
    space: &Space,
    finalists: &Finalists,
) -> Result<Result<Vec<Finalist>, Directive>, TrainError> {
    let mut rng = rng(state, FINALISTS);
    let batch = evaluation_batch(&state.search);
    let mut found: Vec<Finalist> = Vec::new();
    for _ in 0..finalists.count * PATIENCE {
        if found.len() == finalists.count as usize {
            break;
        }
        match run.supervisor.directive() {
            Directive::Continue => {}
            Directive::Stop if !found.is_empty() => break,
            Directive::Stop => {}
            told => return Ok(Err(told)),
        }
        let selection = draw(state, finalists.from, &mut rng)?;
        let genotype = closed(space, &selection)?;
        if found.iter().any(|known| known.genotype == genotype) {
            continue;
        }
        let mixing = Mixing::path(&state.search.net, &selection);
        let (view, normalizer) = (&run.images.weights, &run.images.normalizer);
        let judged = judge_path(&state.search, view, normalizer, batch, finalists.batches as usize, &mixing)?;
        found.push(Finalist { genotype, top1: judged.top1, loss: judged.loss });
    }
    found.sort_by(|a, b| b.top1.total_cmp(&a.top1).then(a.loss.total_cmp(&b.loss)));
    Ok(Ok(found))
}

fn draw(state: &State, from: Mixture, rng: &mut Rng) -> Result<Selection, TrainError> {
    let rows = state.search.net.rows();
    match (from, &state.search.controller) {
        (Mixture::UniformPath { .. }, _) => Ok(uniform(rows, rng)),
        (Mixture::SampledPath, _) => Ok(sample(rows, &architectures(state)?, rng)),
        (Mixture::Controller, Some(controller)) => Ok(tch::no_grad(|| controller.draw(rows, rng))?.selection),
        (other, _) => Err(TrainError::Invalid(format!("finalists cannot be drawn by {other:?}"))),
    }
}

fn closed(space: &Space, selection: &Selection) -> Result<Genotype, TrainError> {
    let wrong = |faults| TrainError::Invalid(format!("a drawn path is no network of the space: {faults}"));
    space.close(selection).map_err(wrong)
}

fn rng(state: &State, number: usize) -> Rng {
    state.search.step_rng(At { epoch: u32::MAX, step: number, lr: 0.0 })
}
