//! Compiles nodes of a document. A faulty node becomes `null`, so that all faults of a document are found in one pass.

mod choices;
mod numbers;
mod sequences;

use super::document::escape;
use super::expression::Expression;
use super::node::{Kind, Node};
use super::weight::{MAX_LEVELS, MAX_WORK};
use crate::fault::Faults;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

const OPERATORS: &str = "$oneof, $manyof, $perm, $bool, $optional, $int, $float, $repeat, $path, $ref, $var, $eval";

pub(super) struct Compiler<'a> {
    definitions: &'a Map<String, Value>,
    compiled: BTreeMap<&'a str, Arc<Node>>,
    /// Definitions that are being compiled, outermost first.
    open: Vec<&'a str>,
    /// Shared variables that may be used here, with their weights.
    pub variables: Vec<(String, u64)>,
    pub faults: Faults,
    /// Decision points met so far, each definition counted once.
    pub points: usize,
    /// Nodes above the one that is being compiled, definitions spelled out.
    depth: usize,
    /// Steps of counting spent so far.
    work: u64,
}

impl<'a> Compiler<'a> {
    /// A compiler that knows the definitions and the faults found so far.
    pub fn new(definitions: &'a Map<String, Value>, faults: Faults) -> Self {
        let (compiled, open, variables) = (BTreeMap::new(), Vec::new(), Vec::new());
        Compiler { definitions, compiled, open, variables, faults, points: 0, depth: 0, work: 0 }
    }

    /// Compiles a value and all below it.
    pub fn node(&mut self, json: &Value, pointer: &str) -> Node {
        if self.depth >= MAX_LEVELS {
            self.too_deep(pointer);
            return Node::constant(Value::Null);
        }
        self.depth += 1;
        let node = self.node_below(json, pointer);
        self.depth -= 1;
        node
    }

    fn too_deep(&mut self, pointer: &str) {
        let detail = format!("with definitions spelled out, this is deeper than {MAX_LEVELS} levels");
        self.faults.push(pointer, detail);
    }

    /// Spends steps of counting; a document that needs too many is refused before they are made.
    fn spend(&mut self, steps: u64, pointer: &str) -> Option<()> {
        self.work = self.work.saturating_add(steps);
        if self.work > MAX_WORK {
            self.faults.push(pointer, "the space is too large to be counted: offer fewer states, steps or candidates");
            return None;
        }
        Some(())
    }

    fn node_below(&mut self, json: &Value, pointer: &str) -> Node {
        match json {
            Value::Array(items) => {
                let nodes = items.iter().enumerate().map(|(i, item)| self.node(item, &format!("{pointer}/{i}")));
                container(Kind::Array(nodes.collect()), json)
            }
            Value::Object(members) => match operator(members) {
                Some((name, argument)) => self.operator(name, argument, &format!("{pointer}/{name}")),
                None => self.object(members, json, pointer),
            },
            constant => Node::constant(constant.clone()),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, json: &Value, pointer: &str) -> Node {
        for key in members.keys().filter(|key| key.starts_with('$')) {
            let detail = format!("`{key}` must stand alone in its object to be an operator; there are {OPERATORS}");
            self.faults.push(format!("{pointer}/{}", escape(key)), detail);
        }
        let mut sorted: Vec<_> = members.iter().collect();
        sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        let compile =
            |(key, member): (&String, &Value)| (key.clone(), self.node(member, &format!("{pointer}/{}", escape(key))));
        container(Kind::Object(sorted.into_iter().map(compile).collect()), json)
    }

    fn operator(&mut self, name: &str, argument: &Value, pointer: &str) -> Node {
        let kind = match name {
            "$oneof" => self.one_of(argument, pointer),
            "$manyof" => self.many_of(argument, pointer),
            "$perm" => self.permutation(argument, pointer),
            "$bool" => self.boolean(argument, pointer),
            "$optional" => self.optional(argument, pointer),
            "$int" => self.integer(argument, pointer),
            "$float" => self.float(argument, pointer),
            "$repeat" => self.repeat(argument, pointer),
            "$path" => self.path(argument, pointer),
            "$ref" => self.reference(argument, pointer),
            "$var" => self.variable(argument, pointer),
            "$eval" => Some(Kind::Derived(self.expression(argument, pointer, false))),
            other => {
                self.faults.push(pointer, format!("`{other}` is no operator; there are {OPERATORS}"));
                None
            }
        };
        let Some(kind) = kind else { return Node::constant(Value::Null) };
        let variable = |name: &str| self.variables.iter().find(|known| known.0 == name).map_or(0, |known| known.1);
        let borrowed = match &kind {
            Kind::Variable(name) => variable(name),
            Kind::Derived(expression) => expression.weight(&variable),
            _ => 0,
        };
        Node::borrowing(kind, borrowed)
    }

    fn reference(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        let name = argument.as_str().unwrap_or_default();
        let Some((name, definition)) = self.definitions.get_key_value(name) else {
            let known: Vec<&str> = self.definitions.keys().map(String::as_str).collect();
            self.faults.push(pointer, format!("there is no definition `{name}` in `defs` ({})", known.join(", ")));
            return None;
        };
        if let Some(node) = self.compiled.get(name.as_str()).cloned() {
            if self.depth + node.depth > MAX_LEVELS {
                self.too_deep(pointer);
                return None;
            }
            return Some(Kind::Definition(node));
        }
        if self.open.contains(&name.as_str()) {
            let chain = self.open.join(" → ");
            self.faults.push(pointer, format!("definitions must not be recursive: {chain} → {name}"));
            return None;
        }
        self.open.push(name);
        let node = Arc::new(self.node(definition, &format!("/defs/{}", escape(name))));
        self.open.pop();
        self.compiled.insert(name, node.clone());
        Some(Kind::Definition(node))
    }

    fn variable(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        let name = argument.as_str().unwrap_or_default();
        if self.variables.iter().any(|known| known.0 == name) {
            return Some(Kind::Variable(name.to_owned()));
        }
        let known = self.variables.iter().map(|known| known.0.as_str()).collect::<Vec<_>>().join(", ");
        self.faults.push(pointer, format!("there is no variable `{name}` in `shared` that may be used here ({known})"));
        None
    }

    /// Compiles the argument of `$eval`.
    pub fn expression(&mut self, json: &Value, pointer: &str, gets: bool) -> Expression {
        let variables = &self.variables;
        let known = |name: &str| variables.iter().any(|variable| variable.0 == name);
        Expression::parse(json, pointer, &known, gets, &mut self.faults)
    }

    /// Definitions that nothing refers to are compiled too, for their faults.
    pub fn unused_definitions(&mut self) {
        let names: Vec<String> = self.definitions.keys().cloned().collect();
        for name in names {
            if !self.compiled.contains_key(name.as_str()) {
                self.reference(&Value::String(name.clone()), &format!("/defs/{}", escape(&name)));
            }
        }
    }

    /// The object that an operator takes; its unknown members are faults. `hint` is free for other programs.
    fn arguments<'j>(&mut self, json: &'j Value, known: &[&str], pointer: &str) -> Option<&'j Map<String, Value>> {
        let Value::Object(map) = json else {
            self.faults.push(pointer, format!("must be an object with {}", known.join(", ")));
            return None;
        };
        for key in map.keys().filter(|key| !known.contains(&key.as_str()) && *key != "hint") {
            let detail = format!("unknown member; known are {}", known.join(", "));
            self.faults.push(format!("{pointer}/{}", escape(key)), detail);
        }
        Some(map)
    }

    fn flag(&mut self, map: &Map<String, Value>, key: &str, default: bool, pointer: &str) -> bool {
        match map.get(key) {
            None => default,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.faults.push(format!("{pointer}/{key}"), "must be true or false");
                default
            }
        }
    }
}

/// The operator of an object with exactly one key that starts with `$`.
fn operator(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = members.iter().next()?;
    (members.len() == 1 && key.starts_with('$')).then_some((key.as_str(), argument))
}

/// A container; without decisions in it, it is a constant.
fn container(kind: Kind, json: &Value) -> Node {
    let constant = match &kind {
        Kind::Array(items) => items.iter().all(is_constant),
        Kind::Object(members) => members.iter().all(|(_, node)| is_constant(node)),
        _ => false,
    };
    if constant { Node::constant(json.clone()) } else { Node::new(kind) }
}

fn is_constant(node: &Node) -> bool {
    matches!(node.kind, Kind::Constant(_))
}
