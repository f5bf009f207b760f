//! Behaviour that the conformance suite cannot know.

use super::*;
use crate::objective::{Direction, Objective};
use crate::space::Space;
use crate::strategy::{ObservedResult, find};
use serde_json::json;
use std::sync::Arc;

fn problem(max_trials: Option<u64>) -> Problem {
    let root = json!({"a": {"$int": {"min": 0, "max": 999}}, "b": {"$int": {"min": 0, "max": 999}}});
    let space = Space::parse(&json!({"nas_space": 1, "name": "t", "root": root})).unwrap();
    Problem {
        space: Arc::new(space),
        objectives: vec![Objective { metric: "score".into(), direction: Direction::Minimize, goal: None }],
        constraints: Vec::new(),
        statistics: Arc::new(|_| Ok(BTreeMap::new())),
        dataset: None,
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials,
    }
}

fn observe(problem: &Problem, options: &Options, state: &mut State, genotype: Genotype, score: f64) {
    let metrics = BTreeMap::from([("score".to_owned(), score)]);
    let result = ObservedResult::Done { metrics, artifacts: Vec::new(), result: None };
    Evolution::observe(problem, options, state, &Observed { tag: 0, genotype: Some(genotype), result });
}

#[test]
fn a_short_study_shrinks_the_population() {
    let options = Options::default();
    assert_eq!(options.population_for(&problem(Some(24))), 8);
    assert_eq!(options.population_for(&problem(Some(3))), 4);
    assert_eq!(options.population_for(&problem(None)), 30);
}

#[test]
fn children_differ_from_the_tournament_winner_in_one_decision() {
    let problem = problem(None);
    let options = Options { population: Some(4), tournament: 4, recombination: 0.0 };
    let mut state = State::default();
    let read = |a: u64, b: u64| problem.space.read_genotype(&json!([a, b])).unwrap();
    for (a, score) in [(10, 5.0), (20, 1.0), (30, 7.0), (40, 9.0)] {
        observe(&problem, &options, &mut state, read(a, a), score);
    }
    let proposal = Evolution::propose(&problem, &options, &mut state, 10, &Randomness::new(1));
    let Proposal::Orders(orders) = proposal else { panic!("{proposal:?}") };
    let winner = read(20, 20);
    for order in orders {
        let Order::Trial { genotype, .. } = order else { panic!() };
        let changed = genotype.0.iter().zip(&winner.0).filter(|(a, b)| a != b).count();
        assert_eq!(changed, 1, "{genotype:?} is not a child of the individual with the smallest score");
    }
}

#[test]
fn the_oldest_dies_even_if_it_is_the_best() {
    let problem = problem(None);
    let options = Options { population: Some(2), tournament: 2, recombination: 0.0 };
    let mut state = State::default();
    for (a, score) in [(1, 0.0), (2, 5.0), (3, 6.0)] {
        observe(&problem, &options, &mut state, problem.space.read_genotype(&json!([a, a])).unwrap(), score);
    }
    let alive: Vec<f64> = state.population.iter().map(|individual| individual.fitness.values()[0]).collect();
    assert_eq!(alive, [-5.0, -6.0]);
}

#[test]
fn options_out_of_range_are_refused_together() {
    let options = json!({"population": 1, "tournament": 1, "recombination": 2.0});
    let faults = find("evolution").unwrap().check(&problem(None), &options).unwrap_err();
    let pointers: Vec<_> = faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/population", "/tournament", "/recombination"]);
}
