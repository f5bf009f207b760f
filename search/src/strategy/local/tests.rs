//! Behaviour that the conformance suite cannot know.

use super::*;
use crate::objective::{Direction, Objective};
use crate::space::Space;
use crate::strategy::ObservedResult;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn it_climbs_to_the_top_of_a_hill_and_then_restarts() {
    let root = json!({"a": {"$int": {"min": 0, "max": 6}}, "b": {"$int": {"min": 0, "max": 6}}});
    let space = Space::parse(&json!({"nas_space": 1, "name": "t", "root": root})).unwrap();
    let problem = Problem {
        space: Arc::new(space),
        objectives: vec![Objective { metric: "score".into(), direction: Direction::Maximize, goal: None }],
        constraints: Vec::new(),
        statistics: Arc::new(|_| Ok(BTreeMap::new())),
        dataset: None,
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials: None,
    };
    let options = Options::default();
    let mut state = LocalSearch::start(&problem, &options);
    let randomness = Randomness::new(5);
    let (mut asked, mut top_at) = (0, None);
    while asked < 49 {
        let proposal = LocalSearch::propose(&problem, &options, &mut state, 5, &randomness);
        let Proposal::Orders(orders) = proposal else {
            break;
        };
        for order in orders {
            let Order::Trial { tag, genotype, .. } = order else { panic!("{order:?}") };
            let value = problem.space.materialise(&genotype).unwrap();
            let score = value["a"].as_f64().unwrap() + value["b"].as_f64().unwrap();
            asked += 1;
            if score == 12.0 {
                top_at = Some(asked);
            }
            let metrics = BTreeMap::from([("score".to_owned(), score)]);
            let result = ObservedResult::Done { metrics, artifacts: Vec::new(), result: None };
            LocalSearch::observe(&problem, &options, &mut state, &Observed { tag, genotype: Some(genotype), result });
        }
    }
    assert!(top_at.is_some_and(|at| at <= 45), "a climb along two axes reaches the top: {top_at:?}");
    assert_eq!(asked, 49, "after the top it restarts until the space is exhausted");
}
