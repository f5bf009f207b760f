//! `darts`: normal and reduction cells of two inputs and four nodes (Liu, Simonyan and Yang, "DARTS", ICLR 2019).

use super::options::{between, image};
use super::{Notation, ReadyMade};
use crate::fault::Faults;
use crate::space::{Genotype, Space};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `darts`.
pub struct Darts;

/// Operations of the space; `none` exists in search networks alone.
const OPERATIONS: [&str; 7] =
    ["max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"];
const NODES: usize = 4;

/// What stands before the cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// One 3×3 convolution before the cells.
    #[default]
    Cifar,
    /// Three convolutions of stride 2 before the cells.
    Imagenet,
}

/// Options of `darts`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub head: Head,
    /// Channels of the first cells.
    pub channels: usize,
    /// Cells in all; those at a third and two thirds reduce.
    pub layers: usize,
    pub classes: usize,
    /// `[channels, height, width]` of an image; by default 3×32×32 or 3×224×224.
    pub input: Option<[usize; 3]>,
    /// Whether an auxiliary head is trained beside the network.
    pub auxiliary: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { head: Head::Cifar, channels: 36, layers: 20, classes: 10, input: None, auxiliary: true }
    }
}

impl Options {
    fn input(&self) -> [usize; 3] {
        self.input.unwrap_or(match self.head {
            Head::Cifar => [3, 32, 32],
            Head::Imagenet => [3, 224, 224],
        })
    }

    /// The auxiliary head's pooling fits 8×8 (CIFAR) or 7×7 (ImageNet) maps.
    fn has_auxiliary(&self) -> bool {
        let side = match self.head {
            Head::Cifar => 32,
            Head::Imagenet => 224,
        };
        self.auxiliary && self.layers >= 3 && self.input()[1..] == [side, side]
    }
}

impl ReadyMade for Darts {
    const NAME: &'static str = "darts";
    const SUMMARY: &'static str = "Normal and reduction cells with two inputs and four nodes (Liu et al., ICLR 2019)";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("channels", options.channels, 2, 1024, faults);
        between("layers", options.layers, 1, 200, faults);
        between("classes", options.classes, 2, 100_000, faults);
        if !options.channels.is_multiple_of(2) {
            faults.push("/channels", "must be even: a factorised reduce halves them");
        }
        image(options.input(), if options.head == Head::Imagenet { 32 } else { 4 }, faults);
    }

    fn document(options: &Options) -> Value {
        let mut network = json!({
            "input": options.input(),
            "classes": options.classes,
            "cells": {"normal": cell(), "reduce": cell()},
            "layers": layers(options),
        });
        if options.has_auxiliary() {
            let imagenet = options.head == Head::Imagenet;
            network["auxiliary"] = json!({
                "after": format!("cells.{}", 2 * options.layers / 3),
                "head": {"op": "auxiliary_head", "stride": if imagenet { 2 } else { 3 }, "last_norm": !imagenet},
            });
        }
        let definitions = std::iter::once(("op".to_owned(), json!({"$oneof": OPERATIONS})))
            .chain((0..=NODES).map(|from| (format!("e{from}"), json!({"from": from, "op": {"$ref": "op"}}))));
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "defs": definitions.collect::<serde_json::Map<_, _>>(),
            "root": {"network": network, "recipe": recipe(options)},
        })
    }

    fn notation() -> Option<&'static dyn Notation> {
        Some(&GenotypeJson)
    }
}

/// Node i reads two of the states before it.
fn cell() -> Value {
    let edges = |node: usize| (0..node + 2).map(|from| json!({"$ref": format!("e{from}")})).collect::<Vec<_>>();
    let node = |node: usize| json!({"$manyof": {"k": 2, "of": edges(node), "distinct": true, "sorted": true}});
    let concat: Vec<usize> = (2..2 + NODES).collect();
    json!({"inputs": 2, "nodes": (0..NODES).map(node).collect::<Vec<_>>(), "concat": concat})
}

fn layers(options: &Options) -> Vec<Value> {
    let mut layers = stem(options);
    let mut channels = options.channels;
    for index in 0..options.layers {
        let reduces = [options.layers / 3, 2 * options.layers / 3].contains(&index);
        if reduces {
            channels *= 2;
        }
        layers.push(json!({
            "name": format!("cells.{index}"),
            "cell": if reduces { "reduce" } else { "normal" },
            "channels": channels,
            "stride": if reduces { 2 } else { 1 },
        }));
    }
    layers.push(json!({"name": "classifier", "op": "classifier"}));
    layers
}

/// Section 1.3 and 1.4 of the method's description; the ImageNet stem gives the first cell two sizes.
fn stem(options: &Options) -> Vec<Value> {
    let channels = options.channels;
    match options.head {
        Head::Cifar => vec![json!({"name": "stem", "op": "conv", "channels": 3 * channels, "activation": null})],
        Head::Imagenet => vec![
            json!({"name": "stem0", "sequence": [
                {"op": "conv", "channels": channels / 2, "stride": 2},
                {"op": "conv", "channels": channels, "stride": 2, "activation": null},
            ]}),
            json!({"name": "stem1", "op": "conv", "channels": channels, "stride": 2, "order": "pre"}),
        ],
    }
}

/// The published evaluation recipes.
fn recipe(options: &Options) -> Value {
    match options.head {
        Head::Cifar => json!({
            "optimizer": "sgd", "momentum": 0.9, "nesterov": false, "lr": 0.025, "schedule": "cosine",
            "weight_decay": 3e-4, "decay_all": true, "batch_size": 96, "clip_norm": 5.0, "drop_path": 0.2,
            "auxiliary_weight": 0.4,
            "crop_padding": 4, "flip": true, "cutout": 16,
        }),
        Head::Imagenet => json!({
            "optimizer": "sgd", "momentum": 0.9, "nesterov": false, "lr": 0.1, "schedule": "exponential",
            "gamma": 0.97, "weight_decay": 3e-5, "decay_all": true, "batch_size": 128, "clip_norm": 5.0,
            "label_smoothing": 0.1, "auxiliary_weight": 0.4, "flip": true,
        }),
    }
}

/// `{"normal": [["sep_conv_3x3", 1], …], "normal_concat": [2, 3, 4, 5], "reduce": …, "reduce_concat": …}`
struct GenotypeJson;

impl Notation for GenotypeJson {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let wrong = |what: &str| Faults::one("", format!("must be a DARTS genotype in JSON: {what}"));
        let value: Value = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        let mut choices = Vec::new();
        for cell in ["normal", "reduce"] {
            let pairs = value[cell].as_array().filter(|pairs| pairs.len() == 2 * NODES);
            let pairs = pairs.ok_or_else(|| wrong(&format!("`{cell}` needs eight [operation, state] pairs")))?;
            for pair in pairs.chunks(2) {
                let mut edges = pair
                    .iter()
                    .map(edge)
                    .collect::<Option<Vec<_>>>()
                    .ok_or_else(|| wrong(&format!("the operations of this space are {}", OPERATIONS.join(", "))))?;
                // The space lists a node's edges by state; the order in a genotype is by strength and means nothing.
                edges.sort_unstable();
                choices.extend(edges.into_iter().flat_map(|(from, operation)| [from, operation]));
            }
            let concat = &value[format!("{cell}_concat")];
            if !concat.is_null() && concat != &json!([2, 3, 4, 5]) {
                return Err(wrong(&format!("`{cell}_concat` is [2, 3, 4, 5] in this space")));
            }
        }
        space.read_genotype(&json!(choices))
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        let candidate = space.materialise(genotype)?;
        let pairs = |cell: &str| -> Vec<Value> {
            let nodes = candidate["network"]["cells"][cell]["nodes"].as_array().into_iter().flatten();
            let edges = nodes.flat_map(|node| node.as_array().into_iter().flatten());
            edges.map(|edge| json!([edge["op"], edge["from"]])).collect()
        };
        let concat: Vec<usize> = (2..2 + NODES).collect();
        let written = json!({"normal": pairs("normal"), "normal_concat": concat, "reduce": pairs("reduce"),
            "reduce_concat": concat});
        Ok(written.to_string())
    }
}

/// `(state, index of the operation)` of a pair.
fn edge(pair: &Value) -> Option<(usize, usize)> {
    let operation = OPERATIONS.iter().position(|operation| pair[0] == *operation)?;
    Some((pair[1].as_u64()? as usize, operation))
}
