//! How deep a layer stands, as a share of the network: stochastic depth grows with it (Huang et al. 2016, section 3).

use super::Lowering;
use crate::space::Template;
use serde_json::Value;

/// Layers on the longest way through a sequence; a cell counts as one.
pub(super) fn layers(sequence: &[&Template]) -> usize {
    sequence.iter().map(|layer| longest(layer)).fold(0, usize::saturating_add)
}

fn longest(layer: &Template) -> usize {
    match layer {
        Template::Constant(Value::Null) => 0,
        Template::Array(inner) | Template::Repeat { bodies: inner, .. } => {
            inner.iter().map(longest).fold(0, usize::saturating_add)
        }
        Template::OneOf { candidates, .. } => candidates.iter().map(longest).max().unwrap_or(0),
        Template::Object(members) => match (members.get("stage"), members.get("sequence")) {
            (Some(Template::Object(stage)), _) => repeats(stage.get("repeat")),
            (_, Some(sequence)) => longest(sequence),
            _ => 1,
        },
        _ => 1,
    }
}

fn repeats(repeat: Option<&Template>) -> usize {
    let number = |template: &Template| match template {
        Template::Constant(value) => value.as_u64().and_then(|times| usize::try_from(times).ok()),
        _ => None,
    };
    match repeat {
        Some(Template::OneOf { candidates, .. }) => candidates.iter().filter_map(number).max().unwrap_or(1),
        Some(repeat) => number(repeat).unwrap_or(1),
        None => 1,
    }
}

impl Lowering<'_> {
    /// Share of the network that lies before the layer to come: 0 for the first, 1 for the last.
    pub(super) fn depth(&self) -> f64 {
        match self.layers {
            0 | 1 => 0.0,
            layers => (self.passed as f64 / (layers - 1) as f64).min(1.0),
        }
    }
}
