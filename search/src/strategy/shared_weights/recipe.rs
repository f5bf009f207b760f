//! The plan that all methods start from, and the recipe of the shared weights in it.

use super::Common;
use crate::network::Opening;
use crate::space::Template;
use crate::strategy::Problem;
use crate::supernet::{Derivation, Mixture, SupernetPlan, Watch};
use serde_json::{Map, Value};

/// Augmentation that belongs to the data rather than to the method: taken over from the space's own recipe.
const OF_THE_DATA: [&str; 2] = ["crop_padding", "flip"];

impl Common {
    /// The plan that methods start from: no architecture of its own, the strongest network and samples beside it. The
    /// published recipe stands on this space's augmentation; the study's fields go over it, the options' over all.
    pub fn plan(&self, problem: &Problem, published: Value, mixture: Mixture) -> SupernetPlan {
        SupernetPlan {
            opening: Opening::default(),
            zero_operator: false,
            edge_normalisation: false,
            recipe: weights_recipe(problem, published, &self.recipe),
            weight_share: 1.0,
            mixture,
            architecture: None,
            cost: None,
            watch: Watch::default(),
            derivation: Derivation::Strongest,
            samples: self.candidates.saturating_sub(1),
            finalists: None,
            least_batch: self.least_batch.map(|batch| batch as usize),
        }
    }
}

fn weights_recipe(problem: &Problem, published: Value, given: &Map<String, Value>) -> Map<String, Value> {
    let mut recipe = augmentation(problem);
    for fields in [published.as_object(), Some(&problem.recipe), Some(given)].into_iter().flatten() {
        recipe.extend(fields.clone());
    }
    recipe
}

fn augmentation(problem: &Problem) -> Map<String, Value> {
    let mut fields = Map::new();
    for name in OF_THE_DATA {
        if let Some(value) = constant(&problem.space.template(), &["recipe", name]) {
            fields.insert(name.into(), value);
        }
    }
    fields
}

/// The value at a path of members, unless a decision stands there.
fn constant(template: &Template, path: &[&str]) -> Option<Value> {
    match (template, path) {
        (Template::Constant(value), path) => path.iter().try_fold(value, |value, member| value.get(member)).cloned(),
        (Template::Object(members), [first, rest @ ..]) => constant(members.get(*first)?, rest),
        _ => None,
    }
}

/// SGD over a half cosine, as DARTS and its descendants train shared weights (section 4).
pub fn sgd(lr: f64, min_lr: f64, weight_decay: f64, nesterov: bool, batch_size: u32) -> Value {
    serde_json::json!({
        "optimizer": "sgd", "momentum": 0.9, "nesterov": nesterov, "lr": lr, "min_lr": min_lr, "schedule": "cosine",
        "weight_decay": weight_decay, "decay_all": true, "batch_size": batch_size, "clip_norm": 5.0,
    })
}
