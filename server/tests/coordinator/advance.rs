//! Invariants 1 and 4: a study advances by compare-and-set; restarts and several coordinators change nothing.

use crate::coordinator;
use crate::support::{Coordinator, candidate, done, external, sum};
use serde_json::json;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_study_runs_to_its_end_and_keeps_the_best() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    let view = c.work("w", study, sum).await;
    assert_eq!((view.state.as_str(), view.counts.completed), ("completed", 6), "{view:?}");
    assert_eq!(view.reason.as_deref(), Some("all 6 trials were run"));
    let trials = c.trials(study).await;
    let best = trials.iter().map(|t| t.metrics["score"]).fold(f64::MIN, f64::max);
    assert_eq!(view.best.unwrap().metrics["score"], best);
    assert_eq!(trials.iter().map(|t| t.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(c.app.study_best(study).await.unwrap()[0].metrics["score"], best);
}

/// Genotypes in the order of proposal; one worker, so outcomes come in one order.
async fn history(c: &Coordinator, study: Uuid) -> Vec<String> {
    c.trials(study).await.iter().map(|t| t.genotype.as_ref().unwrap().to_string()).collect()
}

fn evolution() -> serde_json::Value {
    let budget = json!({"max_trials": 14, "parallel_trials": 1});
    external(
        30,
        json!({"strategy": {"name": "evolution", "options": {"population": 4, "tournament": 2}}, "budget": budget}),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_changes_no_proposal() {
    let c = coordinator!();
    let study = c.submit(&evolution()).await;
    c.work("w", study, sum).await;
    let undisturbed = history(&c, study).await;

    let study = c.submit(&evolution()).await;
    for _ in 0..7 {
        let lease = c.must_lease("w").await;
        let score = sum(candidate(&lease));
        c.outcome(&lease, done("score", score)).await.unwrap();
    }
    c.app.close().await;
    let again = c.second().await;
    again.work("w", study, sum).await;
    assert_eq!(history(&again, study).await, undisturbed);
    again.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_coordinators_do_not_repeat_or_lose_anything() {
    let c = coordinator!();
    let (second, third) = (c.second().await, c.second().await);
    let study = c.submit(&external(100, json!({"budget": {"max_trials": 60, "parallel_trials": 6}}))).await;
    let (a, b, d) = tokio::join!(c.work("a", study, sum), second.work("b", study, sum), third.work("d", study, sum));
    for view in [a, b, d] {
        assert_eq!((view.state.as_str(), view.counts.completed), ("completed", 60), "{view:?}");
    }
    assert_eq!(c.sql_count("SELECT count(*) FROM outcomes WHERE consumed_by IS NULL").await, 0);
    assert_eq!(c.sql_count("SELECT count(*) FROM outcomes").await, 60);
    assert_eq!(c.sql_count("SELECT count(DISTINCT key) FROM trials").await, 60);
    second.app.close().await;
    third.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_dies_without_loops_is_followed_by_another() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    c.app.close().await;
    // Its successor knows the lease, and the worker does not notice.
    let next = c.second().await;
    next.outcome(&lease, done("score", 1.0)).await.unwrap();
    let view = next.work("w", study, sum).await;
    assert_eq!(view.counts.completed, 6);
    next.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_document_is_refused_with_all_faults() {
    let c = coordinator!();
    let study = external(10, json!({"name": "", "budget": {"max_trials": 0}, "strategy": {"name": "magic"}}));
    let server::app::AppError::Invalid(faults) = c.app.study_submit(&study, None).await.unwrap_err() else { panic!() };
    let pointers: Vec<&str> = faults.0.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/budget/max_trials", "/strategy/name"], "{faults}");
}
