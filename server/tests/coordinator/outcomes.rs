//! Invariants 3 and 6: the same outcome twice is one; failures of every kind are outcomes with a reason.

use crate::coordinator;
use crate::support::{done, external, failed, request, sum};
use search::work::{CurvePoint, FailureReason, Outcome, Report};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_outcome_twice_is_one() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"parallel_trials": 1}}))).await;
    let lease = c.must_lease("w").await;
    let answers = futures::future::join_all((0..8).map(|_| c.outcome(&lease, done("score", 1.0)))).await;
    let recorded = answers.into_iter().filter(|answer| answer.as_ref().unwrap().recorded).count();
    assert_eq!(recorded, 1);
    let view = c.until(study, |s| s.counts.completed == 1).await;
    assert_eq!(view.counts.completed, 1);
    assert!(!c.outcome(&lease, done("score", 7.0)).await.unwrap().recorded);
    assert_eq!(c.trials(study).await[0].metrics["score"], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_brings_the_next_lease() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"max_trials": 20}}))).await;
    let mut lease = c.must_lease("w").await;
    let mut done_count = 0;
    loop {
        let next = request("w", 1);
        let answer = c.app.work_outcome(&lease.work_id, &lease.token, done("score", 1.0), Some(&next)).await.unwrap();
        assert!(answer.recorded);
        done_count += 1;
        match answer.next {
            Some(next) => lease = next,
            None => break,
        }
    }
    assert_eq!(done_count, 20);
    assert_eq!(c.until(study, |s| s.finished_at.is_some()).await.state, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_and_infeasible_candidates_never() {
    let c = coordinator!();
    let study =
        c.submit(&external(10, json!({"budget": {"parallel_trials": 1, "max_trials": 4, "max_attempts": 2}}))).await;
    let first = c.must_lease("w").await;
    c.outcome(&first, failed(FailureReason::OutOfMemory)).await.unwrap();
    let again = c.must_lease("w").await;
    assert_eq!((&again.work_id, again.attempt), (&first.work_id, 2));
    c.outcome(&again, failed(FailureReason::Diverged)).await.unwrap();
    let second = c.must_lease("w").await;
    c.outcome(&second, Outcome::Infeasible { detail: "no such width".into() }).await.unwrap();
    let third = c.must_lease("w").await;
    c.outcome(&third, Outcome::Done { metrics: Default::default(), artifacts: vec![], result: None }).await.unwrap();
    let silent = c.must_lease("w").await;
    assert_eq!(silent.work_id, third.work_id);
    c.outcome(&silent, Outcome::Done { metrics: Default::default(), artifacts: vec![], result: None }).await.unwrap();
    let view = c.work("w", study, sum).await;
    assert_eq!((view.counts.failed, view.counts.infeasible, view.counts.completed), (2, 1, 1), "{view:?}");
    let reasons: Vec<String> = c.trials(study).await.into_iter().filter_map(|t| t.reason).collect();
    assert!(reasons[0].starts_with("diverged: as planned"), "{reasons:?}");
    assert_eq!(reasons[1], "no such width");
    assert!(reasons[2].contains("reported no value for score"), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_lease_does_not_count() {
    let c = coordinator!();
    c.submit(&external(10, json!({"budget": {"parallel_trials": 1, "max_attempts": 1}}))).await;
    for _ in 0..3 {
        let lease = c.must_lease("w").await;
        assert_eq!(lease.attempt, 1);
        c.outcome(&lease, Outcome::Released).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_run_overwrites_its_curve() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"parallel_trials": 1}}))).await;
    let point = |step, value| CurvePoint { metric: "loss".into(), step, value };
    let first = c.must_lease("w").await;
    let points = vec![point(1, 1.0), point(2, 2.0), point(3, 3.0), point(4, 4.0), point(4, 4.5)];
    c.report(&first, Report { points, ..Report::default() }).await.unwrap();
    let second = c.must_lease("w").await;
    c.report(&second, Report { points: vec![point(3, 0.3)], ..Report::default() }).await.unwrap();
    let trial = c.trials(study).await[0].id;
    let curve: Vec<(i32, f64)> = c.app.trial_curve(trial).await.unwrap().iter().map(|p| (p.step, p.value)).collect();
    assert_eq!(curve, [(1, 1.0), (2, 2.0), (3, 0.3)], "step 4 belongs to a run that is no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn floats_come_back_bit_for_bit() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"parallel_trials": 1, "max_trials": 1}}))).await;
    let value = 0.1 + 0.2 + 1e-17;
    c.work("w", study, |_| value).await;
    assert_eq!(c.trials(study).await[0].metrics["score"].to_bits(), value.to_bits());
}
