//! Who may do what: every route of the API with every role.

use crate::app::TestApp;
use crate::service;
use reqwest::Method;
use server::app::Role;
use server::auth::Access;

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Paths under these prefixes are for the roles beside them; the rest is for people.
fn allowed(method: &str, path: &str) -> &'static [Role] {
    match (method, path) {
        ("get", "/v1/artifacts/{id}") => &[Role::Admin, Role::User, Role::Worker],
        ("post", "/v1/workers" | "/v1/artifacts") => &[Role::Admin, Role::Worker],
        (_, path) if path.starts_with("/v1/work/") => &[Role::Admin, Role::Worker],
        (_, path) if path.starts_with("/v1/tokens") => &[Role::Admin],
        _ => &[Role::Admin, Role::User],
    }
}

/// Method and path of every operation in the OpenAPI document.
fn operations() -> Vec<(String, String)> {
    let document = server::api::document().unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
        methods.map(move |method| (method.clone(), path.clone()))
    });
    operations.collect()
}

async fn status(app: &TestApp, method: &str, path: &str) -> u16 {
    let path = path.replace("{id}", NOBODY);
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    // A stream's body never ends: the head tells enough.
    app.request(method, &path).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_for_a_token_and_checks_its_role() {
    let mut app = service!(Access::Tokens);
    let operations = operations();
    assert!(operations.len() > 30, "{operations:?}");
    for (method, path) in &operations {
        assert_eq!(status(&app, method, path).await, 401, "{method} {path} without a token");
    }
    for role in [Role::Admin, Role::User, Role::Worker] {
        app.log_in(role).await;
        for (method, path) in &operations {
            let status = status(&app, method, path).await;
            let may = allowed(method, path).contains(&role);
            assert_eq!(status != 403, may, "{method} {path} by {role:?}: {status}");
            assert_ne!(status, 401, "{method} {path} by {role:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why() {
    let mut app = service!(Access::Tokens);
    let answer = app.get("/v1/studies").await;
    answer.problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    app.log_in(Role::Worker).await;
    let answer = app.get("/v1/studies").await;
    answer.problem(403, "forbidden");
    assert!(answer.text().contains("admin or user"), "{}", answer.text());
    app.log_out();
    for header in ["Bearer", "Bearer ", "Basic dXNlcjpwdw==", "Bearer nascent_guess", "nascent_guess"] {
        let request = app.request(Method::GET, "/v1/studies").header("authorization", header);
        app.send(request).await.problem(401, "unauthorized");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_probes_need_no_token() {
    let app = service!(Access::Tokens);
    for path in ["/", "/studies/some-id", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_tokens_does_not_listen_to_foreign_pages() {
    let app = service!();
    let cancel = || app.request(Method::POST, &format!("/v1/studies/{NOBODY}/cancel"));
    app.send(cancel().header("origin", "https://evil.example")).await.problem(403, "forbidden");
    app.send(cancel().header("host", "evil.example")).await.problem(403, "forbidden");
    app.send(cancel().header("origin", app.base.as_str())).await.problem(404, "not-found");
    app.send(cancel()).await.problem(404, "not-found");
}
