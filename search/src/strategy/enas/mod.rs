//! A controller draws networks and is rewarded by their accuracy. See `README.md`.

use super::Problem;
use super::shared_weights::{Common, Finals, SharedWeights, Supernet, not_negative, sgd};
use crate::fault::Faults;
use crate::supernet::{Alternation, Architecture, Controller, Derivation, Mixture, Order, SupernetPlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub struct Enas;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    #[serde(flatten)]
    pub finals: Finals,
    /// Updates of the controller after every epoch.
    #[schemars(range(min = 1))]
    pub updates: u32,
    /// Networks that are drawn for one update.
    #[schemars(range(min = 1))]
    pub samples: u32,
    /// Learning rate of the controller (Adam).
    pub controller_lr: f64,
    /// Weight of the entropy of its draws in the reward.
    #[schemars(range(min = 0.0))]
    pub entropy_weight: f64,
    /// Share of the old baseline in the new one.
    #[schemars(range(min = 0.0))]
    pub baseline_decay: f64,
}

impl Default for Options {
    fn default() -> Self {
        let common = Common { epochs: 250, ..Common::default() };
        Options {
            common,
            finals: Finals::default(),
            updates: 50,
            samples: 20,
            controller_lr: 1e-3,
            entropy_weight: 1e-4,
            baseline_decay: 0.99,
        }
    }
}

impl Options {
    fn controller(&self) -> Controller {
        Controller {
            updates: self.updates,
            samples: self.samples,
            baseline_decay: self.baseline_decay,
            entropy_weight: self.entropy_weight,
            temperature: 5.0,
            tanh_constant: 2.5,
            clip_norm: 5.0,
        }
    }
}

impl SharedWeights for Enas {
    const NAME: &'static str = "enas";
    const SUMMARY: &'static str =
        "A recurrent controller draws networks and learns from their accuracy by REINFORCE (ENAS).";

    type Options = Options;
    type Own = ();

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.finals.check(&options.common, faults);
        for (name, value) in [("updates", options.updates), ("samples", options.samples)] {
            if value == 0 {
                faults.push(format!("/{name}"), "must be at least 1");
            }
        }
        if !(options.controller_lr > 0.0 && options.controller_lr.is_finite()) {
            faults.push("/controller_lr", "must be above 0");
        }
        not_negative("entropy_weight", options.entropy_weight, faults);
        if !(0.0..1.0).contains(&options.baseline_decay) {
            faults.push("/baseline_decay", "must be at least 0 and below 1");
        }
    }

    fn plan(problem: &Problem, options: &Options, (): &(), _: &Supernet) -> SupernetPlan {
        let common = &options.common;
        SupernetPlan {
            weight_share: 0.5,
            architecture: Some(Architecture {
                mixture: Mixture::Controller,
                lr: options.controller_lr,
                betas: [0.0, 0.999],
                weight_decay: 0.0,
                order: Order::First,
                warmup_epochs: 0,
                alternation: Alternation::Epochs,
                deviation: 0.0,
                beta_decay: 0.0,
                controller: Some(options.controller()),
            }),
            derivation: Derivation::Finalists,
            samples: 0,
            finalists: Some(options.finals.drawn_from(Mixture::Controller)),
            ..common.plan(problem, sgd(0.025, 0.001, 5e-4, true, 64), Mixture::Controller)
        }
    }
}
