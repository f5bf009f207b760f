//! From a genotype to the plain JSON value that it stands for.

use super::expression::Scope;
use super::node::{Kind, Node};
use super::tree::Tree;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// The value of a node under a tree; the error says why a derived value cannot be computed.
pub(super) fn value(node: &Node, tree: &Tree, variables: &BTreeMap<String, Value>) -> Result<Value, String> {
    match (&node.kind, tree) {
        (Kind::Constant(constant), _) => Ok(constant.clone()),
        (Kind::Definition(node), tree) => value(node, tree, variables),
        (Kind::Variable(name), _) => variables.get(name).cloned().ok_or_else(|| format!("`{name}` has no value")),
        (Kind::Derived(expression), _) => expression.evaluate(&Scope { variables, value: None }),
        (Kind::Array(nodes), Tree::Items(trees)) => {
            let values = nodes.iter().zip(trees).map(|(node, tree)| value(node, tree, variables));
            values.collect::<Result<_, _>>().map(Value::Array)
        }
        (Kind::Object(members), Tree::Items(trees)) => {
            let member = |((key, node), tree): (&(String, Node), &Tree)| {
                value(node, tree, variables).map(|value| (key.clone(), value))
            };
            members.iter().zip(trees).map(member).collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => value(&choice.candidates[*index], child, variables),
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) => {
            let values = chosen.iter().map(|(index, child)| value(&many.candidates[*index], child, variables));
            values.collect::<Result<_, _>>().map(Value::Array)
        }
        (Kind::Float(_), Tree::Float(real)) => {
            Number::from_f64(*real).map(Value::Number).ok_or_else(|| format!("{real} is not finite"))
        }
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
            let values = bodies.iter().map(|body| value(&repeat.body, body, variables));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            let times = repeat.times[*index];
            let all = if repeat.tie {
                values.first().map(|one| vec![one.clone(); times]).unwrap_or_default()
            } else {
                values
            };
            Ok(Value::Array(all))
        }
        (Kind::Path(path), Tree::Path(steps)) => {
            let values = steps.iter().map(|(state, emit)| value(&path.states[*state].emit, emit, variables));
            values.collect::<Result<_, _>>().map(Value::Array)
        }
        _ => Ok(Value::Null),
    }
}
