//! Descriptions that ask for too much are refused before they cost memory, and costing is quick.

use search::network::{Opening, catalogue, cost, lower, lower_open};
use search::space::{Space, Template};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

fn refused(layers: Value) -> String {
    let started = Instant::now();
    let faults = lower(&json!({"input": [3, 32, 32], "classes": 2, "layers": layers})).expect_err("too large");
    assert!(started.elapsed() < Duration::from_secs(20), "refused only after {:?}", started.elapsed());
    faults.to_string()
}

#[test]
fn networks_of_too_many_layers_are_refused() {
    let stage = json!({"stage": {"repeat": 1000, "block": {"op": "sep_conv", "kernel": 3}}});
    let text = refused(Value::Array(vec![stage; 50]));
    assert!(text.contains("more than 100000 nodes"), "{text}");
}

#[test]
fn layers_that_make_no_node_are_limited_too() {
    let stage = json!({"stage": {"repeat": 1000, "block": {"op": "norm", "norm": "none"}}});
    let text = refused(Value::Array(vec![stage; 500]));
    assert!(text.contains("more than 100000"), "{text}");
}

#[test]
fn tensors_of_absurd_size_are_refused() {
    for layer in [
        json!({"op": "conv", "channels": u64::MAX}),
        json!({"op": "conv", "channels": 1_000_000_000}),
        json!({"op": "conv", "channels": 8, "kernel": u64::MAX}),
        json!({"op": "conv", "channels": 8, "padding": u64::MAX / 2}),
        json!({"op": "conv", "channels": 8, "stride": 0}),
        json!({"op": "conv", "channels": 8, "groups": 0}),
        json!({"op": "conv", "channels": 8, "dilation": u64::MAX}),
        json!({"op": "max_pool", "kernel": 0}),
    ] {
        refused(json!([layer, "classifier"]));
    }
}

#[test]
fn an_open_operator_of_too_many_variants_is_refused() {
    let kernels: Vec<usize> = (1..400).map(|k| 2 * k + 1).collect();
    let document = json!({"nas_space": 1, "name": "wide", "root": {"network": {
        "input": [3, 32, 32], "classes": 2,
        "layers": [{"op": "conv", "channels": 6, "kernel": {"$oneof": kernels}, "dilation": {"$oneof": kernels},
            "padding": {"$oneof": kernels}}, "classifier"],
    }}});
    let space = Space::parse(&document).expect("a space");
    let Template::Object(members) = space.template() else { panic!("no object") };
    assert!(lower_open(&members["network"], Opening::default()).is_err());
}

/// Strategies check constraints on thousands of candidates. The bound is for unoptimised builds on a busy machine.
#[test]
fn a_darts_network_is_lowered_and_counted_in_milliseconds() {
    let space = catalogue::build("darts", &Map::new()).expect("builds");
    let genotype = space.enumerate().next().expect("a genotype");
    let candidate = space.materialise(&genotype).expect("materialises");
    let quickest = (0..10).map(|_| {
        let started = Instant::now();
        assert!(cost(&lower(&candidate["network"]).expect("lowers")).params > 0);
        started.elapsed()
    });
    let quickest = quickest.min().expect("ten runs");
    println!("lowered and counted in {quickest:?}");
    assert!(quickest < Duration::from_millis(50), "{quickest:?}");
}
