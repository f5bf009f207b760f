//! Search networks of DARTS and NAS-Bench-201 at several sizes against the golden file, and what cannot stay open.

mod support;

use search::network::{Convention, Graph, Layer, Opening, catalogue, count, lower_open};
use search::space::{Space, Template};
use serde_json::{Value, json};

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/darts.json")?).expect("golden file");
    Some(serde_json::from_str(&text).expect("golden JSON"))
}

fn space(name: &str, options: &Value) -> Space {
    catalogue::build(name, options.as_object().expect("options")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn open(space: &Space) -> Graph {
    let Template::Object(members) = space.template() else { panic!("the root is not an object") };
    lower_open(&members["network"], Opening::default()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Picked and offered candidates of every choice inside a cell.
fn choices(graph: &Graph, cell: &str) -> Vec<(usize, usize)> {
    let inside = graph.nodes.iter().filter(|node| node.name.starts_with(&format!("{cell}.")));
    let choice = |layer: &Layer| match layer {
        Layer::Choice { pick, labels, .. } => Some((*pick, labels.len())),
        _ => None,
    };
    inside.filter_map(|node| choice(&node.layer)).collect()
}

const EIGHT: [&str; 8] = [
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
];

/// The `darts` space with a choice between eight operations on every edge, as DARTS' search network has it.
fn darts_search(options: &Value) -> Space {
    let mut document = space("darts", options).document().clone();
    let edge = |from: usize| json!({"from": from, "op": {"$oneof": EIGHT}});
    let nodes: Vec<Value> = (2..6).map(|states| (0..states).map(edge).collect()).collect();
    for cell in ["normal", "reduce"] {
        document["root"]["network"]["cells"][cell]["nodes"] = json!(nodes);
    }
    document["defs"] = json!({});
    Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn darts_search_networks_have_the_published_sizes() {
    let Some(golden) = golden() else { return };
    let cases = golden["supernet_params"].as_array().expect("cases").iter().filter(|case| case["steps"] == 4);
    let mut checked = 0;
    for case in cases {
        let options = json!({"channels": case["C"], "layers": case["layers"], "classes": case["classes"]});
        let graph = open(&darts_search(&options));
        let counts = count(&graph, Convention::Plain);
        assert_eq!(json!(counts.params), case["weight_params"], "{case}");
        assert_eq!(json!(counts.flops), case["macs_32x32"], "{case}");
        assert_eq!(choices(&graph, "cells.0"), [(1, 8); 14]);
        checked += 1;
    }
    assert_eq!(checked, 4);
}

#[test]
fn nasbench201_search_networks_have_the_published_sizes() {
    let Some(golden) = golden() else { return };
    let cases = golden["nas_bench_201"]["supernet_params"].as_array().expect("cases");
    for case in cases.iter().filter(|case| case["affine"] == false) {
        let options = json!({"channels": case["C"], "cells": case["N"], "classes": case["classes"]});
        let graph = open(&space("nasbench201", &options));
        assert_eq!(json!(count(&graph, Convention::Plain).params), case["weight_params"], "{case}");
        assert_eq!(choices(&graph, "cells.0"), [(1, 5); 6]);
    }
}

fn refused(layer: Value) -> String {
    let document = json!({"nas_space": 1, "name": "test", "root": {"network": {
        "input": [3, 8, 8], "classes": 2, "layers": [layer, "classifier"],
    }}});
    let space = Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"));
    let Template::Object(members) = space.template() else { panic!("no object") };
    lower_open(&members["network"], Opening::default()).expect_err("cannot stay open").to_string()
}

#[test]
fn what_cannot_stay_open_is_refused_by_the_name_of_its_decision() {
    let stride = refused(json!({"op": "conv", "channels": 4, "stride": {"$oneof": [1, 2]}}));
    assert!(stride.contains("network.layers[0].stride"), "{stride}");
    let rate = refused(json!({"op": "conv", "channels": 4, "kernel": {"$float": {"min": 1.0, "max": 3.0}}}));
    assert!(rate.contains("network.layers[0].kernel"), "{rate}");
    let skip = refused(json!({"$oneof": [null, {"op": "conv", "channels": 4}]}));
    assert!(skip.contains("network.layers[0]"), "{skip}");
}

#[test]
fn an_open_parameter_is_a_choice_between_operators() {
    let document = json!({"nas_space": 1, "name": "test", "root": {"network": {
        "input": [3, 8, 8], "classes": 2,
        "layers": [{"name": "stem", "op": "conv", "channels": {"$oneof": [4, 8]}, "kernel": {"$oneof": [1, 3, 5]}},
            "classifier"],
    }}});
    let graph = open(&Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}")));
    assert_eq!(choices(&graph, "stem"), [(1, 3)]);
    let width = graph.nodes.iter().find_map(|node| match &node.layer {
        Layer::WidthChoice { decision, options } => Some((decision.as_str(), options.clone(), node.shape.channels())),
        _ => None,
    });
    assert_eq!(width, Some(("network.layers[0].channels", vec![4, 8], 8)));
    // Three kernels at eight channels, each with its norm, and the classifier.
    assert_eq!(count(&graph, Convention::Plain).params, 3 * 8 * (1 + 9 + 25) + 3 * 16 + 18);
}
