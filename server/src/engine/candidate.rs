//! From a genotype to what a worker trains: the candidate document and its free statistics.

use crate::app::Values;
use search::fault::Faults;
use search::network;
use search::space::{Genotype, Space};
use search::study::Training;
use serde_json::{Value, json};

/// A space whose root has no `network` is external: its candidates are whatever their trainer understands.
pub(super) fn is_external(space: &Space) -> bool {
    space.document().get("root").is_none_or(|root| root.get("network").is_none())
}

/// The candidate that is trained: the materialised root, with the study's recipe fields over its own.
pub(super) fn candidate(space: &Space, genotype: &Genotype, training: &Training) -> Result<Value, Faults> {
    let mut value = space.materialise(genotype)?;
    if !training.recipe.is_empty() {
        overlay(&mut value, training);
    }
    Ok(value)
}

/// Puts the study's recipe fields over those of a candidate.
pub(super) fn overlay(candidate: &mut Value, training: &Training) {
    let Some(object) = candidate.as_object_mut() else { return };
    let recipe = object.entry("recipe").or_insert_with(|| json!({}));
    if let Some(recipe) = recipe.as_object_mut() {
        recipe.extend(training.recipe.clone());
    }
}

/// The free statistics of a candidate document; empty for external spaces. `Err` says why it cannot be built.
pub(super) fn statistics(candidate: &Value, external: bool) -> Result<Values, String> {
    if external {
        return Ok(Values::new());
    }
    network::statistics(candidate).map_err(|faults| faults.to_string())
}
