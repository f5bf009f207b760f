//! Reads a space document: its outer form, definitions, shared variables and limits.

use super::compile::Compiler;
use super::expression::Expression;
use super::node::Node;
use super::weight::MAX_WEIGHT;
use crate::fault::Faults;
use serde_json::{Map, Value};

/// Limits of a document (space-language §9).
pub(super) const MAX_BYTES: usize = 1 << 20;
pub(super) const MAX_POINTS: usize = 100_000;
pub(super) const MAX_DEPTH: usize = 64;

/// A document's compiled parts.
#[derive(Debug)]
pub(super) struct Compiled {
    pub name: String,
    /// In ascending byte order of their names.
    pub shared: Vec<(String, Node)>,
    pub root: Node,
    pub constraints: Vec<Expression>,
}

pub(super) fn read(document: &Value) -> Result<Compiled, Faults> {
    let Value::Object(members) = document else {
        return Err(Faults::one("", "a space is an object with `nas_space`, `name` and `root`"));
    };
    if depth_exceeds(document, MAX_DEPTH) {
        return Err(Faults::one("", format!("the document is nested deeper than {MAX_DEPTH} levels")));
    }
    let mut faults = Faults::default();
    let name = outer_form(members, &mut faults);
    let empty = Map::new();
    let mut compiler = Compiler::new(section(members, "defs", &empty, &mut faults), faults);
    let shared = shared_variables(section(members, "shared", &empty, &mut compiler.faults), &mut compiler);
    let root = compiler.node(members.get("root").unwrap_or(&Value::Null), "/root");
    let constraints = constraints(members.get("constraints"), &mut compiler);
    compiler.unused_definitions();
    let weight = shared.iter().fold(root.weight, |sum, (_, node)| sum.saturating_add(node.weight));
    if weight > MAX_WEIGHT {
        let detail = format!(
            "spelled out, the space has more than {MAX_WEIGHT} decisions and values: definitions or repeats multiply too far"
        );
        compiler.faults.push("/root", detail);
    }
    if compiler.points > MAX_POINTS {
        compiler
            .faults
            .push("", format!("the document has {} decision points, {MAX_POINTS} are allowed", compiler.points));
    }
    compiler.faults.or(Compiled { name, shared, root, constraints })
}

fn outer_form(members: &Map<String, Value>, faults: &mut Faults) -> String {
    const KNOWN: [&str; 6] = ["nas_space", "name", "defs", "shared", "root", "constraints"];
    for key in members.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        faults.push(format!("/{}", escape(key)), format!("unknown member; a space has {}", KNOWN.join(", ")));
    }
    if members.get("nas_space") != Some(&Value::from(1)) {
        faults.push("/nas_space", "must be 1, the version of the space language");
    }
    if !members.contains_key("root") {
        faults.push("/root", "is missing: the value that is searched");
    }
    match members.get("name") {
        Some(Value::String(name)) if !name.is_empty() => name.clone(),
        _ => {
            faults.push("/name", "must be a text that is not empty");
            String::new()
        }
    }
}

fn section<'a>(
    members: &'a Map<String, Value>,
    key: &str,
    empty: &'a Map<String, Value>,
    faults: &mut Faults,
) -> &'a Map<String, Value> {
    match members.get(key) {
        None => empty,
        Some(Value::Object(map)) => map,
        Some(_) => {
            faults.push(format!("/{key}"), "must be an object of named nodes");
            empty
        }
    }
}

/// Compiles shared variables by name; each may use those before it.
fn shared_variables(shared: &Map<String, Value>, compiler: &mut Compiler<'_>) -> Vec<(String, Node)> {
    let mut names: Vec<&String> = shared.keys().collect();
    names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    let mut nodes = Vec::with_capacity(names.len());
    for name in names {
        let node = compiler.node(&shared[name], &format!("/shared/{}", escape(name)));
        compiler.variables.push((name.clone(), node.weight));
        nodes.push((name.clone(), node));
    }
    nodes
}

fn constraints(list: Option<&Value>, compiler: &mut Compiler<'_>) -> Vec<Expression> {
    match list {
        None => Vec::new(),
        Some(Value::Array(items)) => {
            let parse = |(i, item): (usize, &Value)| compiler.expression(item, &format!("/constraints/{i}"), true);
            items.iter().enumerate().map(parse).collect()
        }
        Some(_) => {
            compiler.faults.push("/constraints", "must be an array of expressions");
            Vec::new()
        }
    }
}

fn depth_exceeds(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left == 0 || items.iter().any(|item| depth_exceeds(item, left - 1)),
        Value::Object(members) => left == 0 || members.values().any(|member| depth_exceeds(member, left - 1)),
        _ => false,
    }
}

/// A key as a token of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
