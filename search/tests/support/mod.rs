//! What the strategy tests share: problems over small spaces and a loop that plays the engine.

#![allow(dead_code, reason = "each test binary uses its own part")]

use search::objective::{Direction, Objective};
use search::randomness::Randomness;
use search::space::{Genotype, Space};
use search::strategy::{Observed, ObservedResult, Order, Problem, Proposal, Strategy};
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
    let mut in_flight: VecDeque<(u64, Genotype)> = VecDeque::new();
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
                        let Order::Trial { tag, genotype, .. } = order else { panic!("not a trial: {order:?}") };
                        proposed.push(genotype.clone());
                        in_flight.push_back((tag, genotype));
                    }
                }
                Proposal::Wait => {
                    assert!(!in_flight.is_empty(), "waits although nothing is in flight")
                }
                Proposal::Finished(why) => finished = Some(why),
            }
        }
        let Some((tag, genotype)) = in_flight.pop_front() else {
            return (proposed, finished);
        };
        let result = answer(&genotype);
        strategy = tamper(strategy);
        strategy.observe(&Observed { tag, genotype: Some(genotype), result });
    }
}
