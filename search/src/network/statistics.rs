//! Free statistics of a candidate: what is known of it before anything is trained.

use super::{Graph, Layer, Primitive, Recipe, cost, lower};
use crate::fault::Faults;
use serde_json::Value;
use std::collections::BTreeMap;

/// The network description of a candidate document `{"network": …, "recipe": …}`; `None` for an external space.
pub fn network_of(candidate: &Value) -> Option<&Value> {
    candidate.get("network")
}

/// `params`, `flops` (multiply-adds for one sample) and `depth` of a candidate, or why it cannot be built or trained.
/// Empty for candidates of external spaces.
pub fn statistics(candidate: &Value) -> Result<BTreeMap<String, f64>, Faults> {
    let Some(network) = network_of(candidate) else { return Ok(BTreeMap::new()) };
    let mut faults = Faults::default();
    if let Some(recipe) = candidate.get("recipe")
        && let Err(inner) = Recipe::read(recipe)
    {
        faults.nest("/recipe", inner);
    }
    match lower(network) {
        Ok(graph) => faults.or(of_graph(&graph)),
        Err(inner) => {
            faults.nest("/network", inner);
            Err(faults)
        }
    }
}

fn of_graph(graph: &Graph) -> BTreeMap<String, f64> {
    let cost = cost(graph);
    let entries = [("params", cost.params as f64), ("flops", cost.flops as f64), ("depth", depth(graph) as f64)];
    entries.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Layers with weights on the longest way from input to output.
fn depth(graph: &Graph) -> usize {
    let mut depths: Vec<usize> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let before = node.inputs.iter().map(|input| depths[input.0]).max().unwrap_or(0);
        let weighs =
            matches!(node.layer, Layer::Primitive { primitive: Primitive::Conv2d { .. } | Primitive::Linear { .. } });
        depths.push(before + usize::from(weighs));
    }
    depths[graph.output.0]
}
