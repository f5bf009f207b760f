//! The evolutionary search over networks that are scored with inherited weights.

use super::Options;
use crate::randomness::Rng;
use crate::space::{Genotype, Mutation, Recombination, Space};
use crate::strategy::draw::varied;
use crate::strategy::seen::Seen;
use crate::strategy::{ObservedResult, Problem};
use crate::work::ScoreResult;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A network and what the shared weights say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    pub genotype: Genotype,
    pub top1: f64,
    pub loss: f64,
}

/// The search in one supernet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Population {
    /// Generations that were asked for.
    pub generation: u32,
    /// The order in flight and its networks.
    pub pending: Option<(u64, Vec<Genotype>)>,
    /// The best so far, best first: as many as parents or candidates are needed.
    pub best: Vec<Scored>,
    pub scored: u64,
    /// Best and mean accuracy of each generation.
    pub progress: Vec<[f64; 2]>,
    seen: Seen,
    /// No new network could be drawn.
    pub exhausted: bool,
    /// Why the last scoring failed.
    pub failure: Option<String>,
}

impl Population {
    /// The networks of the next generation: random ones at first, then children of the best.
    pub fn breed(&mut self, problem: &Problem, options: &Options, rng: &mut Rng) -> Vec<Genotype> {
        let parents: Vec<Genotype> =
            self.best.iter().take(options.parents as usize).map(|s| s.genotype.clone()).collect();
        let mut children = Vec::new();
        while children.len() < options.population as usize {
            let crosses = children.len() % 2 == 0;
            let vary = |rng: &mut Rng| child(&problem.space, &parents, crosses, options.mutation, rng);
            match varied(problem, &mut self.seen, rng, vary) {
                Some(genotype) => children.push(genotype),
                None => {
                    self.exhausted = true;
                    break;
                }
            }
        }
        self.generation += 1;
        children
    }

    /// Takes in the scores of the pending generation.
    pub fn observe(&mut self, options: &Options, result: &ObservedResult) {
        let Some((_, genotypes)) = self.pending.take() else { return };
        match scores(result, genotypes.len()) {
            Ok(scores) => self.take(options, genotypes, scores),
            Err(why) => self.failure = Some(why),
        }
    }

    fn take(&mut self, options: &Options, genotypes: Vec<Genotype>, scores: Vec<BTreeMap<String, f64>>) {
        self.failure = None;
        let number = |score: &BTreeMap<String, f64>, name: &str| score.get(name).copied().filter(|x| x.is_finite());
        let scored = genotypes.into_iter().zip(&scores).filter_map(|(genotype, score)| {
            let top1 = number(score, "top1")?;
            Some(Scored { genotype, top1, loss: number(score, "loss").unwrap_or(f64::MAX) })
        });
        let scored: Vec<Scored> = scored.collect();
        if scored.is_empty() {
            return;
        }
        let mean = scored.iter().map(|one| one.top1).sum::<f64>() / scored.len() as f64;
        self.scored += scored.len() as u64;
        self.best.extend(scored);
        // Stable: equal networks keep the order in which they were found.
        self.best.sort_by(|a, b| b.top1.total_cmp(&a.top1).then(a.loss.total_cmp(&b.loss)));
        self.best.truncate(options.parents.max(options.common.candidates) as usize);
        self.progress.push([self.best[0].top1, mean]);
    }
}

fn scores(result: &ObservedResult, count: usize) -> Result<Vec<BTreeMap<String, f64>>, String> {
    let ObservedResult::Done { result: Some(value), .. } = result else {
        return Err("the networks could not be scored with the shared weights".into());
    };
    let read: ScoreResult = serde_json::from_value(value.clone())
        .map_err(|error| format!("the worker's scores cannot be read: {error}"))?;
    match read.scores.len() == count {
        true => Ok(read.scores),
        false => Err(format!("the worker has sent {} scores for {count} networks", read.scores.len())),
    }
}

/// A child of the parents by uniform crossover of two or by mutation of one; without parents a random network.
fn child(space: &Space, parents: &[Genotype], crosses: bool, probability: f64, rng: &mut Rng) -> Genotype {
    if parents.is_empty() {
        return space.sample(crate::space::Draw::ByDecision, rng);
    }
    let parent = |rng: &mut Rng| &parents[rng.random_range(0..parents.len())];
    let first = parent(rng);
    if crosses && parents.len() > 1 {
        return space.recombine(first, parent(rng), &Recombination::Uniform, rng);
    }
    let decisions = space.mutable(first).len();
    let drawn = (0..decisions).filter(|_| rng.random::<f64>() < probability).count();
    (0..drawn.max(1)).fold(first.clone(), |child, _| space.mutate(&child, &Mutation::Uniform { filter: None }, rng))
}
