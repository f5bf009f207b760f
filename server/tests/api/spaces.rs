//! Spaces: stored once, counted, sampled, inspected.

use crate::app::{points, word};
use crate::service;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn cells() -> Value {
    json!({"builtin": {"name": "nasbench201", "options": {"channels": 16, "cells": 5}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_space_twice_is_one() {
    let app = service!();
    let first = app.post("/v1/spaces", &json!({"document": points()})).await.expect(StatusCode::OK);
    let again = app.post("/v1/spaces", &json!({"document": points()})).await.expect(StatusCode::OK);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["size"], "10");
    let path = format!("/v1/spaces/{}", word(&first, "id"));
    assert_eq!(app.get(&path).await.expect(StatusCode::OK)["document"], points());
    let by_id = json!({"id": first["id"]});
    assert_eq!(app.post("/v1/spaces/count", &by_id).await.expect(StatusCode::OK)["size"], "10");
    app.get("/v1/spaces/0000").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_are_listed_page_by_page() {
    let app = service!();
    let mut names = Vec::new();
    for number in 0..5 {
        let mut space = points();
        space["name"] = json!(format!("space {number}"));
        app.post("/v1/spaces", &json!({"document": space})).await.expect(StatusCode::OK);
        names.push(format!("space {number}"));
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/v1/spaces?limit=2{cursor}")).await.expect(StatusCode::OK);
        assert!(page["items"].as_array().unwrap().len() <= 2);
        found.extend(page["items"].as_array().unwrap().iter().map(|space| word(space, "name").to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    found.sort();
    assert_eq!(found, names);
    assert_eq!(app.get("/v1/spaces?limit=0").await.problem(422, "invalid"), ["/limit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_of_a_space_come_at_once() {
    let app = service!();
    let broken = json!({"nas_space": 1, "name": "broken", "root": {
        "a": {"$int": {"min": 5, "max": 1}}, "b": {"$oneof": []}, "c": {"$ref": "nowhere"}}});
    let pointers = app.post("/v1/spaces", &json!({"document": broken})).await.problem(422, "invalid");
    for member in ["a", "b", "c"] {
        let place = format!("/document/root/{member}");
        assert!(pointers.iter().any(|pointer| pointer.contains(&place)), "{place} is not in {pointers:?}");
    }
    let options = json!({"builtin": {"name": "nasbench201", "options": {"channels": "many", "cell": 1}}});
    let pointers = app.post("/v1/spaces/count", &options).await.problem(422, "invalid");
    assert_eq!(pointers, ["/builtin/options/cell", "/builtin/options/channels"]);
    let neither = app.post("/v1/spaces", &json!({"documents": {}})).await;
    neither.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_drawn_by_their_seed() {
    let app = service!();
    let space = app.post("/v1/spaces", &cells()).await.expect(StatusCode::OK);
    let path = |query: &str| format!("/v1/spaces/{}/sample?{query}", word(&space, "id"));
    let first = app.get(&path("n=3&seed=7")).await.expect(StatusCode::OK);
    assert_eq!(first.as_array().unwrap().len(), 3);
    assert_eq!(app.get(&path("n=3&seed=7")).await.expect(StatusCode::OK), first);
    assert_ne!(app.get(&path("n=3&seed=8")).await.expect(StatusCode::OK), first);
    assert_eq!(app.get(&path("n=2&mode=by_point")).await.expect(StatusCode::OK).as_array().unwrap().len(), 2);
    assert_eq!(app.get(&path("mode=by_chance")).await.problem(422, "invalid"), ["/mode"]);
    app.get(&path("n=many")).await.problem(400, "unreadable");
}

#[tokio::test(flavor = "multi_thread")]
async fn inspection_adds_up_and_explains_bad_genotypes() {
    let app = service!();
    let space = app.post("/v1/spaces", &cells()).await.expect(StatusCode::OK);
    let path = format!("/v1/spaces/{}/inspect", word(&space, "id"));
    let drawn = app.get(&format!("/v1/spaces/{}/sample?seed=3", word(&space, "id"))).await.expect(StatusCode::OK);
    let seen = app.post(&path, &json!({"genotype": drawn[0]["genotype"]})).await.expect(StatusCode::OK);
    let sum: u64 = seen["layers"].as_array().unwrap().iter().map(|layer| layer["params"].as_u64().unwrap()).sum();
    assert!(sum > 0 && seen["params"] == sum, "{seen}");
    assert!(seen["candidate"]["network"].is_object());
    assert!(!app.post(&path, &json!({"genotype": [0, 1]})).await.problem(422, "invalid").is_empty());
    assert_eq!(app.post(&path, &json!({})).await.problem(422, "invalid"), ["/genotype"]);
    let external = app.post("/v1/spaces", &json!({"document": points()})).await.expect(StatusCode::OK);
    let path = format!("/v1/spaces/{}/inspect", word(&external, "id"));
    let seen = app.post(&path, &json!({"genotype": [4]})).await.expect(StatusCode::OK);
    assert_eq!((&seen["params"], &seen["candidate"]["x"]), (&Value::Null, &json!(4)));
}
