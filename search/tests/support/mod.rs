//! What the strategy tests share: problems over small spaces and a loop that plays the engine.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod world;

use search::network;
use search::network::catalogue;
use search::objective::{Direction, Objective};
use search::randomness::Randomness;
use search::space::{Genotype, Space};
use search::strategy::{Observed, ObservedResult, Order, Problem, Proposal, Strategy, StrategyKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of shared test data, or `None` after saying loudly that it is absent.
pub fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("NASCENT_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let path = root.join(file);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: {} is absent (set NASCENT_SHARED)", path.display());
    None
}

pub fn maximize(metric: &str) -> Objective {
    Objective { metric: metric.into(), direction: Direction::Maximize, goal: None }
}

/// A problem without free statistics.
pub fn problem(root: Value) -> Problem {
    let space = Space::parse(&json!({"nas_space": 1, "name": "test", "root": root})).expect("test space");
    Problem {
        space: Arc::new(space),
        objectives: vec![maximize("score")],
        constraints: Vec::new(),
        statistics: Arc::new(|_| Ok(BTreeMap::new())),
        dataset: None,
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials: None,
    }
}

/// A problem over a ready-made space, with its free statistics and a data set.
pub fn ready_made(name: &str, options: &Value) -> Problem {
    let options = options.as_object().expect("options");
    let space = Arc::new(catalogue::build(name, options).unwrap_or_else(|faults| panic!("{name}: {faults}")));
    let known = space.clone();
    let statistics = move |genotype: &Genotype| {
        let candidate = known.materialise(genotype).map_err(|faults| faults.to_string())?;
        network::statistics(&candidate).map_err(|faults| faults.to_string())
    };
    Problem {
        space,
        objectives: vec![maximize("score")],
        constraints: Vec::new(),
        statistics: Arc::new(statistics),
        dataset: Some("digits".into()),
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials: None,
    }
}

/// Small networks with decisions of every kind that a supernet can hold.
pub fn networks() -> Vec<(&'static str, Problem)> {
    let chain = json!({"input": [3, 16, 16], "classes": 10, "stem": 8, "stem_stride": 1, "channels": [8, 16],
        "layers": [3, 3], "strides": [1, 2], "head": 16});
    vec![
        ("nasbench201", ready_made("nasbench201", &json!({"channels": 4, "cells": 1, "input": [3, 16, 16]}))),
        ("darts", ready_made("darts", &json!({"channels": 4, "layers": 3, "input": [3, 16, 16]}))),
        ("fbnet", ready_made("fbnet", &chain)),
        ("resnet-widths", ready_made("resnet-widths", &json!({"depth": 14, "input": [3, 16, 16]}))),
    ]
}

/// Options with which a strategy proposes at least some tens of trials.
pub fn generous(kind: &dyn StrategyKind) -> Value {
    let schema = kind.options_schema();
    let has = |name: &str| schema["properties"].get(name).is_some();
    match (has("candidates"), has("generations")) {
        (true, true) => json!({"candidates": 30, "repeats": 2, "epochs": 4, "population": 20, "generations": 2}),
        (true, false) => json!({"candidates": 30, "repeats": 2, "epochs": 4}),
        (false, _) => json!({}),
    }
}

/// Spaces of every shape: flat, conditional, multi-choice, with a continuous decision.
pub fn spaces() -> Vec<(&'static str, Value)> {
    let flat = json!({"a": {"$oneof": [0, 1, 2, 3]}, "b": {"$int": {"min": 0, "max": 4}}, "c": {"$bool": true}});
    let conditional = json!({
        "kind": {"$oneof": [{"x": {"$int": {"min": 0, "max": 5}}}, {"y": {"$oneof": [0, {"z": {"$bool": true}}]}}]},
        "layers": {"$repeat": {"times": {"$int": {"min": 1, "max": 3}}, "body": {"$oneof": [0, 1]}}},
    });
    let many = json!({"m": {"$manyof": {"k": 2, "of": [0, 1, 2, 3], "distinct": true, "sorted": true}},
        "p": {"$perm": [0, 1, 2]}});
    let continuous = json!({"lr": {"$float": {"min": 0.001, "max": 1.0, "scale": "log"}}, "w": {"$oneof": [1, 2]}});
    vec![("flat", flat), ("conditional", conditional), ("many", many), ("continuous", continuous)]
}

/// A made-up score that depends on every choice of the genotype.
pub fn score(problem: &Problem, genotype: &Genotype) -> f64 {
    let vector = problem.space.vector(genotype);
    vector.iter().enumerate().map(|(i, x)| x * ((i as f64 * 1.7).sin() + 0.3)).sum()
}

pub fn done(metric: &str, value: f64) -> ObservedResult {
    let metrics = BTreeMap::from([(metric.to_owned(), value)]);
    ObservedResult::Done { metrics, artifacts: Vec::new(), result: None }
}

/// Plays the engine: keeps `parallel` trials in flight, answers the oldest first, up to `limit` trials.
/// `tamper` sees the strategy before each call and may replace it (by one restored from its state).
pub fn play(
    mut strategy: Box<dyn Strategy>,
    randomness: &Randomness,
    parallel: usize,
    limit: usize,
    mut answer: impl FnMut(&Genotype) -> ObservedResult,
    mut tamper: impl FnMut(Box<dyn Strategy>) -> Box<dyn Strategy>,
) -> (Vec<Genotype>, Option<String>) {
    let mut in_flight: VecDeque<Order> = VecDeque::new();
    let mut proposed = Vec::new();
    let mut finished = None;
    loop {
        strategy = tamper(strategy);
        let room = (parallel - in_flight.len()).min(limit - proposed.len());
        if room > 0 && finished.is_none() {
            match strategy.propose(room, randomness) {
                Proposal::Orders(orders) => {
                    assert!(orders.len() <= room, "more orders than room");
                    for order in orders {
                        if let Order::Trial { genotype, .. } = &order {
                            proposed.push(genotype.clone());
                        }
                        in_flight.push_back(order);
                    }
                }
                Proposal::Wait => {
                    assert!(!in_flight.is_empty(), "waits although nothing is in flight")
                }
                Proposal::Finished(why) => finished = Some(why),
            }
        }
        let Some(order) = in_flight.pop_front() else {
            return (proposed, finished);
        };
        let (tag, genotype, result) = match order {
            Order::Trial { tag, genotype, .. } => (tag, Some(genotype.clone()), answer(&genotype)),
            Order::Supernet { tag, work } => (tag, None, world::supernet(&work)),
            Order::Score { tag, work } => (tag, None, world::score(&work)),
            Order::Measure { tag, work } => (tag, None, world::measure(&work)),
        };
        strategy = tamper(strategy);
        strategy.observe(&Observed { tag, genotype, result });
    }
}
