//! Every ready-made space as a supernet: lowers with all its network decisions open, and any closed network is a part.

mod support;

use search::network::{Graph, Layer, Opening, catalogue, cost, lower, lower_open};
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Space, Template};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Spaces with options that keep their supernets small.
fn cases() -> Vec<(&'static str, Value)> {
    vec![
        ("darts", json!({"channels": 4, "layers": 4})),
        ("nasbench201", json!({"channels": 4, "cells": 1})),
        ("digits-quickstart", json!({})),
        ("fbnet", json!({"input": [3, 64, 64], "classes": 10})),
        ("fbnet", json!({"input": [3, 32, 32], "stem_stride": 1, "projecting_skips": true, "always_pw": false})),
        ("fbnet-blocks", json!({"model": "fbnetv3_a", "classes": 10, "input": [3, 128, 128]})),
        ("fbnetv3", json!({"input": [3, 64, 64], "classes": 10})),
        ("resnet-widths", json!({"depth": 20})),
        ("resnet-widths", json!({"depth": 29, "block": "bottleneck"})),
        ("resnet-widths", json!({"skeleton": "imagenet", "depth": 18, "input": [3, 64, 64]})),
        ("resnet-widths", json!({"skeleton": "size"})),
        ("multi-channel", json!({"channels": 4, "sizes": 3})),
        ("metaformer", json!({"input": [3, 64, 64], "classes": 10, "layers": [[1, 2], [1, 2], [1, 2], [1, 2]]})),
    ]
}

fn space(name: &str, options: &Value) -> Space {
    catalogue::build(name, options.as_object().expect("options")).unwrap_or_else(|faults| panic!("{name}: {faults}"))
}

fn open(space: &Space) -> Graph {
    let network = match space.template() {
        Template::Object(mut members) => members.remove("network").expect("a network"),
        // A space of one candidate.
        Template::Constant(mut root) => Template::Constant(root["network"].take()),
        other => panic!("the root is no object: {other:?}"),
    };
    lower_open(&network, Opening::default()).unwrap_or_else(|faults| panic!("{}: {faults}", space.name()))
}

/// Decisions that stand in the graph.
fn decisions(graph: &Graph) -> BTreeSet<&str> {
    let decision = |layer| match layer {
        &Layer::Choice { ref decision, .. } | &Layer::WidthChoice { ref decision, .. } => Some(decision.as_str()),
        Layer::Input | Layer::Primitive { .. } => None,
    };
    graph.nodes.iter().filter_map(|node| decision(&node.layer)).collect()
}

/// Decisions of the space that concern the network: its own and the variables that it uses.
fn expected(space: &Space) -> BTreeSet<String> {
    let network = space.document()["root"]["network"].to_string();
    let used = |id: &str| match id.strip_prefix('$') {
        Some(name) => network.contains(&format!("{{\"$var\":\"{name}\"}}")),
        None => id.starts_with("network"),
    };
    space.decisions().into_iter().map(|decision| decision.id).filter(|id| used(id)).collect()
}

#[test]
fn every_space_lowers_with_its_decisions_open() {
    for (name, options) in cases() {
        let space = space(name, &options);
        let graph = open(&space);
        let found: BTreeSet<String> = decisions(&graph).into_iter().map(str::to_owned).collect();
        // DARTS' choices of edges hold their operations: the decisions inside are told apart by candidate.
        if name != "darts" {
            assert_eq!(found, expected(&space), "{name} {options}");
        }
        assert_eq!(found.is_empty(), name == "fbnet-blocks", "{name}");
    }
}

#[test]
fn a_supernet_costs_at_least_as_much_as_any_of_its_networks() {
    for (name, options) in cases().into_iter().filter(|(name, _)| !["darts", "nasbench201"].contains(name)) {
        let space = space(name, &options);
        let whole = cost(&open(&space));
        let mut rng = Randomness::new(3).at(Purpose::Show, 0);
        for _ in 0..5 {
            let candidate = space.materialise(&space.sample(Draw::ByDecision, &mut rng)).expect("materialises");
            search::network::statistics(&candidate).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            let graph = lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            let one = cost(&graph);
            // A closed block whose widths differ may need a projection that the widest does without.
            let slack = if name == "resnet-widths" { 2 } else { 1 };
            assert!(one.params <= slack * whole.params, "{name}: {} > {}", one.params, whole.params);
            assert!(one.flops <= slack * whole.flops, "{name}");
        }
    }
}

#[test]
fn the_chain_has_a_choice_per_layer_and_skips_only_where_the_shape_stays() {
    let graph = open(&space("fbnet", &json!({"input": [3, 64, 64]})));
    let offered: Vec<usize> = graph
        .nodes
        .iter()
        .filter_map(|node| match &node.layer {
            Layer::Choice { labels, .. } => Some(labels.len()),
            _ => None,
        })
        .collect();
    assert_eq!(offered.len(), 22);
    assert_eq!(offered.iter().filter(|candidates| **candidates == 9).count(), 16);
    assert_eq!(offered.iter().filter(|candidates| **candidates == 8).count(), 6);
}

#[test]
fn widths_inside_a_block_are_masked_not_copied() {
    let space = space("resnet-widths", &json!({"depth": 20}));
    let graph = open(&space);
    let masks = graph.nodes.iter().filter(|node| matches!(node.layer, Layer::WidthChoice { .. })).count();
    // Stem and two per block.
    assert_eq!(masks, 19);
    let untouched = json!({"depth": 20, "fractions": [1.0], "search_depth": false});
    // The same weights as the widest network: one set for all widths.
    let plain = self::space("resnet-widths", &untouched);
    let candidate = plain.materialise(&search::space::Genotype(Vec::new())).expect("materialises");
    let plain = lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(cost(&graph).params, cost(&plain).params);
}

#[test]
fn recipes_of_sampled_candidates_are_valid() {
    for (name, options) in cases() {
        let space = space(name, &options);
        let mut rng = Randomness::new(5).at(Purpose::Show, 0);
        for _ in 0..20 {
            let candidate = space.materialise(&space.sample(Draw::ByDecision, &mut rng)).expect("materialises");
            assert!(candidate.get("network").is_some(), "{name}");
            search::network::Recipe::read(&candidate["recipe"]).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        }
    }
}

#[test]
fn wrong_options_are_refused_where_they_stand() {
    for (name, options, pointer) in [
        ("fbnet", json!({"layers": [1, 2]}), "/layers"),
        ("fbnet", json!({"classes": 1}), "/classes"),
        ("fbnet-blocks", json!({"model": "fbnet_z"}), "/model"),
        ("fbnet-blocks", json!({"blocks": [["ir_k4", 16, 1, 1]]}), "/blocks/0"),
        ("fbnetv3", json!({"input": [3, 0, 32]}), "/input"),
        ("resnet-widths", json!({"depth": 21}), "/depth"),
        ("resnet-widths", json!({"fractions": [1.5]}), "/fractions"),
        ("metaformer", json!({"input": [3, 30, 30]}), "/input"),
        ("metaformer", json!({"mixers": [[], ["pooling"], ["pooling"], ["pooling"]]}), "/mixers/0"),
    ] {
        let Err(faults) = catalogue::build(name, options.as_object().expect("options")) else {
            panic!("{name} accepted {options}")
        };
        assert!(faults.0.iter().any(|fault| fault.pointer == pointer), "{name} {options}: {faults}");
    }
}
