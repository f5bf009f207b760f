//! Single paths drawn uniformly, then evolution with inherited weights. See `README.md`.

mod options;
mod population;

pub use options::Options;
use population::Population;

use super::shared_weights::{Chosen, Common, Next, SharedWeights, State, Supernet, sgd};
use super::{Insight, Observed, Order, Problem};
use crate::fault::Faults;
use crate::network::Opening;
use crate::randomness::Purpose;
use crate::space::Genotype;
use crate::supernet::{Derivation, Mixture, SupernetPlan};
use crate::work::ScoreWork;
use rand::RngCore as _;
use std::collections::BTreeMap;

pub struct Spos;

/// The populations by number of the supernet.
type Own = BTreeMap<usize, Population>;

impl SharedWeights for Spos {
    const NAME: &'static str = "spos";
    const SUMMARY: &'static str = "Trains shared weights on random single paths, then evolves networks scored with them, within constraints (SPOS).";

    type Options = Options;
    type Own = Own;

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.check(faults);
    }

    fn plan(problem: &Problem, options: &Options, _: &Own, _: &Supernet) -> SupernetPlan {
        let mixture = Mixture::UniformPath { per_node: options.per_node };
        SupernetPlan {
            derivation: Derivation::Finalists,
            samples: 0,
            ..options.common.plan(problem, sgd(0.05, 0.0, 3e-4, true, 128), mixture)
        }
    }

    fn choose(run: Chosen<'_, Spos>, own: &mut Own) -> Next<Vec<Genotype>> {
        let Some(weights) = run.weights else {
            return Next::Failed("the worker has kept no weights to score networks with".into());
        };
        let population = own.entry(run.number).or_default();
        if population.pending.is_some() {
            return Next::Wait;
        }
        let ended = population.generation >= run.options.generations || population.exhausted;
        if ended || population.failure.is_some() {
            return end(population);
        }
        // One address per generation of each supernet.
        let address = ((run.number as u64) << 32) | u64::from(population.generation);
        let mut rng = run.randomness.at(Purpose::Observe, address);
        let seed = rng.next_u64() >> 11;
        let genotypes = population.breed(run.problem, run.options, &mut rng);
        if genotypes.is_empty() {
            return end(population);
        }
        population.pending = Some((run.tag, genotypes.clone()));
        let work = ScoreWork {
            space: run.problem.space.document().clone(),
            opening: Opening::default(),
            supernet: weights.clone(),
            genotypes,
            dataset: run.problem.dataset.clone().unwrap_or_default(),
            batch: run.options.score_batch,
            seed,
            batches: run.options.score_batches,
            recalibration_batches: run.options.recalibration_batches,
        };
        Next::Order(Order::Score { tag: run.tag, work })
    }

    fn observe(_: &Problem, options: &Options, own: &mut Own, observed: &Observed) {
        let asked =
            |population: &&mut Population| population.pending.as_ref().is_some_and(|(tag, _)| *tag == observed.tag);
        if let Some(population) = own.values_mut().find(asked) {
            population.observe(options, &observed.result);
        }
    }

    fn insights(_: &Problem, state: &State<Own>) -> Vec<Insight> {
        let mut lines = BTreeMap::new();
        for (number, population) in &state.own {
            for (name, column) in [("best", 0), ("mean", 1)] {
                let point = |(generation, values): (usize, &[f64; 2])| [generation as f64 + 1.0, values[column]];
                let points = population.progress.iter().enumerate().map(point).collect();
                lines.insert(format!("supernet {}: {name}", number + 1), points);
            }
        }
        let title = "Accuracy with the shared weights".into();
        match lines.is_empty() {
            true => Vec::new(),
            false => vec![Insight::Series { title, x: "generation".into(), y: "top1".into(), lines }],
        }
    }
}

/// The best networks; a scoring that failed costs the generations to come, not those before.
fn end(population: &Population) -> Next<Vec<Genotype>> {
    match (&population.failure, population.best.is_empty()) {
        (Some(why), true) => Next::Failed(why.clone()),
        (None, true) if population.scored == 0 && population.generation > 1 => {
            Next::Failed("no network got a usable score from the shared weights".into())
        }
        _ => Next::Ready(population.best.iter().map(|scored| scored.genotype.clone()).collect()),
    }
}
