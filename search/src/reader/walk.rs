//! The walk of a document along a schema, for the part of JSON Schema that `schemars` writes.

use super::branch;
use crate::fault::Faults;
use serde_json::{Map, Value};

/// All places where a document departs from a schema.
pub fn faults(schema: &Value, document: &Value) -> Faults {
    let mut faults = Faults::default();
    Walk { root: schema }.visit(schema, document, "", &mut faults);
    faults
}

/// A walk through a document beside its schema.
#[derive(Clone, Copy)]
pub struct Walk<'a> {
    /// Holds the definitions that references name.
    root: &'a Value,
}

impl<'a> Walk<'a> {
    /// Adds the faults of a value at a pointer.
    pub fn visit(self, schema: &'a Value, value: &Value, pointer: &str, faults: &mut Faults) {
        let Some(schema) = self.resolve(schema).as_object() else { return };
        if let Some(branches) = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array()) {
            branch::visit(self, branches, value, pointer, faults);
        }
        if let Some(allowed) = allowed(schema) {
            if !allowed.contains(&value) {
                faults.push(pointer, one_of(&allowed));
            }
            return;
        }
        if !has_type(schema, value) {
            faults.push(pointer, format!("{}, not {}", wanted(schema), describe(value)));
            return;
        }
        match value {
            Value::Object(members) => self.visit_members(schema, members, pointer, faults),
            Value::Array(items) => self.visit_items(schema, items, pointer, faults),
            Value::Number(number) => check_range(schema, number.as_f64().unwrap_or_default(), pointer, faults),
            _ => {}
        }
    }

    fn visit_members(self, schema: &'a Map<String, Value>, value: &Map<String, Value>, at: &str, faults: &mut Faults) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let known = |name: &str| properties.and_then(|properties| properties.get(name));
        for name in required(schema) {
            if !value.contains_key(name) {
                faults.push(format!("{at}/{}", escape(name)), "is missing");
            }
        }
        for (name, inner) in value {
            let pointer = format!("{at}/{}", escape(name));
            match (known(name), schema.get("additionalProperties")) {
                (Some(property), _) => self.visit(property, inner, &pointer, faults),
                (None, Some(Value::Bool(false))) => {
                    let names: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                    faults.push(pointer, format!("is not known here; known are {}", names.join(", ")));
                }
                (None, Some(rest)) => self.visit(rest, inner, &pointer, faults),
                (None, None) => {}
            }
        }
    }

    fn visit_items(self, schema: &'a Map<String, Value>, items: &[Value], at: &str, faults: &mut Faults) {
        let Some(each) = schema.get("items") else { return };
        for (i, item) in items.iter().enumerate() {
            self.visit(each, item, &format!("{at}/{i}"), faults);
        }
    }

    /// Follows references into the definitions.
    pub fn resolve(self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
        match target.and_then(|to| self.root.pointer(to)) {
            Some(target) => self.resolve(target),
            None => schema,
        }
    }
}

/// Names of the members that must be there.
pub fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The values that an `enum` or `const` allows.
pub fn allowed(schema: &Map<String, Value>) -> Option<Vec<&Value>> {
    if let Some(only) = schema.get("const") {
        return Some(vec![only]);
    }
    Some(schema.get("enum")?.as_array()?.iter().collect())
}

/// `one of a, b`
pub fn one_of(allowed: &[&Value]) -> String {
    let words: Vec<String> =
        allowed.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    format!("one of {}", words.join(", "))
}

fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(schema: &Map<String, Value>, value: &Value) -> bool {
    let types = types(schema);
    types.is_empty() || types.iter().any(|name| is_of(name, value))
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn wanted(schema: &Map<String, Value>) -> String {
    let words = types(schema).into_iter().map(|name| match name {
        "object" => "an object",
        "array" => "a list",
        "string" => "text",
        "boolean" => "true or false",
        "number" => "a number",
        "integer" => "a whole number",
        other => other,
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn describe(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => other.to_string(),
    }
}

fn check_range(schema: &Map<String, Value>, value: f64, pointer: &str, faults: &mut Faults) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let widest = match schema.get("format").and_then(Value::as_str) {
        Some("uint32") => Some(f64::from(u32::MAX)),
        Some("int32") => Some(f64::from(i32::MAX)),
        _ => None,
    };
    if let Some(min) = bound("minimum").filter(|min| value < *min) {
        faults.push(pointer, format!("at least {min}"));
    }
    if let Some(max) = bound("maximum").or(widest).filter(|max| value > *max) {
        faults.push(pointer, format!("at most {max}"));
    }
}

/// A member's name in a JSON pointer (RFC 6901, section 3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
