//! `nasbench201`: cells of six edges (Dong and Yang, "NAS-Bench-201", ICLR 2020).

use super::options::{between, image};
use super::{Notation, ReadyMade};
use crate::fault::Faults;
use crate::space::{Genotype, Space};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `nasbench201`.
pub struct NasBench201;

const OPERATIONS: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

/// Options of `nasbench201`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Channels of the first stage; they double twice.
    pub channels: usize,
    /// Cells of each of the three stages.
    pub cells: usize,
    pub classes: usize,
    /// `[channels, height, width]` of an image.
    pub input: [usize; 3],
}

impl Default for Options {
    fn default() -> Self {
        Options { channels: 16, cells: 5, classes: 10, input: [3, 32, 32] }
    }
}

impl ReadyMade for NasBench201 {
    const NAME: &'static str = "nasbench201";
    const SUMMARY: &'static str = "15,625 cells of six edges with five operations (Dong and Yang, ICLR 2020)";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("channels", options.channels, 1, 1024, faults);
        between("cells", options.cells, 1, 100, faults);
        between("classes", options.classes, 2, 100_000, faults);
        image(options.input, 4, faults);
    }

    fn document(options: &Options) -> Value {
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "defs": {"op": {"$oneof": OPERATIONS}},
            "root": {
                "network": {
                    "input": options.input,
                    "classes": options.classes,
                    "cells": {"cell": cell()},
                    "layers": layers(options),
                },
                "recipe": {
                    "optimizer": "sgd",
                    "momentum": 0.9,
                    "nesterov": true,
                    "lr": 0.1,
                    "schedule": "cosine",
                    "weight_decay": 5e-4,
                    "decay_all": true,
                    "batch_size": 256,
                    "clip_norm": 0.0,
                    "crop_padding": options.input[1] / 8,
                    "flip": true,
                },
            },
        })
    }

    fn notation() -> Option<&'static dyn Notation> {
        Some(&ArchString)
    }
}

/// Node i sums its edges from the nodes before it.
fn cell() -> Value {
    let edge = |from: usize| json!({"from": from, "op": {"$ref": "op"}});
    let node = |index: usize| Value::Array((0..=index).map(edge).collect());
    json!({"inputs": 1, "nodes": (0..3).map(node).collect::<Vec<_>>()})
}

/// Stem, three stages of cells with a residual reduction between them, norm, classifier (section 2.1).
fn layers(options: &Options) -> Vec<Value> {
    let mut layers = vec![json!({"name": "stem", "op": "conv", "channels": options.channels, "activation": null})];
    let mut index = 0;
    let mut push = |mut layer: Value| {
        layer["name"] = json!(format!("cells.{index}"));
        index += 1;
        layers.push(layer);
    };
    for stage in 0..3 {
        let channels = options.channels << stage;
        if stage > 0 {
            push(json!({"op": "reduction_block", "channels": channels, "stride": 2}));
        }
        (0..options.cells).for_each(|_| push(json!({"cell": "cell"})));
    }
    layers.push(json!({"name": "lastact", "op": "norm", "activation": "relu"}));
    layers.push(json!({"name": "classifier", "op": "classifier"}));
    layers
}

/// `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`
struct ArchString;

impl Notation for ArchString {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let operations = operations(text)?;
        let index = |name: &str| OPERATIONS.iter().position(|operation| *operation == name);
        let choices: Option<Vec<usize>> = operations.iter().map(|name| index(name)).collect();
        let choices = choices
            .ok_or_else(|| Faults::one("", format!("the operations of NAS-Bench-201 are {}", OPERATIONS.join(", "))))?;
        space.read_genotype(&json!(choices))
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        let network = space.materialise(genotype)?;
        let nodes = network["network"]["cells"]["cell"]["nodes"].as_array().cloned().unwrap_or_default();
        let edge = |edge: &Value| format!("{}~{}|", edge["op"].as_str().unwrap_or_default(), edge["from"]);
        let node = |node: &Value| -> String {
            let edges: String = node.as_array().into_iter().flatten().map(edge).collect();
            format!("|{edges}")
        };
        Ok(nodes.iter().map(node).collect::<Vec<_>>().join("+"))
    }
}

/// The six operations of an arch string, in the order of its edges.
fn operations(text: &str) -> Result<Vec<String>, Faults> {
    let wrong = || Faults::one("", "must look like |op~0|+|op~0|op~1|+|op~0|op~1|op~2|");
    let nodes: Vec<&str> = text.trim().split('+').collect();
    if nodes.len() != 3 {
        return Err(wrong());
    }
    let mut operations = Vec::with_capacity(6);
    for (index, node) in nodes.iter().enumerate() {
        let edges: Vec<&str> = node.split('|').filter(|edge| !edge.is_empty()).collect();
        if edges.len() != index + 1 {
            return Err(wrong());
        }
        for (from, edge) in edges.iter().enumerate() {
            let (name, source) = edge.split_once('~').ok_or_else(wrong)?;
            if source != from.to_string() {
                return Err(wrong());
            }
            operations.push(name.to_owned());
        }
    }
    Ok(operations)
}

/// Canonical text of an arch string: equal for cells that are the same function after removing absent edges and
/// contracting skips (section 2.3 of the paper; the token `#` stands for nothing).
pub fn isomorphism_key(arch: &str) -> Result<String, Faults> {
    let operations = operations(arch)?;
    let mut nodes = vec!["0".to_owned()];
    let mut edges = operations.iter();
    for index in 0..3 {
        let mut tokens: Vec<String> = Vec::with_capacity(index + 1);
        for (source, operation) in nodes.iter().zip(edges.by_ref()).take(index + 1) {
            tokens.push(match operation.as_str() {
                "none" => "#".to_owned(),
                _ if source == "#" => "#".to_owned(),
                "skip_connect" => source.clone(),
                other => format!("({source})@{other}"),
            });
        }
        tokens.sort();
        nodes.push(tokens.join("+"));
    }
    Ok(nodes.swap_remove(3))
}
