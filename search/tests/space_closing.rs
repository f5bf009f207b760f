//! Closing the ready-made spaces: every genotype is a selection of its template, and every reading of a supernet a genotype.

mod support;

use search::network::{Opening, catalogue, lower_open};
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Selection, Space, Template};
use search::supernet::{Architectures, RowKind, Rows, SupernetPlan, sample, skip_count, strongest, uniform};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn plan(zero_operator: bool) -> SupernetPlan {
    serde_json::from_value(json!({"opening": {}, "zero_operator": zero_operator, "recipe": {}, "weight_share": 1.0,
        "mixture": {"mixture": "softmax"}, "derivation": "strongest"}))
    .expect("a plan")
}

fn space(name: &str, options: Value) -> Space {
    catalogue::build(name, options.as_object().expect("options")).unwrap_or_else(|faults| panic!("{name}: {faults}"))
}

fn rows(space: &Space, zero_operator: bool) -> Rows {
    let Template::Object(members) = space.template() else { panic!("the root is no object") };
    let graph = lower_open(&members["network"], Opening::default()).unwrap_or_else(|faults| panic!("{faults}"));
    Rows::of(&graph, &plan(zero_operator))
}

#[test]
fn every_genotype_of_a_ready_made_space_comes_back_from_its_selection() {
    for entry in catalogue::catalogue() {
        let space = catalogue::build(entry.name, &Map::new()).unwrap_or_else(|faults| panic!("{faults}"));
        let mut rng = Randomness::new(3).at(Purpose::Show, 0);
        for _ in 0..50 {
            let genotype = space.sample(Draw::ByDecision, &mut rng);
            let selection = space.selection(&genotype).unwrap_or_else(|faults| panic!("{}: {faults}", entry.name));
            assert_eq!(space.close(&selection).unwrap_or_else(|faults| panic!("{faults}")), genotype, "{}", entry.name);
        }
    }
}

#[test]
fn an_edge_that_is_chosen_at_another_place_keeps_its_decision() {
    let space = space("darts", json!({"channels": 4, "layers": 3}));
    let mut rng = Randomness::new(9).at(Purpose::Show, 0);
    let genotype = space.sample(Draw::ByDecision, &mut rng);
    let selection = space.selection(&genotype).expect("selects");
    let chosen = &selection.0["network.cells.normal.nodes[1]"];
    for edge in chosen {
        assert!(selection.0.contains_key(&format!("network.cells.normal.nodes[1][={edge}/3].op")), "{selection:?}");
    }
    assert_eq!(selection.0.len(), 2 * 4 * 3);
}

#[test]
fn drawn_networks_of_every_supernet_are_genotypes() {
    let cases = [
        ("darts", json!({"channels": 4, "layers": 4})),
        ("nasbench201", json!({"channels": 4, "cells": 1})),
        ("fbnet", json!({"input": [3, 64, 64]})),
    ];
    for (name, options) in cases {
        let space = space(name, options);
        let rows = rows(&space, name == "darts");
        let mut rng = Randomness::new(4).at(Purpose::Show, 0);
        for _ in 0..30 {
            let drawn = uniform(&rows, &mut rng);
            let genotype = space.close(&drawn).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            space.validate(&genotype).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            space.close(&sample(&rows, &Architectures::new(), &mut rng)).unwrap_or_else(|faults| panic!("{faults}"));
        }
    }
}

#[test]
fn samples_follow_the_probabilities_and_never_take_the_added_none() {
    let space = space("darts", json!({"channels": 4, "layers": 4}));
    let rows = rows(&space, true);
    let mut architectures = Architectures::new();
    for row in rows.0.iter().filter(|row| matches!(row.kind, RowKind::Operators { .. })) {
        // Almost all on `none` where it stands, the rest on the third operation; one edge has something for sure.
        let mut probabilities = vec![0.0; row.labels.len()];
        let present = row.decision.ends_with("nodes[3][=2/5].op");
        probabilities[0] = if present { 0.0 } else { 0.95 };
        probabilities[3] = 1.0 - probabilities[0];
        architectures.insert(row.decision.clone(), probabilities);
    }
    let mut rng = Randomness::new(5).at(Purpose::Show, 0);
    let mut with = 0;
    for _ in 0..200 {
        let drawn = sample(&rows, &architectures, &mut rng);
        for row in rows.0.iter().filter(|row| row.leading() == 1) {
            assert_eq!(drawn.0[&row.decision], [2], "{}", row.decision);
        }
        with += usize::from(drawn.0["network.cells.normal.nodes[3]"].contains(&2));
    }
    assert!(with > 180, "an edge that is surely there is drawn {with} times of 200");
}

#[test]
fn skips_are_counted_in_cells_that_keep_the_size() {
    let space = space("darts", json!({"channels": 4, "layers": 4}));
    let rows = rows(&space, true);
    let with = |skipping: &str| -> Selection {
        let mut architectures = BTreeMap::new();
        for row in rows.0.iter().filter(|row| row.leading() == 1) {
            let mut probabilities = vec![0.01; row.labels.len()];
            let skip = row.labels.iter().position(|label| label == "skip_connect").expect("a skip");
            probabilities[if row.decision.contains(skipping) { skip } else { 1 }] = 0.9;
            architectures.insert(row.decision.clone(), probabilities);
        }
        strongest(&rows, &architectures)
    };
    assert_eq!(skip_count(&rows, &with("cells.normal")), 8);
    assert_eq!(skip_count(&rows, &with("cells.normal.nodes[0]")), 2);
    assert_eq!(skip_count(&rows, &with("cells.reduce")), 0);
    assert_eq!(skip_count(&rows, &with("nowhere")), 0);
}

#[test]
fn what_cannot_be_closed_is_told_by_its_decision() {
    let document = json!({"nas_space": 1, "name": "test", "root": {
        "a": {"$oneof": [{"x": {"$oneof": [1, 2]}}, 3]}, "m": {"$manyof": {"k": 2, "of": [0, 1, 2], "distinct": true}},
        "lr": {"$oneof": [0.1]}, "n": {"$repeat": {"times": {"$int": {"min": 1, "max": 3}}, "body": {"$oneof": [0, 1]}}},
    }});
    let space = Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"));
    let whole = json!({"a": [0], "a[=0/2].x": [1], "m": [2, 0], "lr": [0], "n": [1], "n[0]": [1], "n[1]": [0]});
    let close = |entries: &Value| space.close(&serde_json::from_value(entries.clone()).expect("a selection"));
    let genotype = close(&whole).unwrap_or_else(|faults| panic!("{faults}"));
    let materialised = json!({"a": {"x": 2}, "m": [2, 0], "lr": 0.1, "n": [1, 0]});
    assert_eq!(space.materialise(&genotype).expect("materialises"), materialised);
    for (id, entry, pointer) in [
        ("a", Value::Null, "/a"),
        ("a", json!([2]), "/a"),
        ("m", json!([1, 1]), "/m"),
        ("m", json!([1]), "/m"),
        ("n[1]", Value::Null, "/n[1]"),
        ("b", json!([0]), "/b"),
    ] {
        let mut changed = whole.clone();
        match entry {
            Value::Null => drop(changed.as_object_mut().expect("an object").remove(id)),
            entry => changed[id] = entry,
        }
        let faults = close(&changed).expect_err("is refused");
        assert_eq!(faults.0[0].pointer, pointer, "{faults}");
    }
    // What is not reached may stay in.
    let mut unreached = whole.clone();
    unreached["a"] = json!([1]);
    unreached["n[2]"] = json!([0]);
    assert!(close(&unreached).is_ok());
    let float = json!({"nas_space": 1, "name": "test", "root": {"lr": {"$float": {"min": 0.1, "max": 1.0}}}});
    let float = Space::parse(&float).unwrap_or_else(|faults| panic!("{faults}"));
    let faults = float.close(&Selection::default()).expect_err("continuous");
    assert!(faults.to_string().contains("/lr"), "{faults}");
}
