//! Probes and metrics.

use crate::app::{external, word};
use crate::service;
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_ready_until_it_ends_or_its_database_is_gone() {
    let app = service!();
    assert_eq!(app.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(app.get("/readyz").await.status, StatusCode::OK);
    app.inside.pool.close().await;
    assert_eq!(app.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_states_and_requests() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    app.train(&study).await;
    let page = app.get("/metrics").await;
    let has = |line: &str| page.text().lines().any(|found| found == line);
    assert!(has("nascent_trials{state=\"completed\"} 3"), "{}", page.text());
    // A state without a trial is 0, not absent.
    assert!(has("nascent_trials{state=\"failed\"} 0"));
    assert!(has("nascent_studies{state=\"completed\"} 1"));
    assert!(has("nascent_work{state=\"queued\"} 0"));
    let outcomes =
        "nascent_http_request_seconds_count{method=\"POST\",route=\"/v1/work/{id}/outcome\",status=\"200\"} 3";
    assert!(has(outcomes), "{}", page.text());
    assert!(page.text().contains("nascent_loop_last_seconds{loop=\"rescue\"}"));
    assert_eq!(word(&app.study(&study).await, "state"), "completed");
}
