//! What every answer has in common.

use crate::app::{BODY_BYTES, external};
use crate::service;
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_an_id_and_safe_headers() {
    let app = service!();
    for path in ["/v1/studies", "/", "/v1/nothing"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert!(answer.header("content-security-policy").starts_with("default-src 'self'"));
    }
    let named = app.request(Method::GET, "/v1/studies").header("x-request-id", "mine");
    assert_eq!(app.send(named).await.header("x-request-id"), "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_problem_document() {
    let app = service!();
    app.get("/v1/nothing").await.problem(404, "no-route");
    app.get("/v1/studies/no-id").await.problem(404, "no-route");
    app.get("/v1/studies/00000000-0000-7000-8000-000000000000").await.problem(404, "not-found");
    app.delete("/v1/studies").await.problem(405, "no-method");
    app.post("/studies", &json!({})).await.problem(404, "no-route");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read_are_refused() {
    let app = service!();
    let send = |kind: &'static str, body: String| {
        app.send(app.request(Method::POST, "/v1/studies").header("content-type", kind).body(body))
    };
    send("application/json", "{\"name\": ".into()).await.problem(400, "unreadable");
    send("text/plain", "{}".into()).await.problem(415, "unreadable");
    send("application/json", "[".repeat(BODY_BYTES / 2)).await.problem(400, "unreadable");
    let mut long = external(json!({}));
    long["name"] = json!("x".repeat(BODY_BYTES));
    app.submit(&long).await.problem(413, "too-large");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_who_asks() {
    let app = service!();
    let request = app.request(Method::GET, "/openapi.json").header("accept-encoding", "gzip");
    let answer = app.send(request).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (StatusCode::OK, "gzip"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_answers_for_its_own_addresses() {
    let app = service!();
    for path in ["/", "/studies/1", "/workers"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html"), "{path}");
        assert_eq!(page.header("cache-control"), "no-cache");
    }
}
