//! The flow where it can go wrong, and what is refused.

use super::{Flow, SharedWeights};
use crate::network::{self, catalogue};
use crate::objective::{Direction, Objective};
use crate::randomness::Randomness;
use crate::space::{Draw, Genotype, Space};
use crate::strategy::darts::Darts;
use crate::strategy::{Method, Observed, ObservedResult, Order, Problem, Proposal, find};
use crate::supernet::{EpochRecord, SupernetResult};
use crate::work::{ArtifactRef, FailureReason, NamedArtifact};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Options = <Darts as SharedWeights>::Options;

fn problem(space: Space) -> Problem {
    let space = Arc::new(space);
    let known = space.clone();
    let statistics = move |genotype: &Genotype| {
        let candidate = known.materialise(genotype).map_err(|faults| faults.to_string())?;
        network::statistics(&candidate).map_err(|faults| faults.to_string())
    };
    Problem {
        space,
        objectives: vec![Objective { metric: "top1".into(), direction: Direction::Maximize, goal: None }],
        constraints: Vec::new(),
        statistics: Arc::new(statistics),
        dataset: Some("digits".into()),
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials: None,
    }
}

fn nasbench() -> Problem {
    let options = json!({"channels": 4, "cells": 1, "input": [3, 8, 8]});
    problem(catalogue::build("nasbench201", options.as_object().unwrap()).unwrap())
}

fn options(value: Value) -> Options {
    crate::options::read(&value).unwrap()
}

fn genotypes(problem: &Problem, count: u64) -> Vec<Genotype> {
    let draw =
        |i| problem.space.sample(Draw::ByDecision, &mut Randomness::new(i).at(crate::randomness::Purpose::Show, 0));
    (0..count).map(draw).collect()
}

fn trained(derived: Vec<Genotype>) -> ObservedResult {
    let record = |epoch| EpochRecord {
        epoch,
        architectures: BTreeMap::from([(
            "network.cells.cell.nodes[0][0].op".to_owned(),
            vec![0.1, 0.6, 0.1, 0.1, 0.1],
        )]),
        genotype: derived.first().cloned(),
        metrics: BTreeMap::from([("skip_count".to_owned(), f64::from(epoch)), ("loss".to_owned(), 1.0)]),
    };
    let labels = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"].map(str::to_owned);
    let result = SupernetResult {
        epochs: (1..=5).map(record).collect(),
        derived,
        labels: BTreeMap::from([("network.cells.cell.nodes[0][0].op".to_owned(), labels.to_vec())]),
        finalists: Vec::new(),
        stopped: None,
    };
    let artifacts = vec![NamedArtifact { name: "supernet".into(), id: ArtifactRef("weights".into()) }];
    ObservedResult::Done { metrics: BTreeMap::new(), artifacts, result: Some(serde_json::to_value(result).unwrap()) }
}

struct Search {
    problem: Problem,
    options: Options,
    state: <Flow<Darts> as Method>::State,
}

impl Search {
    fn new(value: Value) -> Search {
        let (problem, options) = (nasbench(), options(value));
        let state = Flow::<Darts>::start(&problem, &options);
        Search { problem, options, state }
    }

    fn propose(&mut self, room: usize) -> Proposal {
        Flow::<Darts>::propose(&self.problem, &self.options, &mut self.state, room, &Randomness::new(1))
    }

    fn observe(&mut self, tag: u64, result: ObservedResult) {
        let observed = Observed { tag, genotype: None, result };
        Flow::<Darts>::observe(&self.problem, &self.options, &mut self.state, &observed);
    }
}

fn tags(proposal: &Proposal) -> Vec<u64> {
    let tag = |order: &Order| match order {
        Order::Trial { tag, .. }
        | Order::Supernet { tag, .. }
        | Order::Score { tag, .. }
        | Order::Measure { tag, .. } => *tag,
    };
    match proposal {
        Proposal::Orders(orders) => orders.iter().map(tag).collect(),
        other => panic!("no orders: {other:?}"),
    }
}

fn why(proposal: Proposal) -> String {
    match proposal {
        Proposal::Finished(why) => why,
        other => panic!("not finished: {other:?}"),
    }
}

#[test]
fn supernets_of_one_search_differ_in_their_seed_alone() {
    let mut search = Search::new(json!({"repeats": 2}));
    let Proposal::Orders(orders) = search.propose(5) else { panic!("no orders") };
    let works: Vec<_> = orders
        .iter()
        .map(|order| match order {
            Order::Supernet { work, .. } => work,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(works.len(), 2);
    assert_eq!(works[0].plan, works[1].plan);
    assert_ne!(works[0].seed, works[1].seed);
    assert!(works.iter().all(|work| work.seed < 1 << 53));
    assert_eq!(search.propose(3), Proposal::Wait);
}

#[test]
fn networks_of_one_supernet_are_trained_while_another_is_not_done() {
    let mut search = Search::new(json!({"repeats": 2, "candidates": 2}));
    let supernets = tags(&search.propose(2));
    let derived = genotypes(&search.problem, 3);
    search.observe(supernets[1], trained(derived.clone()));
    let Proposal::Orders(orders) = search.propose(9) else { panic!("no orders") };
    let trials: Vec<&Genotype> = orders
        .iter()
        .map(|order| match order {
            Order::Trial { genotype, .. } => genotype,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(trials, [&derived[0], &derived[1]]);
    // The other supernet gives one network that is known and one that is new.
    search.observe(supernets[0], trained(vec![derived[1].clone(), derived[2].clone()]));
    assert_eq!(tags(&search.propose(9)).len(), 1);
    // All is ordered; trials are still in flight.
    assert_eq!(search.propose(9), Proposal::Wait);
    (3..=5).for_each(|tag| search.observe(tag, ObservedResult::Infeasible));
    assert!(why(search.propose(9)).contains("all 3 networks"), "{:?}", search.state);
}

#[test]
fn a_search_without_a_supernet_ends_and_says_why() {
    let mut search = Search::new(json!({"repeats": 2}));
    tags(&search.propose(2));
    search.observe(1, ObservedResult::Failed { reason: FailureReason::OutOfMemory });
    assert_eq!(search.propose(1), Proposal::Wait);
    search.observe(2, ObservedResult::Done { metrics: BTreeMap::new(), artifacts: Vec::new(), result: Some(json!(7)) });
    let why = why(search.propose(1));
    assert!(why.contains("no supernet could be trained") && why.contains("out of memory"), "{why}");
    assert!(why.contains("supernet 2: the worker's result cannot be read"), "{why}");
}

#[test]
fn one_supernet_that_fails_does_not_spoil_the_other() {
    let mut search = Search::new(json!({"repeats": 2}));
    tags(&search.propose(2));
    search.observe(1, ObservedResult::Failed { reason: FailureReason::Diverged });
    search.observe(2, trained(genotypes(&search.problem, 1)));
    assert_eq!(tags(&search.propose(4)), [3]);
    search.observe(3, ObservedResult::Infeasible);
    assert!(why(search.propose(4)).contains("NaN"));
}

#[test]
fn a_supernet_without_networks_and_a_foreign_genotype_are_no_candidates() {
    let mut search = Search::new(json!({}));
    tags(&search.propose(2));
    search.observe(1, trained(vec![Genotype(Vec::new())]));
    assert!(why(search.propose(4)).contains("gave no network"));
}

#[test]
fn outcomes_of_unknown_orders_change_nothing() {
    let mut search = Search::new(json!({}));
    tags(&search.propose(2));
    search.observe(9, trained(genotypes(&search.problem, 1)));
    assert_eq!(search.propose(4), Proposal::Wait);
}

#[test]
fn a_search_shows_probabilities_curves_networks_and_signs_of_collapse() {
    use crate::strategy::Insight;
    let mut search = Search::new(json!({}));
    tags(&search.propose(1));
    search.observe(1, trained(genotypes(&search.problem, 1)));
    let insights = Flow::<Darts>::insights(&search.problem, &search.state);
    let heatmap = insights.iter().find_map(|insight| match insight {
        Insight::Heatmap { rows, columns, values, .. } => Some((rows.len(), columns.len(), values[0][1])),
        _ => None,
    });
    assert_eq!(heatmap, Some((1, 5, 0.6)));
    assert!(insights.iter().any(|insight| matches!(insight, Insight::Series { y, .. } if y == "loss")));
    assert!(insights.iter().any(|insight| matches!(insight, Insight::Table { rows, .. } if rows.len() == 1)));
    let warned =
        |insight: &Insight| matches!(insight, Insight::Text { text, .. } if text.contains("5 skip connections"));
    assert!(insights.iter().any(warned));
}

/// The details of the faults at `/space` that a strategy finds.
fn refusal(strategy: &str, problem: &Problem) -> String {
    let faults = find(strategy).unwrap().check(problem, &json!({})).unwrap_err();
    assert!(faults.0.iter().all(|fault| fault.pointer == "/space"), "{faults}");
    faults.to_string()
}

fn network(layers: Value, recipe: Value) -> Problem {
    let root = json!({"network": {"input": [3, 8, 8], "classes": 2, "layers": layers}, "recipe": recipe});
    problem(Space::parse(&json!({"nas_space": 1, "name": "test", "root": root})).unwrap())
}

#[test]
fn refusals_name_the_decision_and_who_can_take_it() {
    let choice = json!({"$oneof": [{"op": "conv", "channels": 4}, {"op": "conv", "channels": 4, "kernel": 1}]});
    let width = network(json!([{"op": "conv", "channels": {"$oneof": [4, 8]}}, "classifier"]), json!({}));
    let why = refusal("darts", &width);
    assert!(why.contains("`network.layers[0].channels`") && why.contains("spos"), "{why}");
    assert!(find("spos").unwrap().check(&width, &json!({})).is_ok());
    let recipe = network(json!([choice, "classifier"]), json!({"lr": {"$oneof": [0.1, 0.2]}}));
    let why = refusal("gdas", &recipe);
    assert!(why.contains("`recipe.lr`") && why.contains("evolution"), "{why}");
    let kernel = json!({"op": "conv", "channels": 4, "kernel": {"$float": {"min": 1.0, "max": 3.0}}});
    let why = refusal("rsps", &network(json!([kernel, "classifier"]), json!({})));
    assert!(why.contains("`network.layers[0].kernel`") && why.contains("continuous"), "{why}");
    let stride = json!({"$oneof": [{"op": "conv", "channels": 4}, {"op": "conv", "channels": 4, "stride": 2}]});
    let why = refusal("darts", &network(json!([stride, "classifier"]), json!({})));
    assert!(why.contains("`network.layers[0]`") && why.contains("evolution"), "{why}");
    let why = refusal("setn", &network(json!([{"op": "conv", "channels": 4}, "classifier"]), json!({})));
    assert!(why.contains("nothing to search"), "{why}");
    let darts = json!({"channels": 4, "layers": 3, "input": [3, 16, 16]});
    let edges = problem(catalogue::build("darts", darts.as_object().unwrap()).unwrap());
    let why = refusal("enas", &edges);
    assert!(why.contains("`network.cells.normal.nodes[0]` picks 2 of 2 edges") && why.contains("use darts"), "{why}");
    let external =
        problem(Space::parse(&json!({"nas_space": 1, "name": "x", "root": {"a": {"$bool": true}}})).unwrap());
    assert!(refusal("darts", &external).contains("evolution"));
}

#[test]
fn wrong_options_stand_at_their_fields() {
    let problem = nasbench();
    for (strategy, options, pointer) in [
        ("darts", json!({"epochs": 0}), "/epochs"),
        ("darts", json!({"adapt": true}), "/adapt"),
        ("darts", json!({"warmup_epochs": 50}), "/warmup_epochs"),
        ("darts", json!({"recipe": {"lr": "fast"}}), "/recipe/lr"),
        ("darts", json!({"order": "third"}), "/order"),
        ("sharpdarts", json!({"power": 0.5}), "/power"),
        ("gdas", json!({"temperature_end": 0.0}), "/temperature_end"),
        ("setn", json!({"finalists": 1, "candidates": 2}), "/finalists"),
        ("enas", json!({"updates": 0}), "/updates"),
        ("spos", json!({"population": 1}), "/population"),
    ] {
        let faults = find(strategy).unwrap().check(&problem, &options).unwrap_err();
        assert!(faults.0.iter().any(|fault| fault.pointer == pointer), "{strategy} {options}: {faults}");
    }
}

#[test]
fn each_method_has_its_published_defaults() {
    for (strategy, epochs) in [("darts", 50), ("sharpdarts", 120), ("gdas", 250), ("rsps", 100)] {
        let schema = find(strategy).unwrap().options_schema();
        assert_eq!(schema["properties"]["epochs"]["default"], epochs, "{strategy}");
    }
}
