//! Search by hard Gumbel samples. See `README.md`.

use super::Problem;
use super::shared_weights::{Common, Logits, SharedWeights, Supernet, not_negative, sgd};
use crate::fault::Faults;
use crate::supernet::{Alternation, Mixture, SupernetPlan, Temperature};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub struct Gdas;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    #[serde(flatten)]
    pub logits: Logits,
    /// Temperature of the first epoch.
    pub temperature_start: f64,
    /// Temperature of the last epoch.
    pub temperature_end: f64,
}

impl Default for Options {
    fn default() -> Self {
        let common = Common { epochs: 250, ..Common::default() };
        Options { common, logits: Logits::default(), temperature_start: 10.0, temperature_end: 0.1 }
    }
}

impl SharedWeights for Gdas {
    const NAME: &'static str = "gdas";
    const SUMMARY: &'static str = "Gradient search that computes one sampled candidate per decision and step (GDAS).";

    type Options = Options;
    type Own = ();

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.logits.check(options.common.epochs, faults);
        for (name, value) in
            [("temperature_start", options.temperature_start), ("temperature_end", options.temperature_end)]
        {
            not_negative(name, value, faults);
            if value == 0.0 {
                faults.push(format!("/{name}"), "must be above 0");
            }
        }
    }

    fn plan(problem: &Problem, options: &Options, (): &(), supernet: &Supernet) -> SupernetPlan {
        let temperature = Temperature::Linear { start: options.temperature_start, end: options.temperature_end };
        let mixture = Mixture::HardGumbel { temperature, unsampled: !supernet.has_edges() };
        SupernetPlan {
            zero_operator: options.logits.adds_zero(supernet),
            weight_share: 0.5,
            architecture: Some(options.logits.architecture(mixture, 3e-4, 0, Alternation::WeightsFirst)),
            ..options.common.plan(problem, sgd(0.025, 0.001, 5e-4, true, 64), mixture)
        }
    }
}
