//! What every strategy of the registry must do, on spaces of every shape.

mod support;

use search::objective::Constraint;
use search::randomness::Randomness;
use search::strategy::{ObservedResult, Problem, Strategy, StrategyKind, registry};
use search::work::FailureReason;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use support::{done, generous, maximize, networks, play, problem, ready_made, score, spaces};

fn seed() -> Randomness {
    Randomness::new(11)
}

/// Runs `check` for every strategy on every space that it accepts.
fn for_all(check: impl Fn(&dyn StrategyKind, &str, Problem)) {
    let values = spaces().into_iter().map(|(name, root)| (name, problem(root)));
    let all: Vec<(&str, Problem)> = values.chain(networks()).collect();
    for kind in registry() {
        let mut ran = 0;
        for (name, problem) in &all {
            if kind.check(problem, &generous(*kind)).is_ok() {
                check(*kind, name, problem.clone());
                ran += 1;
            }
        }
        assert!(ran >= 2, "{} accepts too few spaces", kind.name());
    }
}

/// The strategies that search a problem, and how many they are at least.
fn searching(problem: &Problem, least: usize) -> Vec<&'static dyn StrategyKind> {
    let kinds = registry().iter().copied();
    let kinds: Vec<_> = kinds.filter(|kind| kind.check(problem, &generous(*kind)).is_ok()).collect();
    assert!(kinds.len() >= least, "only {} strategies search this", kinds.len());
    kinds
}

fn create(kind: &dyn StrategyKind, problem: &Problem) -> Box<dyn Strategy> {
    kind.create(problem.clone(), &generous(kind)).expect("options")
}

#[test]
fn proposals_are_valid_and_never_repeat() {
    for_all(|kind, space, problem| {
        let run = play(create(kind, &problem), &seed(), 3, 30, |g| done("score", score(&problem, g)), |s| s);
        let mut keys = BTreeSet::new();
        for genotype in &run.0 {
            problem.space.validate(genotype).unwrap_or_else(|e| panic!("{} on {space}: {e}", kind.name()));
            assert!(keys.insert(problem.space.key(genotype)), "{} repeats on {space}", kind.name());
        }
        assert!(run.0.len() >= 24, "{} stops early on {space}: {:?}", kind.name(), run.1);
    });
}

#[test]
fn a_restart_before_every_call_changes_nothing() {
    for_all(|kind, space, problem| {
        let answer = |g: &_| done("score", score(&problem, g));
        let undisturbed = play(create(kind, &problem), &seed(), 3, 40, answer, |s| s);
        let restarted = play(create(kind, &problem), &seed(), 3, 40, answer, |strategy| {
            let text = serde_json::to_string(&strategy.state().unwrap()).unwrap();
            let state = serde_json::from_str(&text).unwrap();
            kind.restore(problem.clone(), &generous(kind), &state).expect("restores")
        });
        assert_eq!(undisturbed, restarted, "{} on {space}", kind.name());
    });
}

#[test]
fn failures_and_useless_metrics_do_not_stop_the_search() {
    for_all(|kind, space, problem| {
        let mut count = 0;
        let answer = |g: &_| {
            count += 1;
            match count % 6 {
                0 => ObservedResult::Failed { reason: FailureReason::OutOfMemory },
                1 => ObservedResult::Infeasible,
                2 => done("score", f64::NAN),
                3 => done("another metric", 1.0),
                4 => ObservedResult::Stopped { epoch: 1, metrics: BTreeMap::from([("score".into(), 0.5)]) },
                _ => done("score", score(&problem, g)),
            }
        };
        let (proposed, finished) = play(create(kind, &problem), &seed(), 4, 24, answer, |s| s);
        assert_eq!(proposed.len(), 24, "{} on {space}: {finished:?}", kind.name());
    });
}

#[test]
fn a_small_space_is_visited_completely_and_the_end_has_a_reason() {
    let problem = problem(json!({"a": {"$oneof": [0, 1, 2]}, "b": {"$bool": true}}));
    for kind in searching(&problem, 4) {
        let (proposed, finished) = play(create(kind, &problem), &seed(), 2, 100, |_| done("score", 1.0), |s| s);
        assert_eq!(proposed.len(), 6, "{}", kind.name());
        assert!(finished.is_some_and(|why| why.contains("exhausted")), "{}", kind.name());
    }
}

#[test]
fn a_space_of_one_genotype_works() {
    let problem = problem(json!({"only": 1}));
    for kind in searching(&problem, 4) {
        let (proposed, finished) = play(create(kind, &problem), &seed(), 2, 5, |_| done("score", 1.0), |s| s);
        assert_eq!((proposed.len(), finished.is_some()), (1, true), "{}", kind.name());
    }
}

fn at_most(metric: &str, most: f64) -> Vec<Constraint> {
    vec![Constraint { metric: metric.into(), min: None, max: Some(most) }]
}

#[test]
fn constraints_are_kept_before_anything_is_trained() {
    let mut numbers = problem(json!({"a": {"$int": {"min": 0, "max": 9}}, "b": {"$int": {"min": 0, "max": 9}}}));
    let space = numbers.space.clone();
    numbers.statistics = Arc::new(move |genotype| {
        let value = space.materialise(genotype).map_err(|e| e.to_string())?;
        Ok(BTreeMap::from([("flops".to_owned(), value["a"].as_f64().unwrap() * value["b"].as_f64().unwrap())]))
    });
    numbers.constraints = at_most("flops", 20.0);
    for (_, mut problem) in networks().into_iter().chain([("numbers", numbers)]) {
        if problem.constraints.is_empty() {
            // About half of the networks keep it.
            let mut rng = seed().at(search::randomness::Purpose::Show, 0);
            let drawn = (0..31).map(|_| problem.space.sample(search::space::Draw::ByDecision, &mut rng));
            let mut costs: Vec<f64> = drawn.map(|g| (problem.statistics)(&g).unwrap()["flops"]).collect();
            costs.sort_by(f64::total_cmp);
            problem.constraints = at_most("flops", costs[15]);
        }
        let most = problem.constraints[0].max.unwrap();
        for kind in searching(&problem, 4) {
            let answer = |g: &_| done("score", score(&problem, g));
            let (proposed, why) = play(create(kind, &problem), &seed(), 3, 40, answer, |s| s);
            assert!(!proposed.is_empty(), "{}: {why:?}", kind.name());
            for genotype in proposed {
                assert!((problem.statistics)(&genotype).unwrap()["flops"] <= most, "{}", kind.name());
            }
        }
    }
}

#[test]
fn impossible_constraints_end_the_search_with_a_reason() {
    let mut numbers = problem(json!({"a": {"$int": {"min": 0, "max": 9}}}));
    numbers.constraints = at_most("flops", 1.0);
    let mut network = ready_made("nasbench201", &json!({"channels": 4, "cells": 1, "input": [3, 16, 16]}));
    network.constraints = at_most("params", 1.0);
    // Strategies of trials draw ten thousand networks in vain: the values stand for them.
    let shared = searching(&network, 4).into_iter().filter(|kind| kind.check(&numbers, &json!({})).is_err());
    let pairs = shared.map(|kind| (kind, &network)).collect::<Vec<_>>();
    for (kind, problem) in searching(&numbers, 4).into_iter().map(|kind| (kind, &numbers)).chain(pairs) {
        let (proposed, finished) = play(create(kind, problem), &seed(), 3, 40, |_| done("score", 1.0), |s| s);
        assert!(proposed.is_empty() && finished.is_some(), "{}", kind.name());
    }
}

#[test]
fn several_objectives_are_accepted() {
    for_all(|kind, space, mut problem| {
        problem.objectives.push(maximize("second"));
        let answer = |g: &_| {
            let value = score(&problem, g);
            let metrics = BTreeMap::from([("score".to_owned(), value), ("second".to_owned(), -value * value)]);
            ObservedResult::Done { metrics, artifacts: Vec::new(), result: None }
        };
        let (proposed, _) = play(create(kind, &problem), &seed(), 4, 24, answer, |s| s);
        assert_eq!(proposed.len(), 24, "{} on {space}", kind.name());
    });
}

#[test]
fn options_are_described_and_unknown_ones_refused() {
    for kind in registry() {
        let problem = problem(json!({"a": {"$bool": true}}));
        assert_eq!(kind.options_schema()["type"], "object", "{}", kind.name());
        let faults = kind.check(&problem, &json!({"no_such_option": 1})).unwrap_err();
        assert_eq!(faults.0[0].pointer, "/no_such_option", "{}", kind.name());
        assert!(!kind.summary().is_empty());
    }
}

#[test]
fn every_folder_is_registered_and_has_a_readme() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/strategy");
    let folders = std::fs::read_dir(root).unwrap().map(Result::unwrap).filter(|e| e.path().is_dir());
    let folders: BTreeSet<String> = folders.map(|e| e.file_name().into_string().unwrap()).collect();
    let registered: BTreeSet<String> = registry().iter().map(|kind| kind.name().to_owned()).collect();
    // What the strategies with shared weights have in common is no strategy.
    let common = BTreeSet::from(["shared_weights".to_owned()]);
    assert_eq!(folders, registered.union(&common).cloned().collect());
    for name in folders {
        assert!(std::path::Path::new(root).join(&name).join("README.md").exists(), "{name} has no README.md");
    }
}
