//! Work of kind `score`: many networks judged by the shared weights of one supernet.

use super::supernet::judge::judge;
use super::supernet::weights::SharedWeights;
use super::{Checkpoint, Finished, Inputs, Resources, Supervisor, TrainError};
use crate::dataset::View;
use crate::module::Build;
use crate::primitive::Pass;
use crate::recipe::augment::{EpochPlan, Normalizer};
use crate::supernet::{Mixing, Supernet};
use search::network::Recipe;
use search::space::Space;
use search::supernet::SupernetPlan;
use search::work::{Directive, Outcome, ScoreResult, ScoreWork, Split};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;
use tch::{Kind, no_grad};

/// Scores done so far: all that an interrupted run has to keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Scored {
    scores: Vec<BTreeMap<String, f64>>,
}

/// Judges every genotype; goes on from the scores of an earlier attempt.
pub fn score(
    work: &ScoreWork,
    inputs: &Inputs,
    resources: &Resources,
    supervisor: &dyn Supervisor,
) -> Result<Finished, TrainError> {
    let space = Space::parse(&work.space).map_err(|faults| TrainError::Invalid(faults.to_string()))?;
    let view = resources.catalog.get(&work.dataset)?.view(Split::Search, resources.device);
    let build = Build { device: resources.device, kind: Kind::Float, seed: work.seed };
    let net = SharedWeights::read(inputs.artifact(&work.supernet)?)?.supernet(&space, &plan(work), build)?;
    crate::module::fits(net.graph(), view.shape, view.classes)?;
    let judge = Judge { net: &net, normalizer: Normalizer::new(&view), training: training(work, &view)?, view: &view };
    let mut scored = resume(inputs, work);
    let mut saved = Instant::now();
    while scored.scores.len() < work.genotypes.len() {
        match supervisor.directive() {
            Directive::Continue => {}
            Directive::Cancel => return Ok(Finished::without_files(Outcome::Released)),
            Directive::Stop | Directive::Release => {
                supervisor.checkpoint(save(&scored)?);
                return Ok(Finished::without_files(Outcome::Released));
            }
        }
        let genotype = &work.genotypes[scored.scores.len()];
        let selection = space.selection(genotype).map_err(|faults| TrainError::Invalid(faults.to_string()))?;
        let judged = judge.judge(work, &Mixing::path(&net, &selection), resources.bf16)?;
        scored.scores.push(judged);
        supervisor.progress(scored.scores.len() as f64 / work.genotypes.len() as f64);
        if saved.elapsed() >= resources.checkpoint_every {
            supervisor.checkpoint(save(&scored)?);
            saved = Instant::now();
        }
    }
    let result = serde_json::to_value(ScoreResult { scores: scored.scores });
    let result = Some(result.map_err(|error| TrainError::Other(error.into()))?);
    let outcome = Outcome::Done { metrics: BTreeMap::new(), artifacts: vec![], result };
    Ok(Finished::without_files(outcome))
}

struct Judge<'a> {
    net: &'a Supernet,
    view: &'a View,
    normalizer: Normalizer,
    /// Batches for the norms' statistics.
    training: EpochPlan,
}

impl Judge<'_> {
    fn judge(&self, work: &ScoreWork, path: &Mixing, bf16: bool) -> Result<BTreeMap<String, f64>, TrainError> {
        let recalibrated = work.recalibration_batches > 0;
        if recalibrated {
            self.recalibrate(work.recalibration_batches as usize, path, bf16)?;
        }
        let (batch, batches) = (work.batch.max(1) as usize, work.batches as usize);
        let found = judge(self.view, &self.normalizer, batch, batches, &mut |images| {
            let mut pass = if recalibrated { Pass::eval() } else { Pass::batch_statistics() };
            pass.bf16 = bf16;
            self.net.forward(images, path, &mut pass)
        })?;
        Ok(BTreeMap::from([("top1".to_owned(), found.top1), ("loss".to_owned(), found.loss)]))
    }

    /// Makes the running statistics of the path's norms the means over batches of training images (SPOS, section 3.3).
    fn recalibrate(&self, batches: usize, path: &Mixing, bf16: bool) -> Result<(), TrainError> {
        for number in 0..batches.min(self.training.steps()) {
            let batch = self.training.batch(self.view, &self.normalizer, number);
            // Weighed so, the running value is the mean over the batches so far; the first replaces what was there.
            let momentum = Some(1.0 / (number + 1) as f64);
            let mut pass = Pass { momentum, bf16, ..Pass::plain_train() };
            let _ = no_grad(|| self.net.forward(&batch.images, path, &mut pass))?;
        }
        Ok(())
    }
}

/// Training images in batches, without augmentation.
fn training(work: &ScoreWork, view: &View) -> Result<EpochPlan, TrainError> {
    let recipe = Recipe::read(&json!({"batch_size": work.batch.max(2)}));
    let recipe = recipe.map_err(|faults| TrainError::Invalid(faults.to_string()))?;
    Ok(EpochPlan::new(view, &recipe, work.seed, 0))
}

/// The plan that opens the space as the supernet's did.
fn plan(work: &ScoreWork) -> SupernetPlan {
    SupernetPlan::opened(work.opening)
}

fn resume(inputs: &Inputs, work: &ScoreWork) -> Scored {
    let read = |content| Checkpoint::<Scored>::read(content);
    match inputs.checkpoint().map(read) {
        Some(Ok(checkpoint)) if checkpoint.position.scores.len() <= work.genotypes.len() => checkpoint.position,
        Some(Err(error)) => {
            tracing::warn!(%error, "the checkpoint cannot be used; scoring starts from nothing");
            Scored::default()
        }
        Some(Ok(_)) | None => Scored::default(),
    }
}

fn save(scored: &Scored) -> Result<Vec<u8>, TrainError> {
    Checkpoint::write(&[], scored, &[])
}
