//! Golden counts of whole networks: DARTS genotypes under three heads, NAS-Bench-201 cells, their supernets.

mod support;

use search::network::catalogue::{build, find, isomorphism_key};
use search::network::{Convention, Graph, Layer, Opening, cost, count, lower, lower_open, params_with_auxiliary};
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Template};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use support::shared;

fn golden(section: &str) -> Option<Value> {
    let text = std::fs::read_to_string(shared("golden/darts.json")?).unwrap();
    Some(serde_json::from_str::<Value>(&text).unwrap()[section].take())
}

fn options(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A network of the `darts` space with its cells replaced: published genotypes use operations outside the space.
fn darts_network(genotype: &Value, net: &Value) -> Value {
    let space = build(
        "darts",
        &options(
            json!({"head": net["head"], "channels": net["C"], "layers": net["layers"], "classes": net["classes"]}),
        ),
    )
    .unwrap();
    let any = space.sample(Draw::ByDecision, &mut Randomness::new(0).at(Purpose::Show, 0));
    let mut network = space.materialise(&any).unwrap()["network"].take();
    for cell in ["normal", "reduce"] {
        let pairs = genotype[cell].as_array().unwrap();
        let edge = |pair: &Value| json!({"op": pair[0], "from": pair[1]});
        let nodes: Vec<Value> = pairs.chunks(2).map(|pair| pair.iter().map(edge).collect()).collect();
        network["cells"][cell]["nodes"] = json!(nodes);
        network["cells"][cell]["concat"] = genotype[format!("{cell}_concat")].clone();
    }
    network
}

#[test]
fn darts_networks() {
    let Some(golden) = golden("networks") else { return };
    let mut checked = 0;
    for entry in golden.as_array().unwrap() {
        for net in entry["nets"].as_array().unwrap() {
            let graph =
                lower(&darts_network(&entry["genotype"], net)).unwrap_or_else(|e| panic!("{}: {e}", entry["name"]));
            let cost = cost(&graph);
            let name = format!("{} {net}", entry["name"]);
            assert_eq!(cost.params, net["params"].as_u64().unwrap(), "{name}");
            assert_eq!(cost.flops, net["macs"].as_u64().unwrap(), "{name}");
            assert_eq!(params_with_auxiliary(&graph), net["params_with_aux"].as_u64().unwrap(), "{name}");
            assert_eq!(cost.rows.iter().map(|row| row.params).sum::<u64>(), cost.params, "rows of {name}");
            checked += 1;
        }
    }
    assert!(checked >= 90);
}

#[test]
fn the_darts_notation_reads_and_writes_genotypes() {
    let space = build("darts", &Map::new()).unwrap();
    let notation = (find("darts").unwrap().notation)().unwrap();
    for seed in 0..20 {
        let genotype = space.sample(Draw::ByDecision, &mut Randomness::new(seed).at(Purpose::Show, 0));
        let text = notation.write(&space, &genotype).unwrap();
        assert_eq!(notation.read(&space, &text).unwrap(), genotype);
    }
    assert!(notation.read(&space, r#"{"normal": []}"#).is_err());
}

#[test]
fn nasbench201_costs_and_canonical_cells() {
    let Some(golden) = golden("nas_bench_201") else { return };
    for case in golden["archs"]["cases"].as_array().unwrap() {
        let arch = case["arch"].as_str().unwrap();
        assert_eq!(isomorphism_key(arch).unwrap(), case["unique_str"].as_str().unwrap());
        for (classes, side) in [(10, 32), (100, 32), (120, 16)] {
            let (params, flops) = nasbench201_counts(arch, json!({"classes": classes, "input": [3, side, side]}));
            assert_eq!(millions(params), case[format!("p{classes}")].as_f64().unwrap(), "{arch}");
            assert_eq!(millions(flops), case[format!("f{classes}")].as_f64().unwrap(), "{arch}");
        }
    }
    for case in golden["other_sizes"].as_array().unwrap() {
        let given = json!({"channels": case["C"], "cells": case["N"], "classes": case["classes"],
            "input": [3, case["hw"], case["hw"]]});
        let (params, flops) = nasbench201_counts(case["arch"].as_str().unwrap(), given);
        assert_eq!(millions(params), case["params_M"].as_f64().unwrap(), "{case}");
        // The golden file rounds these to five decimals.
        assert!((millions(flops) - case["flops_M"].as_f64().unwrap()).abs() < 6e-6, "{case}");
    }
}

fn millions(count: u64) -> f64 {
    count as f64 / 1e6
}

fn nasbench201_counts(arch: &str, given: Value) -> (u64, u64) {
    let notation = (find("nasbench201").unwrap().notation)().unwrap();
    let space = build("nasbench201", &options(given)).unwrap();
    let genotype = notation.read(&space, arch).unwrap();
    assert_eq!(notation.write(&space, &genotype).unwrap(), arch);
    let graph = lower(&space.materialise(&genotype).unwrap()["network"]).unwrap();
    let counts = count(&graph, Convention::LinearBias);
    (counts.params, counts.flops)
}

#[test]
fn nasbench201_has_6466_different_cells() {
    let space = build("nasbench201", &Map::new()).unwrap();
    let notation = (find("nasbench201").unwrap().notation)().unwrap();
    let keys: BTreeSet<String> = space
        .enumerate()
        .map(|genotype| isomorphism_key(&notation.write(&space, &genotype).unwrap()).unwrap())
        .collect();
    assert_eq!(keys.len(), 6466);
}

fn network_template(name: &str, given: Value) -> Template {
    let space = build(name, &options(given)).unwrap();
    match space.template() {
        Template::Object(mut members) => members.remove("network").unwrap(),
        other => panic!("{other:?}"),
    }
}

fn choices(graph: &Graph) -> usize {
    graph.nodes.iter().filter(|node| matches!(node.layer, Layer::Choice { .. })).count()
}

/// With `none` added to the seven operations a cell's search network has the parameters that the paper's log reports.
#[test]
fn the_whole_darts_space_lowers_with_all_decisions_open() {
    let graph =
        lower_open(&network_template("darts", json!({"channels": 16, "layers": 8})), Opening::default()).unwrap();
    // Per cell 14 edges between operations, and 4 selections of edges; 8 cells.
    assert_eq!(choices(&graph), 8 * (14 + 4));
    let edges = graph.nodes.iter().filter_map(|node| match &node.layer {
        Layer::Choice { labels, pick: 1, .. } => Some(labels.len()),
        _ => None,
    });
    assert!(edges.clone().all(|labels| labels == 7) && edges.count() == 8 * 14);
    assert_eq!(cost(&graph).params, 1_930_618, "parameters of DARTS' search network (C=16, 8 cells)");
}

#[test]
fn the_whole_nasbench201_space_lowers_with_all_decisions_open() {
    let graph = lower_open(&network_template("nasbench201", json!({})), Opening::default()).unwrap();
    assert_eq!(choices(&graph), 15 * 6);
    assert_eq!(cost(&graph).params, 1_692_826, "weights of the search network (C=16, N=5)");
}

#[test]
fn digits_lowers_closed_and_open() {
    let space = build("digits-quickstart", &Map::new()).unwrap();
    for seed in 0..200 {
        let genotype = space.sample(Draw::ByDecision, &mut Randomness::new(seed).at(Purpose::Show, 0));
        let candidate = space.materialise(&genotype).unwrap();
        search::network::statistics(&candidate).unwrap_or_else(|e| panic!("{candidate:#}: {e}"));
    }
    let graph = lower_open(&network_template("digits-quickstart", json!({})), Opening::default()).unwrap();
    assert!(choices(&graph) > 0 && graph.nodes.iter().any(|n| matches!(n.layer, Layer::WidthChoice { .. })));
}

#[test]
fn faults_name_the_place_and_the_layer() {
    let faults = lower(&json!({"input": [3, 8, 8], "classes": 10, "layers": [
        {"name": "stem", "op": "conv", "channels": 16, "kernel": 3},
        {"name": "odd", "op": "skip_connect", "channels": 20},
        {"name": "classifier", "op": "classifier"}]}))
    .unwrap_err();
    assert_eq!(faults.0[0].pointer, "/layers/1");
    assert!(faults.0[0].detail.contains("odd"), "{faults}");
    for wrong in [
        json!(3),
        json!({"input": [3, 0, 8], "classes": 2, "layers": []}),
        json!({"input": [1, 8, 8], "classes": 2, "layers": [{"op": "conv"}]}),
        json!({"input": [1, 8, 8], "classes": 2, "layers": [{"op": "no_such_operator"}]}),
        json!({"input": [1, 8, 8], "classes": 2, "layers": [{"stage": {"repeat": 99999, "block": "conv"}}]}),
        json!({"input": [1, 8, 8], "classes": 2, "layers": [{"op": "conv", "kernel": "three"}]}),
    ] {
        assert!(lower(&wrong).is_err(), "{wrong}");
    }
}
