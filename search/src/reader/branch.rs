//! Alternatives of a schema: the one that the author meant is the one whose tag the document carries.

use super::walk::{Walk, allowed, one_of, required};
use crate::fault::{Fault, Faults};
use serde_json::{Map, Value};

/// Visits the alternative that is meant; one fault when none can be told.
pub fn visit<'a>(walk: Walk<'a>, branches: &'a [Value], value: &Value, pointer: &str, faults: &mut Faults) {
    let found = branches.iter().map(|branch| faults_of(walk, branch, value, pointer));
    let mut found: Vec<Faults> = found.collect();
    if found.iter().any(Faults::is_empty) {
        return;
    }
    if let Some(fault) = wrong_tag(walk, branches, value, pointer) {
        faults.0.push(fault);
        return;
    }
    let meant = branches.iter().position(|branch| is_meant(walk, branch, value));
    // Without a tag the nearest alternative is the best guess.
    let nearest = || (0..found.len()).min_by_key(|i| found[*i].0.len());
    if let Some(index) = meant.or_else(nearest) {
        faults.0.append(&mut found[index].0);
    }
}

fn faults_of<'a>(walk: Walk<'a>, branch: &'a Value, value: &Value, pointer: &str) -> Faults {
    let mut faults = Faults::default();
    walk.visit(branch, value, pointer, &mut faults);
    faults
}

/// How a document says which alternative it is.
enum Tag<'a> {
    /// A member with a fixed value: `{"state": "done", …}`.
    Member(&'a str, &'a Value),
    /// The name of the only member: `{"builtin": …}`.
    Name(&'a str),
    /// The value itself.
    Values(Vec<&'a Value>),
}

fn tag<'a>(walk: Walk<'a>, branch: &'a Value) -> Option<Tag<'a>> {
    let schema = walk.resolve(branch).as_object()?;
    if let Some(values) = allowed(schema) {
        return Some(Tag::Values(values));
    }
    let properties = schema.get("properties")?.as_object()?;
    let fixed = |(name, property): (&'a String, &'a Value)| Some(Tag::Member(name, property.get("const")?));
    properties.iter().find_map(fixed).or_else(|| only_member(schema, properties).map(Tag::Name))
}

fn only_member<'a>(schema: &'a Map<String, Value>, properties: &'a Map<String, Value>) -> Option<&'a str> {
    let (name, _) = properties.iter().next().filter(|_| properties.len() == 1)?;
    required(schema).any(|required| required == name).then_some(name)
}

fn is_meant(walk: Walk<'_>, branch: &Value, value: &Value) -> bool {
    match tag(walk, branch) {
        Some(Tag::Member(name, fixed)) => value.get(name) == Some(fixed),
        Some(Tag::Name(name)) => value.get(name).is_some(),
        Some(Tag::Values(values)) => values.contains(&value),
        None => false,
    }
}

/// The fault of a document that carries none of the tags, when the alternatives are told apart by tags alone.
fn wrong_tag<'a>(walk: Walk<'a>, branches: &'a [Value], value: &Value, pointer: &str) -> Option<Fault> {
    let is_null = |branch: &&Value| branch.get("type").is_some_and(|name| name == "null");
    let tags: Vec<Tag<'a>> =
        branches.iter().filter(|branch| !is_null(branch)).map(|branch| tag(walk, branch)).collect::<Option<_>>()?;
    if branches.iter().any(|branch| is_meant(walk, branch, value)) {
        return None;
    }
    let mut place = pointer.to_owned();
    let mut choices = Vec::new();
    for tag in tags {
        match tag {
            Tag::Member(name, fixed) => {
                if value.is_object() {
                    place = format!("{pointer}/{name}");
                }
                choices.push(fixed.clone());
            }
            Tag::Name(name) => choices.push(Value::String(format!("{{\"{name}\": …}}"))),
            Tag::Values(values) => choices.extend(values.into_iter().cloned()),
        }
    }
    let choices: Vec<&Value> = choices.iter().collect();
    (!choices.is_empty()).then(|| Fault::new(place, one_of(&choices)))
}
