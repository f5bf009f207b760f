//! The outer form of a description, and typed access to its members.

use crate::fault::{Fault, Faults};
use crate::network::Shape;
use crate::space::Template;
use serde_json::Value;
use std::collections::BTreeMap;

/// The members of a description that are never open.
pub(super) struct Document<'a> {
    pub input: Shape,
    pub classes: usize,
    /// Cell templates by name.
    pub cells: BTreeMap<&'a str, &'a Template>,
    pub layers: Vec<&'a Template>,
    /// The auxiliary head and the layer (its `name`) that it reads.
    pub auxiliary: Option<(&'a str, &'a Template)>,
}

impl<'a> Document<'a> {
    /// Reads the members; all faults at once.
    pub fn read(network: &'a Template) -> Result<Document<'a>, Faults> {
        let Template::Object(members) = network else {
            return Err(Faults::one("", "a network is an object with `input`, `classes` and `layers`"));
        };
        let mut faults = Faults::default();
        for key in
            members.keys().filter(|key| !["input", "classes", "cells", "layers", "auxiliary"].contains(&key.as_str()))
        {
            faults.push(format!("/{key}"), "unknown member; a network has input, classes, cells, layers, auxiliary");
        }
        let input = faulty(input(members.get("input")), &mut faults);
        let classes = faulty(whole(members.get("classes"), "/classes"), &mut faults);
        let layers = match members.get("layers") {
            Some(Template::Array(layers)) => layers.iter().collect(),
            _ => {
                faults.push("/layers", "must be an array of layers");
                Vec::new()
            }
        };
        let cells = match members.get("cells") {
            Some(Template::Object(cells)) => cells.iter().map(|(name, cell)| (name.as_str(), cell)).collect(),
            _ => BTreeMap::new(),
        };
        let auxiliary = faulty(auxiliary(members.get("auxiliary")), &mut faults).flatten();
        match (input, classes) {
            (Some(input), Some(classes)) => faults.or(Document { input, classes, cells, layers, auxiliary }),
            _ => Err(faults),
        }
    }
}

fn faulty<T>(result: Result<T, Fault>, faults: &mut Faults) -> Option<T> {
    result.map_err(|fault| faults.0.push(fault)).ok()
}

fn auxiliary(template: Option<&Template>) -> Result<Option<(&str, &Template)>, Fault> {
    let Some(Template::Object(members)) = template else { return Ok(None) };
    match (members.get("after").and_then(text), members.get("head")) {
        (Some(after), Some(head)) => Ok(Some((after, head))),
        _ => Err(Fault::new("/auxiliary", "needs `after` (the name of a layer) and `head` (an operator)")),
    }
}

/// `[channels, height, width]`, or `{"tokens": n}` for a sequence of ids, or `{"features": n}`.
fn input(template: Option<&Template>) -> Result<Shape, Fault> {
    let expected = || {
        Fault::new(
            "/input",
            "must be [channels, height, width], {\"tokens\": length} or {\"features\": length}, all above 0",
        )
    };
    let size = |template: &Template| whole(Some(template), "/input").ok().filter(|size| *size > 0);
    match template {
        Some(Template::Array(sizes)) => match sizes.iter().map(size).collect::<Option<Vec<_>>>().as_deref() {
            Some([channels, height, width]) => Ok(Shape::image(*channels, *height, *width)),
            _ => Err(expected()),
        },
        Some(Template::Object(members)) => match members.iter().next() {
            Some((key, length)) if key == "tokens" => Ok(Shape::Ids { tokens: size(length).ok_or_else(expected)? }),
            Some((key, length)) if key == "features" => {
                Ok(Shape::Vector { channels: size(length).ok_or_else(expected)? })
            }
            _ => Err(expected()),
        },
        _ => Err(expected()),
    }
}

/// The same template with containers of constants spelled out, so that all documents look alike.
pub(super) fn spelled_out(template: &Template) -> Template {
    let all = |nodes: &[Template]| nodes.iter().map(spelled_out).collect();
    match template {
        Template::Constant(value) => open_up(value),
        Template::Array(items) => Template::Array(all(items)),
        Template::Object(members) => {
            Template::Object(members.iter().map(|(key, member)| (key.clone(), spelled_out(member))).collect())
        }
        Template::OneOf { decision, ordered, candidates } => {
            Template::OneOf { decision: decision.clone(), ordered: *ordered, candidates: all(candidates) }
        }
        Template::ManyOf { decision, count, distinct, sorted, candidates } => Template::ManyOf {
            decision: decision.clone(),
            count: *count,
            distinct: *distinct,
            sorted: *sorted,
            candidates: all(candidates),
        },
        Template::Repeat { decision, times, bodies } => {
            Template::Repeat { decision: decision.clone(), times: times.clone(), bodies: all(bodies) }
        }
        Template::Float { .. } | Template::Path { .. } | Template::Derived(_) => template.clone(),
    }
}

/// A plain value as a template.
pub(super) fn open_up(value: &Value) -> Template {
    match value {
        Value::Array(items) => Template::Array(items.iter().map(open_up).collect()),
        Value::Object(members) => {
            Template::Object(members.iter().map(|(key, value)| (key.clone(), open_up(value))).collect())
        }
        scalar => Template::Constant(scalar.clone()),
    }
}

/// The plain value of a template without decisions; otherwise the decision that stands open in it.
pub(super) fn closed(template: &Template) -> Result<Value, &str> {
    match template {
        Template::Constant(value) => Ok(value.clone()),
        Template::Array(items) => items.iter().map(closed).collect::<Result<_, _>>().map(Value::Array),
        Template::Object(members) => {
            let mut map = serde_json::Map::new();
            for (key, value) in members {
                map.insert(key.clone(), closed(value)?);
            }
            Ok(Value::Object(map))
        }
        Template::OneOf { decision, .. }
        | Template::ManyOf { decision, .. }
        | Template::Float { decision, .. }
        | Template::Path { decision, .. } => Err(decision),
        Template::Repeat { decision: Some(decision), .. } => Err(decision),
        Template::Repeat { bodies, .. } => bodies.iter().map(closed).collect::<Result<_, _>>().map(Value::Array),
        Template::Derived(_) => Err("a derived value"),
    }
}

pub(super) fn text(template: &Template) -> Option<&str> {
    match template {
        Template::Constant(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A whole number of at least 0 that must not be open.
pub(super) fn whole(template: Option<&Template>, pointer: &str) -> Result<usize, Fault> {
    let number = template.map(closed).transpose().map_err(|decision| cannot_stay_open(decision, pointer))?;
    let whole = number.as_ref().and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    whole.ok_or_else(|| Fault::new(pointer, "must be a whole number"))
}

pub(super) fn cannot_stay_open(decision: &str, pointer: &str) -> Fault {
    Fault::new(pointer, format!("decision `{decision}` cannot stay open here: choose it before the supernet is built"))
}
