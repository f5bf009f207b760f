//! Tokens over HTTP.

use crate::app::word;
use crate::service;
use reqwest::StatusCode;
use serde_json::json;
use server::app::Role;
use server::auth::Access;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let mut app = service!(Access::Tokens);
    app.log_in(Role::Admin).await;
    let made = app.post("/v1/tokens", &json!({"name": "ada", "role": "user"})).await.expect(StatusCode::CREATED);
    let (id, secret) = (word(&made, "id"), word(&made, "secret"));
    let listed = app.get("/v1/tokens").await;
    assert!(listed.text().contains(id) && !listed.text().contains(secret));
    let as_ada = |app: &crate::app::TestApp| {
        let http = reqwest::Client::new();
        http.get(format!("{}/v1/studies", app.base)).bearer_auth(secret).send()
    };
    assert_eq!(as_ada(&app).await.unwrap().status(), StatusCode::OK);
    app.delete(&format!("/v1/tokens/{id}")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(as_ada(&app).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    app.delete(&format!("/v1/tokens/{id}")).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_of_a_token_come_at_once() {
    let app = service!();
    let answer = app.post("/v1/tokens", &json!({"name": 1, "role": "king", "colour": "red"})).await;
    let mut pointers = answer.problem(422, "invalid");
    pointers.sort();
    assert_eq!(pointers, ["/colour", "/name", "/role"]);
    assert_eq!(app.post("/v1/tokens", &json!({"name": "", "role": "user"})).await.problem(422, "invalid"), ["/name"]);
}
