//! Budgets in trials, epochs and time; goals; failures; limits that change while the study runs.

use crate::coordinator;
use crate::support::{done, external, failed, sum};
use search::work::{FailureReason, Outcome};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_goal_ends_the_search() {
    let c = coordinator!();
    let objectives = json!([{"metric": "score", "direction": "maximize", "goal": 10.0}]);
    let study = c.submit(&external(10, json!({"objectives": objectives, "budget": {"max_trials": 50}}))).await;
    let lease = c.must_lease("w").await;
    c.outcome(&lease, done("score", 11.0)).await.unwrap();
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!((view.state.as_str(), view.counts.completed, view.counts.cancelled), ("completed", 1, 1), "{view:?}");
    assert!(view.reason.unwrap().contains("goal"));
}

#[tokio::test(flavor = "multi_thread")]
async fn epochs_are_a_budget() {
    let c = coordinator!();
    let budget = json!({"max_trials": null, "max_epochs": 35, "parallel_trials": 2});
    let study = c.submit(&external(10, json!({"budget": budget, "training": {"epochs": 10}}))).await;
    let view = c.work("w", study, sum).await;
    assert_eq!((view.counts.completed, view.progress.epochs), (3, 30), "{view:?}");
    assert_eq!(view.reason.as_deref(), Some("the budget of 35 epochs is spent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_a_budget() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"max_trials": null, "timeout_seconds": 1.0}}))).await;
    let lease = c.must_lease("w").await;
    c.outcome(&lease, done("score", 1.0)).await.unwrap();
    let slow = c.must_lease("w").await;
    c.until(study, |s| s.progress.seconds > 1.3).await;
    let stop = c.report(&slow, Default::default()).await.unwrap().directive;
    assert_eq!(stop, search::work::Directive::Stop);
    c.outcome(&slow, Outcome::Stopped { epoch: 0, metrics: Default::default(), artifacts: vec![] }).await.unwrap();
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!(view.state, "completed", "{view:?}");
    assert_eq!(view.reason.as_deref(), Some("the time of 1 seconds is spent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_failures_fail_the_study() {
    let c = coordinator!();
    let budget = json!({"max_trials": 50, "max_failed_trials": 1, "parallel_trials": 1});
    let study = c.submit(&external(10, json!({"budget": budget}))).await;
    for _ in 0..2 {
        let lease = c.must_lease("w").await;
        c.outcome(&lease, failed(FailureReason::InvalidInput)).await.unwrap();
    }
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!((view.state.as_str(), view.counts.failed), ("failed", 2), "{view:?}");
    assert_eq!(view.reason.as_deref(), Some("2 trials have failed; the study bears 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_without_one_completed_trial_has_failed() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"max_trials": 1}}))).await;
    let lease = c.must_lease("w").await;
    c.outcome(&lease, failed(FailureReason::InvalidInput)).await.unwrap();
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!(view.state, "failed");
    assert!(view.reason.unwrap().starts_with("no trial was completed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_change_while_the_study_runs() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"max_trials": 2, "parallel_trials": 1}}))).await;
    c.must_lease("a").await;
    assert!(c.lease("b", 1).await.is_none());
    let view =
        c.app.study_patch(study, &json!({"max_trials": 9, "parallel_trials": 3, "name": "wider"})).await.unwrap();
    assert_eq!((view.limits.max_trials, view.name.as_str()), (Some(9), "wider"));
    c.must_lease("b").await;
    c.must_lease("c").await;
    let view = c.app.study_patch(study, &json!({"max_trials": 3})).await.unwrap();
    assert_eq!(view.limits.max_trials, Some(3));
    for worker in ["a", "b", "c"] {
        let lease = c.must_lease(worker).await;
        c.outcome(&lease, done("score", 1.0)).await.unwrap();
    }
    let view = c.until(study, |s| s.finished_at.is_some()).await;
    assert_eq!(view.counts.completed, 3, "{view:?}");
    assert!(c.app.study_patch(study, &json!({"max_trials": 30})).await.is_err(), "it has ended");
}
