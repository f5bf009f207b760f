//! Invariant 5: once per fidelity; a clear word when the space is exhausted; constraints before training.

use crate::coordinator;
use crate::support::{external, sum};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_strategy_of_trials_ends_when_the_space_is_exhausted_and_evaluates_nothing_twice() {
    let c = coordinator!();
    // Shared weights need a network; these points have none.
    let registry = search::strategy::registry().iter();
    for kind in registry.filter(|kind| kind.searches_by() == search::work::WorkKind::Train) {
        let change = json!({"strategy": {"name": kind.name()}, "budget": {"max_trials": 500, "parallel_trials": 3}});
        let study = c.submit(&external(3, change)).await;
        let view = c.work("w", study, sum).await;
        assert_eq!(view.state, "completed", "{}: {view:?}", kind.name());
        let mut keys: Vec<String> =
            c.trials(study).await.iter().map(|t| t.genotype.as_ref().unwrap().to_string()).collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "{} evaluated something twice", kind.name());
        assert!(count <= 9);
        println!("{}: {count} of 9, {:?}", kind.name(), view.reason);
        if kind.name() == "random" || kind.name() == "grid" {
            assert_eq!(count, 9);
            assert!(view.reason.unwrap().contains("all 9"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_that_break_a_constraint_are_not_trained() {
    let c = coordinator!();
    let study = json!({
        "name": "narrow",
        "space": {"builtin": {"name": "digits-quickstart"}},
        "dataset": "digits",
        "objectives": [{"metric": "top1", "direction": "maximize"}, {"metric": "params", "direction": "minimize"}],
        "constraints": [{"metric": "params", "max": 1.0}],
        "strategy": {"name": "random"},
        "budget": {"max_trials": 5},
    });
    let study = c.submit(&study).await;
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!(view.state, "failed", "{view:?}");
    println!("{:?} {:?}", view.reason, view.counts);
    assert_eq!(c.sql_count("SELECT count(*) FROM work").await, 0);
    if let Some(trial) = c.trials(study).await.first() {
        assert_eq!(trial.state, "infeasible");
        assert!(trial.reason.as_ref().unwrap().contains("params is"), "{:?}", trial.reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn free_statistics_are_known_before_training() {
    let c = coordinator!();
    let study = json!({
        "name": "free",
        "space": {"builtin": {"name": "digits-quickstart"}},
        "dataset": "digits",
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "budget": {"max_trials": 2},
        "training": {"epochs": 1, "recipe": {"batch_size": 17}},
    });
    let study = c.submit(&study).await;
    let lease = c.must_lease("w").await;
    let trial = &c.trials(study).await[0];
    assert!(trial.statistics["params"] > 0.0 && trial.statistics["flops"] > 0.0, "{:?}", trial.statistics);
    assert_eq!(crate::support::candidate(&lease)["recipe"]["batch_size"], 17);
    assert_eq!(c.app.trial_candidate(trial.id).await.unwrap()["recipe"]["batch_size"], 17);
}
