//! The end of a study: the best candidates and the baseline are retrained, then the study is complete.

use crate::coordinator;
use crate::support::{candidate, done, external, sum};
use search::work::{Outcome, Split, Work};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_best_and_the_baseline_are_retrained() {
    let c = coordinator!();
    let finals = json!({"candidates": 2, "epochs": 7, "baseline": {"x": 0, "y": 0}});
    let study = c.submit(&external(10, json!({"final": finals, "budget": {"max_trials": 5}}))).await;
    let mut final_works = Vec::new();
    while let Some(lease) = c.lease("w", 2).await {
        let Work::Train(train) = &lease.work else { panic!() };
        let score = sum(candidate(&lease));
        if train.split == Split::Final {
            assert_eq!((train.epochs, train.export), (7, true));
            final_works.push(score);
        }
        c.outcome(&lease, done("score", score)).await.unwrap();
    }
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!((view.state.as_str(), view.phase.as_str()), ("completed", "final"));
    let trials = c.trials(study).await;
    let mut scores: Vec<f64> = trials.iter().filter(|t| !t.is_final).map(|t| t.metrics["score"]).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    assert_eq!(final_works, [scores[0], scores[1], 0.0]);
    let best = c.app.study_best(study).await.unwrap();
    assert_eq!(best.len(), 3);
    assert_eq!((best[0].metrics["score"], best[2].baseline), (scores[0], true));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_objectives_retrain_the_pareto_front() {
    let c = coordinator!();
    let objectives = json!([{"metric": "x", "direction": "maximize"}, {"metric": "y", "direction": "maximize"}]);
    let change =
        json!({"objectives": objectives, "final": {"candidates": 10, "epochs": 1}, "budget": {"max_trials": 12}});
    let study = c.submit(&external(10, change)).await;
    while let Some(lease) = c.lease("w", 2).await {
        let of = candidate(&lease);
        let metrics = ["x", "y"].map(|name| (name.to_owned(), of[name].as_f64().unwrap())).into();
        c.outcome(&lease, Outcome::Done { metrics, artifacts: vec![], result: None }).await.unwrap();
    }
    c.until(study, |s| s.state == "completed").await;
    let front = c.app.study_pareto(study).await.unwrap();
    let finals = c.trials(study).await.into_iter().filter(|t| t.is_final).count();
    assert_eq!(finals, front.len());
    for a in &front {
        assert!(!front.iter().any(|b| b.metrics["x"] > a.metrics["x"] && b.metrics["y"] >= a.metrics["y"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_whose_final_trainings_all_fail_has_failed() {
    let c = coordinator!();
    let change = json!({"final": {"candidates": 1, "epochs": 1}, "budget": {"max_trials": 1}});
    let study = c.submit(&external(10, change)).await;
    let lease = c.must_lease("w").await;
    c.outcome(&lease, done("score", 1.0)).await.unwrap();
    let last = c.must_lease("w").await;
    c.outcome(&last, Outcome::Infeasible { detail: "the test set is gone".into() }).await.unwrap();
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!(view.state, "failed");
    assert!(view.reason.unwrap().contains("the test set is gone"));
}
