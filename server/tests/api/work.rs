//! The protocol of workers: lease, report, outcome.

use crate::app::{done, external, word};
use crate::service;
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_waits_for_work_and_answers_when_it_comes() {
    let app = service!();
    assert_eq!(app.lease("w", 0).await.status, StatusCode::NO_CONTENT);
    let start = Instant::now();
    let submit = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.must_submit(&external(json!({}))).await
    };
    let (lease, study) = tokio::join!(app.must_lease("w"), submit);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!(word(&lease, "study_id"), study);
    assert_eq!((lease["attempt"].as_u64(), word(&lease["work"], "kind")), (Some(1), "train"));
    assert!(lease["heartbeat_seconds"].as_f64().unwrap() > 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_outcome_twice_is_one() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("w").await;
    assert_eq!(app.outcome(&lease, done(1.0)).await.expect(StatusCode::OK)["recorded"], true);
    assert_eq!(app.outcome(&lease, done(1.0)).await.expect(StatusCode::OK)["recorded"], false);
    assert_eq!(app.train(&study).await["counts"]["completed"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_token_changes_nothing() {
    let app = service!();
    app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("w").await;
    let mut stale = lease.clone();
    stale["token"] = json!("00000000-0000-7000-8000-000000000000");
    app.report(&stale, json!({})).await.problem(409, "stale-lease");
    app.outcome(&stale, done(9.0)).await.problem(409, "stale-lease");
    stale["token"] = json!("no token");
    app.outcome(&stale, done(9.0)).await.problem(409, "stale-lease");
    assert_eq!(app.report(&lease, json!({"progress": 0.5})).await.expect(StatusCode::OK)["directive"], "continue");
    app.outcome(&lease, done(1.0)).await.expect(StatusCode::OK);
    let trial = app.get(&format!("/v1/trials/{}", word(&lease, "trial_id"))).await.expect(StatusCode::OK);
    assert_eq!(trial["metrics"]["score"], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_lease_comes_with_the_answer() {
    let app = service!();
    app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("w").await;
    let body = json!({"token": lease["token"], "outcome": done(1.0), "next": {"worker": "w", "kinds": ["train"]}});
    let answer = app.post(&format!("/v1/work/{}/outcome", word(&lease, "work_id")), &body).await.expect(StatusCode::OK);
    assert_eq!(answer["recorded"], true);
    assert_ne!(answer["next"]["work_id"], lease["work_id"]);
    assert!(answer["next"]["token"].is_string(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_make_no_sense_are_explained() {
    let app = service!();
    app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("w").await;
    let path = format!("/v1/work/{}/outcome", word(&lease, "work_id"));
    let told = |outcome| json!({"token": lease["token"], "outcome": outcome});
    let pointers = app.post(&path, &told(json!({"state": "finished"}))).await.problem(422, "invalid");
    assert_eq!(pointers, ["/outcome/state"]);
    let high = json!({"state": "done", "metrics": {"score": "high"}});
    assert_eq!(app.post(&path, &told(high)).await.problem(422, "invalid"), ["/outcome/metrics/score"]);
    let points = json!({"points": [{"metric": "loss", "step": -1, "value": 1.0}, {"step": 1, "value": "x"}]});
    let mut pointers = app.report(&lease, points).await.problem(422, "invalid");
    pointers.sort();
    assert_eq!(pointers, ["/points/0/step", "/points/1/metric", "/points/1/value"]);
    let lease = app.post("/v1/work/lease", &json!({"worker": "", "kinds": []})).await;
    assert_eq!(lease.problem(422, "invalid"), ["/worker", "/kinds"]);
    app.post("/v1/work/nothing/report", &json!({"token": "x"})).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_told_what_its_study_wants() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("w").await;
    app.post(&format!("/v1/studies/{study}/pause"), &json!({})).await.expect(StatusCode::OK);
    assert_eq!(app.report(&lease, json!({})).await.expect(StatusCode::OK)["directive"], "release");
    app.outcome(&lease, json!({"state": "released"})).await.expect(StatusCode::OK);
    let trial = app.get(&format!("/v1/trials/{}", word(&lease, "trial_id"))).await.expect(StatusCode::OK);
    assert_eq!(trial["state"], "paused");
}
