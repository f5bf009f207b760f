//! Invariant 2: leases are fenced and come back when their holder goes silent.

use crate::coordinator;
use crate::support::{done, external, request};
use search::work::{CurvePoint, Report};
use serde_json::json;
use server::app::AppError;
use std::collections::HashSet;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn no_two_workers_get_the_same_work() {
    let c = coordinator!();
    c.submit(&external(100, json!({"budget": {"max_trials": 40, "parallel_trials": 40}}))).await;
    c.must_lease("first").await;
    let leases = (0..39).map(|n| {
        let (app, name) = (c.app.clone(), format!("w{n}"));
        tokio::spawn(async move { app.work_lease(&request(&name, 10)).await.unwrap().unwrap().work_id })
    });
    let works: HashSet<String> = futures::future::join_all(leases).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(works.len(), 39);
    assert!(c.lease("late", 0).await.is_none(), "parallel_trials holds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_ends_with_new_work() {
    let c = coordinator!();
    let app = c.app.clone();
    let waiting = tokio::spawn(async move { app.work_lease(&request("w", 20)).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    c.submit(&external(10, json!({}))).await;
    assert!(waiting.await.unwrap().is_some());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_ends_with_the_server() {
    let c = coordinator!();
    let app = c.app.clone();
    let waiting = tokio::spawn(async move { app.work_lease(&request("w", 30)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    c.app.close().await;
    assert!(waiting.await.unwrap().unwrap().is_none());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_worker_loses_its_lease_and_the_checkpoint_goes_on() {
    let c = coordinator!(|settings| settings.lease = Duration::from_millis(700));
    let study = c.submit(&external(10, json!({"budget": {"parallel_trials": 1, "max_attempts": 2}}))).await;
    let lost = c.must_lease("silent").await;
    let upload =
        server::artifact::Upload { work_id: &lost.work_id, token: &lost.token, name: "checkpoint", sha256: None };
    let body = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"weights"))]);
    let checkpoint = c.app.artifact_put(upload, body).await.unwrap();
    let report = Report {
        checkpoint: Some(search::work::ArtifactRef(checkpoint.id.to_string())),
        points: vec![CurvePoint { metric: "loss".into(), step: 1, value: 0.5 }],
        progress: Some(0.5),
        ..Report::default()
    };
    c.report(&lost, report).await.unwrap();

    let found = c.must_lease("other").await;
    assert_eq!((found.work_id.as_str(), found.attempt), (lost.work_id.as_str(), 2));
    assert_eq!(found.checkpoint.unwrap().0, checkpoint.id.to_string());
    // The first comes back: nothing that it says changes anything.
    let point = CurvePoint { metric: "loss".into(), step: 2, value: 9.0 };
    let late = c.report(&lost, Report { points: vec![point], ..Report::default() }).await;
    assert!(matches!(late, Err(AppError::Stale)), "{late:?}");
    let trial = c.trials(study).await.remove(0);
    assert_eq!(c.app.trial_curve(trial.id).await.unwrap().len(), 1);
    assert_eq!((trial.state.as_str(), trial.attempt, trial.worker.as_deref()), ("running", 2, Some("other")));
    // The second goes silent too: no attempts are left.
    let view = c.until(study, |s| s.counts.failed == 1).await;
    let trial = c.trials(study).await.remove(0);
    assert_eq!(trial.state, "failed", "{view:?}");
    let reason = trial.reason.unwrap();
    assert!(reason.contains("went silent") && reason.contains("attempt 2 of 2"), "{reason}");
    assert_eq!(c.app.trial_attempts(trial.id).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_keep_a_lease_alive() {
    let c = coordinator!(|settings| settings.lease = Duration::from_millis(800));
    c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("busy").await;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        c.report(&lease, Report::default()).await.unwrap();
    }
    assert!(c.outcome(&lease, done("score", 1.0)).await.unwrap().recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_under_its_name_gets_its_unfinished_work_first() {
    let c = coordinator!();
    c.submit(&external(10, json!({"budget": {"parallel_trials": 3, "max_attempts": 2}}))).await;
    let before = c.must_lease("same").await;
    let other = c.must_lease("another").await;
    let after = c.must_lease("same").await;
    assert_eq!((&after.work_id, after.attempt), (&before.work_id, 2));
    assert_ne!(after.token, before.token);
    assert_ne!(after.work_id, other.work_id);
    assert!(matches!(c.outcome(&before, done("score", 1.0)).await, Err(AppError::Stale)));
    // It crashes on it again: the attempts are used up, and it gets other work.
    let next = c.must_lease("same").await;
    assert_ne!(next.work_id, before.work_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn datasets_and_studies_narrow_what_is_taken() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    c.must_lease("w").await;
    let with_data = search::work::LeaseRequest { datasets: Some(vec!["digits".into()]), ..request("d", 0) };
    assert!(c.app.work_lease(&with_data).await.unwrap().is_none(), "an external space is for external trainers");
    let elsewhere = search::work::LeaseRequest { study: Some(uuid::Uuid::now_v7().to_string()), ..request("e", 0) };
    assert!(c.app.work_lease(&elsewhere).await.unwrap().is_none());
    let here = search::work::LeaseRequest { study: Some(study.to_string()), ..request("h", 5) };
    assert!(c.app.work_lease(&here).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_token_is_stale_and_a_made_up_work_is_unknown() {
    let c = coordinator!();
    c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    let forged = uuid::Uuid::now_v7().to_string();
    let answer = c.app.work_outcome(&lease.work_id, &forged, done("score", 1.0), None).await;
    assert!(matches!(answer, Err(AppError::Stale)), "{answer:?}");
    let answer = c.app.work_outcome(&forged, &lease.token, done("score", 1.0), None).await;
    assert!(matches!(answer, Err(AppError::NotFound("work"))), "{answer:?}");
    assert!(c.outcome(&lease, done("score", 1.0)).await.unwrap().recorded);
}
