//! Random search with shared weights. See `README.md`.

use super::Problem;
use super::shared_weights::{Common, Finals, SharedWeights, Supernet, sgd};
use crate::fault::Faults;
use crate::supernet::{Derivation, Mixture, SupernetPlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub struct Rsps;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    #[serde(flatten)]
    pub finals: Finals,
    /// Whether places of one decision draw each their own candidate in a step.
    pub per_node: bool,
}

impl Default for Options {
    fn default() -> Self {
        let common = Common { epochs: 100, ..Common::default() };
        Options { common, finals: Finals::default(), per_node: false }
    }
}

impl SharedWeights for Rsps {
    const NAME: &'static str = "rsps";
    const SUMMARY: &'static str =
        "Trains shared weights on random networks and judges random networks by them: the baseline of one-shot search.";

    type Options = Options;
    type Own = ();

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.finals.check(&options.common, faults);
    }

    fn plan(problem: &Problem, options: &Options, (): &(), _: &Supernet) -> SupernetPlan {
        let common = &options.common;
        let mixture = Mixture::UniformPath { per_node: options.per_node };
        SupernetPlan {
            derivation: Derivation::Finalists,
            samples: 0,
            finalists: Some(options.finals.drawn_from(Mixture::UniformPath { per_node: false })),
            ..common.plan(problem, sgd(0.025, 0.001, 5e-4, true, 64), mixture)
        }
    }
}
