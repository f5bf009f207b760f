//! From the compiled space to its template, decisions left open.

use super::node::{Kind, Node};
use super::place::Place;
use super::template::Template;
use std::collections::BTreeMap;

/// The template of a node. `variables` are the templates of the shared variables.
pub(super) fn template(node: &Node, place: &Place<'_>, variables: &BTreeMap<String, Template>) -> Template {
    let of = |node: &Node, place: &Place<'_>| template(node, place, variables);
    let candidates = |nodes: &[Node], place: &Place<'_>| {
        nodes.iter().enumerate().map(|(i, node)| of(node, &place.candidate(i, nodes.len()))).collect()
    };
    match &node.kind {
        Kind::Constant(value) => Template::Constant(value.clone()),
        Kind::Definition(node) => of(node, place),
        Kind::Variable(name) => variables.get(name).cloned().unwrap_or(Template::Constant(serde_json::Value::Null)),
        Kind::Derived(expression) => Template::Derived(expression.clone()),
        Kind::Array(nodes) => {
            Template::Array(nodes.iter().enumerate().map(|(i, node)| of(node, &place.element(i))).collect())
        }
        Kind::Object(members) => {
            Template::Object(members.iter().map(|(key, node)| (key.clone(), of(node, &place.member(key)))).collect())
        }
        Kind::OneOf(choice) => Template::OneOf {
            decision: place.id(),
            ordered: choice.ordered,
            candidates: candidates(&choice.candidates, place),
        },
        Kind::ManyOf(many) => Template::ManyOf {
            decision: place.id(),
            count: many.count,
            distinct: many.distinct,
            sorted: many.sorted,
            candidates: candidates(&many.candidates, place),
        },
        Kind::Float(float) => Template::Float { decision: place.id(), min: float.min, max: float.max },
        Kind::Repeat(repeat) => {
            let body = |i: usize| of(&repeat.body, &place.element(if repeat.tie { 0 } else { i }));
            Template::Repeat {
                decision: repeat.open.then(|| place.id()),
                times: repeat.times.clone(),
                bodies: (0..repeat.longest()).map(body).collect(),
            }
        }
        Kind::Path(path) => {
            let step = |step: usize| {
                let place = place.element(step);
                let reachable = path.states.iter().enumerate();
                let reachable = reachable.filter(|(i, _)| path.completions[step][*i] != super::Size::zero());
                reachable.map(|(_, s)| (s.name.clone(), of(&s.emit, &place.member(&s.name)))).collect()
            };
            Template::Path { decision: place.id(), steps: (0..path.length).map(step).collect() }
        }
    }
}
