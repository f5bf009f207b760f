//! `darts`: normal and reduction cells of two inputs and four nodes (Liu, Simonyan and Yang, "DARTS", ICLR 2019).

mod notation;
mod operators;

use super::options::{between, image};
use super::{Notation, ReadyMade};
use crate::fault::Faults;
use notation::GenotypeJson;
use operators::Operators;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `darts`.
pub struct Darts;

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
    /// Operations of the edges: `darts`, `sharp`, `sharper`, `darts_sharp`, `s2`, `s3`, `s4`, or a list of operators.
    pub operators: Operators,
    /// Nodes of a cell, each with two edges.
    pub nodes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            head: Head::Cifar,
            channels: 36,
            layers: 20,
            classes: 10,
            input: None,
            auxiliary: true,
            operators: Operators::default(),
            nodes: 4,
        }
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
        between("nodes", options.nodes, 1, 8, faults);
        options.operators.check(faults);
        image(options.input(), if options.head == Head::Imagenet { 32 } else { 4 }, faults);
    }

    fn document(options: &Options) -> Value {
        let mut network = json!({
            "input": options.input(),
            "classes": options.classes,
            "cells": {"normal": cell(options.nodes), "reduce": cell(options.nodes)},
            "layers": layers(options),
        });
        if options.has_auxiliary() {
            let imagenet = options.head == Head::Imagenet;
            network["auxiliary"] = json!({
                "after": format!("cells.{}", 2 * options.layers / 3),
                "head": {"op": "auxiliary_head", "stride": if imagenet { 2 } else { 3 }, "last_norm": !imagenet},
            });
        }
        let definitions = std::iter::once(("op".to_owned(), json!({"$oneof": options.operators.candidates()})))
            .chain((0..=options.nodes).map(|from| (format!("e{from}"), json!({"from": from, "op": {"$ref": "op"}}))));
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
fn cell(nodes: usize) -> Value {
    let edges = |node: usize| (0..node + 2).map(|from| json!({"$ref": format!("e{from}")})).collect::<Vec<_>>();
    let node = |node: usize| json!({"$manyof": {"k": 2, "of": edges(node), "distinct": true, "sorted": true}});
    let concat: Vec<usize> = (2..2 + nodes).collect();
    json!({"inputs": 2, "nodes": (0..nodes).map(node).collect::<Vec<_>>(), "concat": concat})
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
