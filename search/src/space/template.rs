//! A space with its decisions left open: what a supernet is lowered from.

use super::Expression;
use serde_json::Value;
use std::collections::BTreeMap;

/// A JSON value in which any part may be a decision. Definitions (`$ref`) are expanded; a shared variable appears at
/// each of its places under the same decision id.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    Constant(Value),
    Array(Vec<Template>),
    Object(BTreeMap<String, Template>),
    /// `$oneof`, `$bool`, `$optional`, `$int`, gridded `$float`.
    OneOf {
        decision: String,
        ordered: bool,
        candidates: Vec<Template>,
    },
    /// `$manyof`, `$perm`.
    ManyOf {
        decision: String,
        count: usize,
        distinct: bool,
        sorted: bool,
        candidates: Vec<Template>,
    },
    Float {
        decision: String,
        min: f64,
        max: f64,
    },
    /// `$repeat`: `times` are the possible lengths (one entry when fixed), `bodies` the longest array.
    Repeat {
        decision: Option<String>,
        times: Vec<usize>,
        bodies: Vec<Template>,
    },
    /// `$path`, kept whole: per step the reachable states and what each emits.
    Path {
        decision: String,
        steps: Vec<BTreeMap<String, Template>>,
    },
    /// `$eval` that depends on an open decision.
    Derived(Expression),
}
