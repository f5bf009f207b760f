//! The networks whose sizes are searched.

use super::super::options::ordered;
use super::candidates::{cifar_depths, imagenet_depths, widths};
use super::{Options, Skeleton};
use serde_json::{Value, json};

/// The cell of NATS-Bench's size space: for each node the operations from the states before it (section 3.1).
const SIZE_CELL: [&[&str]; 3] =
    [&["nor_conv_3x3"], &["nor_conv_3x3", "nor_conv_3x3"], &["skip_connect", "nor_conv_3x3", "nor_conv_3x3"]];

pub(super) fn layers(options: &Options) -> Vec<Value> {
    match options.skeleton {
        Skeleton::Size => size_layers(),
        Skeleton::Cifar | Skeleton::Imagenet => residual_layers(options),
    }
}

fn residual_layers(options: &Options) -> Vec<Value> {
    let width = |channels: usize| ordered(&widths(channels, &options.fractions));
    let stages = options.stages().unwrap_or_default();
    let shortest = stages.iter().copied().min().unwrap_or(1);
    let large = options.skeleton == Skeleton::Imagenet;
    let mut layers = match large {
        false => vec![json!({"name": "stem", "op": "conv", "channels": width(options.base())})],
        true => vec![
            json!({"name": "stem", "op": "conv", "kernel": 7, "stride": 2, "channels": width(options.base())}),
            json!({"name": "pool", "op": "max_pool_3x3", "stride": 2}),
        ],
    };
    for (stage, &blocks) in stages.iter().enumerate() {
        let depths = match (options.search_depth, large) {
            (false, _) => vec![blocks],
            (true, false) => cifar_depths(blocks),
            (true, true) => imagenet_depths(blocks, shortest),
        };
        let block = block(options, options.base() << stage);
        let mut first = block.clone();
        first["stride"] = json!(if stage == 0 { 1 } else { 2 });
        layers.push(first);
        let further: Vec<usize> = depths.iter().map(|depth| depth - 1).collect();
        layers.push(json!({"$repeat": {"times": ordered(&further), "body": block}}));
    }
    layers.push(json!({"name": "classifier", "op": "classifier"}));
    layers
}

/// A residual block with a width for each of its convolutions. The shortcuts are normed as in the release.
fn block(options: &Options, channels: usize) -> Value {
    let width = |channels: usize| ordered(&widths(channels, &options.fractions));
    let large = options.skeleton == Skeleton::Imagenet;
    // The released code norms the stride-1 shortcut of the network as it was, and not that of derived ones.
    let untouched = !options.search_depth && options.fractions == [1.0];
    let norm = match (large, options.bottleneck()) {
        (true, _) => "always",
        (false, true) if !untouched => "never",
        (false, _) => "unpooled",
    };
    match options.bottleneck() {
        false => json!({"op": "basic_block", "hidden": width(channels), "channels": width(channels),
            "shortcut_norm": norm}),
        true => json!({"op": "bottleneck", "reduced": width(channels), "hidden": width(channels),
            "channels": width(4 * channels), "shortcut_norm": norm}),
    }
}

/// Names of the five widths of the size space.
const SIZE_WIDTHS: [&str; 5] = ["c1", "c2", "c3", "c4", "c5"];

/// Variables that several layers share.
pub(super) fn shared(options: &Options) -> Value {
    match options.skeleton {
        Skeleton::Size => SIZE_WIDTHS.iter().map(|name| ((*name).to_owned(), ordered(&options.widths))).collect(),
        Skeleton::Cifar | Skeleton::Imagenet => json!({}),
    }
}

/// Stem and first cell have the first width, then reduction, cell, reduction, cell.
fn size_layers() -> Vec<Value> {
    let width = |name: &str| json!({"$var": name});
    let edge = |(from, name): (usize, &&str)| match *name {
        "skip_connect" => json!({"from": from, "op": {"op": "skip_connect", "project": true}}),
        name => json!({"from": from, "op": name}),
    };
    let node = |operations: &&[&str]| operations.iter().enumerate().map(edge).collect::<Vec<_>>();
    let nodes: Vec<_> = SIZE_CELL.iter().map(node).collect();
    let cell = |name| json!({"cell": {"inputs": 1, "nodes": nodes}, "channels": width(name)});
    let reduction = |name| json!({"op": "reduction_block", "channels": width(name), "stride": 2});
    vec![
        json!({"name": "stem", "op": "conv", "channels": width("c1"), "activation": null}),
        cell("c1"),
        reduction("c2"),
        cell("c3"),
        reduction("c4"),
        cell("c5"),
        json!({"name": "lastact", "op": "norm", "activation": "relu"}),
        json!({"name": "classifier", "op": "classifier"}),
    ]
}
