//! Invariant 7: pause keeps everything, resume goes on, stop is gentle, cancel is at once.

use crate::coordinator;
use crate::support::{done, external, sum};
use search::work::{Directive, Outcome, Report};
use serde_json::json;
use server::app::AppError;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_study_leases_nothing_and_goes_on_where_it_was() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"parallel_trials": 2}}))).await;
    let lease = c.must_lease("w").await;
    let view = c.app.study_pause(study).await.unwrap();
    assert_eq!((view.state.as_str(), view.counts.paused, view.counts.running), ("paused", 1, 1), "{view:?}");
    assert!(c.lease("other", 1).await.is_none());
    assert_eq!(c.report(&lease, Report::default()).await.unwrap().directive, Directive::Release);
    c.outcome(&lease, Outcome::Released).await.unwrap();
    assert_eq!(c.study(study).await.counts.paused, 2);
    let seconds = c.study(study).await.progress.seconds;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(c.study(study).await.progress.seconds, seconds, "pauses do not count");
    assert!(matches!(c.app.study_pause(study).await, Err(AppError::Conflict(_))));
    c.app.study_resume(study).await.unwrap();
    let view = c.work("w", study, sum).await;
    assert_eq!((view.state.as_str(), view.counts.completed), ("completed", 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_during_a_pause_is_kept() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    c.app.study_pause(study).await.unwrap();
    assert!(c.outcome(&lease, done("score", 1.0)).await.unwrap().recorded);
    c.app.study_resume(study).await.unwrap();
    assert_eq!(c.work("w", study, sum).await.counts.completed, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_asks_running_trials_for_what_they_have() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    c.until(study, |s| s.counts.waiting == 1).await;
    assert_eq!(c.app.study_stop(study).await.unwrap().state, "stopping");
    assert_eq!(c.report(&lease, Report::default()).await.unwrap().directive, Directive::Stop);
    let metrics = [("score".to_owned(), 2.0)].into();
    c.outcome(&lease, Outcome::Stopped { epoch: 1, metrics, artifacts: vec![] }).await.unwrap();
    let view = c.until(study, |s| s.state == "stopped").await;
    assert_eq!((view.counts.pruned, view.counts.cancelled), (1, 1), "{view:?}");
    assert!(matches!(c.app.study_resume(study).await, Err(AppError::Conflict(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_all_leases_at_once() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    c.until(study, |s| s.counts.waiting == 1).await;
    let view = c.app.study_cancel(study).await.unwrap();
    assert_eq!((view.state.as_str(), view.counts.cancelled, view.counts.running), ("stopped", 2, 0), "{view:?}");
    assert!(matches!(c.report(&lease, Report::default()).await, Err(AppError::Stale)));
    assert!(c.lease("other", 1).await.is_none());
    c.app.study_delete(study).await.unwrap();
    assert!(matches!(c.app.study_get(study).await, Err(AppError::NotFound("study"))));
    for rows in ["SELECT count(*) FROM trials", "SELECT count(*) FROM work", "SELECT count(*) FROM outcomes"] {
        assert_eq!(c.sql_count(rows).await, 0, "{rows}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trial_can_be_cancelled_and_the_study_goes_on() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({"budget": {"parallel_trials": 1}}))).await;
    let lease = c.must_lease("w").await;
    let trial = lease.trial_id.as_ref().unwrap().parse().unwrap();
    assert_eq!(c.app.trial_cancel(trial).await.unwrap().state, "cancelled");
    assert!(matches!(c.app.trial_cancel(trial).await, Err(AppError::Conflict(_))));
    assert!(matches!(c.report(&lease, Report::default()).await, Err(AppError::Stale)));
    let view = c.work("w", study, sum).await;
    assert_eq!((view.counts.cancelled, view.counts.completed), (1, 5), "{view:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_study_cannot_be_deleted() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    assert!(matches!(c.app.study_delete(study).await, Err(AppError::Conflict(_))));
}
