//! Differentiable architecture search and its remedies. See `README.md`.

mod options;

pub use options::Options;

use super::Problem;
use super::shared_weights::{Common, SharedWeights, Supernet, sgd};
use crate::fault::Faults;
use crate::network::Opening;
use crate::supernet::{Alternation, Architecture, Mixture, SupernetPlan, Watch};
use serde_json::{Value, json};

pub struct Darts;

impl SharedWeights for Darts {
    const NAME: &'static str = "darts";
    const SUMMARY: &'static str =
        "Gradient search on a mixture of all candidates (DARTS), with PC-DARTS, early stopping and other remedies.";

    type Options = Options;
    type Own = ();

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(_: &Problem, options: &Options, faults: &mut Faults) {
        options.check(faults);
    }

    fn opening(options: &Options) -> Opening {
        Opening { partial_channels: options.partial_channels as usize }
    }

    fn plan(problem: &Problem, options: &Options, (): &(), supernet: &Supernet) -> SupernetPlan {
        let mixture = match options.max_w {
            true => Mixture::MaxW { detach_max: options.detach_max },
            false => Mixture::Softmax,
        };
        let partial = options.partial_channels > 1;
        let (lr, warmup) = if partial { (6e-4, 15) } else { (3e-4, 0) };
        // The published rest of the logits belongs to fifty epochs.
        let warmup = warmup.min(options.common.epochs * 3 / 10);
        let architecture = options.logits.architecture(mixture, lr, warmup, Alternation::ArchitectureFirst);
        plan(problem, options, supernet, mixture, architecture, recipe(partial))
    }
}

/// DARTS' plan under a relaxation: also that of sharpDARTS.
pub fn plan(
    problem: &Problem,
    options: &Options,
    supernet: &Supernet,
    mixture: Mixture,
    architecture: Architecture,
    mut recipe: Value,
) -> SupernetPlan {
    recipe["drop_path"] = json!(options.drop_path);
    SupernetPlan {
        opening: Opening { partial_channels: options.partial_channels as usize },
        zero_operator: options.logits.adds_zero(supernet),
        edge_normalisation: options.edge_normalisation,
        weight_share: 0.5,
        architecture: Some(Architecture {
            order: options.order.into(),
            beta_decay: options.beta_decay,
            ..architecture
        }),
        watch: Watch {
            eigenvalue_every: options.eigenvalue_every,
            eigenvalue_growth: options.eigenvalue_growth,
            adapt: options.adapt,
            skip_cap: options.skip_cap,
        },
        ..options.common.plan(problem, recipe, mixture)
    }
}

/// Section 4, and section 7 for partial channels.
fn recipe(partial: bool) -> Value {
    match partial {
        true => sgd(0.1, 0.0, 3e-4, false, 256),
        false => sgd(0.025, 0.001, 3e-4, false, 64),
    }
}
