//! Every strategy with shared weights and a real worker, on the digits that ship with the product: what a strategy orders a
//! worker can do, and what the worker answers leads the strategy to its end.

mod support;

use search::network::statistics;
use search::objective::{Direction, Objective};
use search::randomness::Randomness;
use search::space::{Genotype, Space};
use search::strategy::{Insight, Observed, ObservedResult, Order, Problem, Proposal, find};
use search::work::{ArtifactRef, NamedArtifact, Outcome, Work};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use support::{Recorder, resources};
use worker::trainer::{Inputs, run};

fn nasbench201() -> Space {
    support::supernet::space("nasbench201", &json!({"channels": 4, "cells": 1, "input": [1, 8, 8]}))
}

fn darts() -> Space {
    support::supernet::space("darts", &json!({"channels": 4, "layers": 3, "input": [1, 8, 8], "nodes": 2}))
}

/// Operators and widths in a chain.
fn chain() -> Space {
    let document = json!({"nas_space": 1, "name": "chain", "root": {"network": {"input": [1, 8, 8], "classes": 10,
        "layers": [
            {"name": "stem", "op": "conv", "channels": {"$oneof": [4, 8]}},
            {"name": "a", "op": {"$oneof": ["sep_conv_3x3", "skip_connect", "max_pool_3x3"]}, "channels": 8},
            {"name": "classifier", "op": "classifier"},
        ]}, "recipe": {}}});
    Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"))
}

fn fbnet() -> Space {
    let options = json!({"input": [1, 8, 8], "classes": 10, "stem": 4, "stem_stride": 1, "channels": [4, 8], "layers": [2, 1],
        "strides": [1, 2], "head": 8});
    support::supernet::space("fbnet", &options)
}

fn problem(space: Space) -> Problem {
    let space = Arc::new(space);
    let known = space.clone();
    let free = move |genotype: &Genotype| {
        let candidate = known.materialise(genotype).map_err(|faults| faults.to_string())?;
        statistics(&candidate).map_err(|faults| faults.to_string())
    };
    Problem {
        space,
        objectives: vec![Objective { metric: "top1".into(), direction: Direction::Maximize, goal: None }],
        constraints: Vec::new(),
        statistics: Arc::new(free),
        dataset: Some("digits".into()),
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials: None,
    }
}

/// What a worker makes of a piece of work; its files go to the store.
fn carry_out(work: &Work, store: &mut BTreeMap<String, Vec<u8>>, tag: u64) -> ObservedResult {
    let inputs = Inputs { artifacts: store.clone(), ..Inputs::default() };
    let finished = run(work, &inputs, &resources(), &Recorder::patient());
    let Outcome::Done { metrics, result, .. } = finished.outcome else { panic!("{:?}", finished.outcome) };
    let keep = |(name, content): (String, Vec<u8>)| {
        let id = ArtifactRef(format!("{tag}-{name}"));
        store.insert(id.0.clone(), content);
        NamedArtifact { name, id }
    };
    ObservedResult::Done { metrics, artifacts: finished.files.into_iter().map(keep).collect(), result }
}

/// Runs a search to its end; the kinds of order in turn, and what it shows of itself.
fn search(strategy: &str, space: Space, options: Value) -> (Vec<&'static str>, Vec<Insight>) {
    tch::set_num_threads(1);
    let (problem, kind) = (problem(space), find(strategy).expect("registered"));
    kind.check(&problem, &options).unwrap_or_else(|faults| panic!("{strategy}: {faults}"));
    let mut strategy = kind.create(problem.clone(), &options).unwrap_or_else(|faults| panic!("{faults}"));
    let (mut kinds, mut store, randomness) = (Vec::new(), BTreeMap::new(), Randomness::new(8));
    loop {
        let orders = match strategy.propose(1, &randomness) {
            Proposal::Orders(orders) => orders,
            Proposal::Finished(why) => {
                assert!(why.contains("were proposed"), "{why}");
                return (kinds, strategy.insights());
            }
            Proposal::Wait => panic!("waits although nothing is in flight"),
        };
        for order in orders {
            let (tag, name, result) = match order {
                Order::Supernet { tag, work } => (tag, "supernet", carry_out(&Work::Supernet(work), &mut store, tag)),
                Order::Score { tag, work } => (tag, "score", carry_out(&Work::Score(work), &mut store, tag)),
                Order::Measure { tag, work } => (tag, "measure", carry_out(&Work::Measure(work), &mut store, tag)),
                Order::Trial { tag, genotype, .. } => {
                    assert!(problem.is_feasible(&genotype));
                    let metrics = BTreeMap::from([("top1".to_owned(), 0.5)]);
                    (tag, "trial", ObservedResult::Done { metrics, artifacts: Vec::new(), result: None })
                }
            };
            kinds.push(name);
            strategy.observe(&Observed { tag, genotype: None, result });
        }
    }
}

fn small(more: Value) -> Value {
    let mut options = json!({"epochs": 2, "recipe": {"batch_size": 256, "crop_padding": 0, "flip": false}});
    options.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    options
}

#[test]
fn gradient_searches_on_cells_come_to_trials() {
    for (strategy, space, more) in [
        ("darts", darts(), json!({"partial_channels": 2, "edge_normalisation": true, "beta_decay": 1.0})),
        ("darts", nasbench201(), json!({"order": "second", "eigenvalue_every": 1, "skip_cap": 6})),
        ("sharpdarts", darts(), json!({})),
        ("gdas", darts(), json!({})),
        ("gdas", nasbench201(), json!({})),
    ] {
        let (kinds, insights) = search(strategy, space, small(more));
        assert_eq!(kinds, ["supernet", "trial"], "{strategy}");
        assert!(insights.iter().any(|insight| matches!(insight, Insight::Heatmap { .. })), "{strategy}");
        assert!(insights.iter().any(|insight| matches!(insight, Insight::Table { .. })), "{strategy}");
    }
}

#[test]
fn searches_on_drawn_paths_come_to_trials() {
    let finalists = json!({"finalists": 4, "candidates": 2});
    for (strategy, space) in [("setn", darts()), ("rsps", darts()), ("rsps", nasbench201()), ("setn", nasbench201())] {
        let (kinds, _) = search(strategy, space, small(finalists.clone()));
        assert_eq!(kinds, ["supernet", "trial", "trial"], "{strategy}");
    }
    let controller = json!({"finalists": 4, "candidates": 1, "updates": 1, "samples": 2});
    assert_eq!(search("enas", nasbench201(), small(controller)).0, ["supernet", "trial"]);
}

#[test]
fn an_evolution_with_shared_weights_scores_before_it_trains() {
    let options = json!({"population": 3, "generations": 2, "candidates": 2, "recalibration_batches": 1,
        "score_batches": 1});
    for space in [nasbench201(), chain(), darts()] {
        let (kinds, insights) = search("spos", space, small(options.clone()));
        assert_eq!(kinds, ["supernet", "score", "score", "trial", "trial"]);
        let shown = |insight: &Insight| matches!(insight, Insight::Series { x, .. } if x == "generation");
        assert!(insights.iter().any(shown));
    }
}

#[test]
fn a_search_under_latency_measures_before_and_after() {
    let (kinds, insights) = search("fbnet", fbnet(), small(json!({"candidates": 2, "measured_networks": 3})));
    assert_eq!((kinds.first(), kinds.last()), (Some(&"measure"), Some(&"measure")), "{kinds:?}");
    let table = |insight: &Insight| matches!(insight, Insight::Table { title, .. } if title.contains("Latency"));
    assert!(insights.iter().any(table), "{insights:?}");
    // Open widths cannot be timed one by one: multiply-adds count.
    let (kinds, _) = search("fbnet", chain(), small(json!({"candidates": 2})));
    assert_eq!(kinds[0], "supernet");
    assert!(kinds[1..].iter().all(|kind| *kind == "trial") && kinds.len() > 1, "{kinds:?}");
}
