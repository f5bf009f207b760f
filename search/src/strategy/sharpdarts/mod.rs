//! sharpDARTS: max-W regularisation and cosine power annealing. See `README.md`.

use super::Problem;
use super::darts::{self, Darts};
use super::shared_weights::{Common, SharedWeights, Supernet};
use crate::fault::Faults;
use crate::network::Opening;
use crate::supernet::{Alternation, Mixture, SupernetPlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub struct SharpDarts;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub darts: darts::Options,
    /// Exponent of the cosine power annealing of the learning rate; 1 is the plain cosine.
    #[schemars(range(min = 1.0))]
    pub power: f64,
}

impl Default for Options {
    fn default() -> Self {
        let mut darts = darts::Options { max_w: true, ..darts::Options::default() };
        darts.common.epochs = 120;
        Options { darts, power: 2.0 }
    }
}

impl SharedWeights for SharpDarts {
    const NAME: &'static str = "sharpdarts";
    const SUMMARY: &'static str = "DARTS whose strongest candidates weigh 1 (max-W) and whose learning rate is annealed by a power of the cosine.";

    type Options = Options;
    type Own = ();

    fn common(options: &Options) -> &Common {
        &options.darts.common
    }

    fn check(problem: &Problem, options: &Options, faults: &mut Faults) {
        Darts::check(problem, &options.darts, faults);
        if !(1.0..=100.0).contains(&options.power) {
            faults.push("/power", "must be at least 1 and at most 100");
        }
    }

    fn opening(options: &Options) -> Opening {
        Darts::opening(&options.darts)
    }

    fn plan(problem: &Problem, options: &Options, (): &(), supernet: &Supernet) -> SupernetPlan {
        let darts = &options.darts;
        let mixture = match darts.max_w {
            true => Mixture::MaxW { detach_max: darts.detach_max },
            false => Mixture::Softmax,
        };
        let architecture = darts.logits.architecture(mixture, 3e-4, 0, Alternation::ArchitectureFirst);
        darts::plan(problem, darts, supernet, mixture, architecture, recipe(options))
    }
}

/// Section 5.3; the warm-up is that of a search over 120 epochs, shorter in a shorter one.
fn recipe(options: &Options) -> Value {
    json!({
        "optimizer": "sgd", "momentum": 0.9, "lr": 0.025, "min_lr": 1e-4, "schedule": "cosine_power",
        "power": options.power, "warmup_epochs": 5.min(options.darts.common.epochs / 4), "weight_decay": 3e-4,
        "decay_all": true, "batch_size": 48, "clip_norm": 5.0,
    })
}
