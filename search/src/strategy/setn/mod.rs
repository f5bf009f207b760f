//! Weights on uniform paths, logits on the mixture. See `README.md`.

use super::Problem;
use super::shared_weights::{Common, Finals, Logits, SharedWeights, Supernet, sgd};
use crate::fault::Faults;
use crate::supernet::{Alternation, Derivation, Mixture, SupernetPlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub struct Setn;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    #[serde(flatten)]
    pub logits: Logits,
    #[serde(flatten)]
    pub finals: Finals,
}

impl Default for Options {
    fn default() -> Self {
        let common = Common { epochs: 250, ..Common::default() };
        Options { common, logits: Logits::default(), finals: Finals::default() }
    }
}

impl SharedWeights for Setn {
    const NAME: &'static str = "setn";
    const SUMMARY: &'static str =
        "Trains weights on random networks and logits on the mixture, then judges networks drawn by the logits (SETN).";

    type Options = Options;
    type Own = ();

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.logits.check(options.common.epochs, faults);
        options.finals.check(&options.common, faults);
    }

    fn plan(problem: &Problem, options: &Options, (): &(), supernet: &Supernet) -> SupernetPlan {
        let common = &options.common;
        let mixture = Mixture::UniformPath { per_node: false };
        SupernetPlan {
            zero_operator: options.logits.adds_zero(supernet),
            weight_share: 0.5,
            architecture: Some(options.logits.architecture(Mixture::Softmax, 3e-4, 0, Alternation::WeightsFirst)),
            derivation: Derivation::Finalists,
            samples: 0,
            finalists: Some(options.finals.drawn_from(Mixture::SampledPath)),
            ..common.plan(problem, sgd(0.025, 0.001, 5e-4, true, 64), mixture)
        }
    }
}
