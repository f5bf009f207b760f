//! What a study can be made of.

use crate::app::word;
use crate::service;
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn spaces_and_strategies_come_with_the_schemas_of_their_options() {
    let app = service!();
    for (path, expected) in [("/v1/catalogue", "nasbench201"), ("/v1/strategies", "evolution")] {
        let choices = app.get(path).await.expect(StatusCode::OK);
        let choices = choices.as_array().unwrap();
        let found: &Value = choices.iter().find(|choice| choice["name"] == expected).unwrap();
        assert!(!word(found, "summary").is_empty());
        for (name, option) in found["options"]["properties"].as_object().unwrap() {
            assert!(option.get("default").is_some(), "{expected}: {name} has no default");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_sets_are_those_that_workers_announce() {
    let app = service!();
    assert_eq!(app.get("/v1/datasets").await.expect(StatusCode::OK), json!([]));
    let mut worker = json!({
        "name": "w1", "device": "cpu", "slots": 2, "kinds": ["train"], "datasets": ["digits", "own"], "version": "1",
    });
    assert_eq!(app.post("/v1/workers", &worker).await.expect(StatusCode::OK), json!({"id": "w1"}));
    worker["name"] = json!("w2");
    worker["datasets"] = json!(["digits"]);
    app.post("/v1/workers", &worker).await.expect(StatusCode::OK);
    let datasets = app.get("/v1/datasets").await.expect(StatusCode::OK);
    assert_eq!(datasets, json!([{"name": "digits"}, {"name": "own"}]));
    let workers = app.get("/v1/workers").await.expect(StatusCode::OK);
    let mut names: Vec<&str> = workers.as_array().unwrap().iter().map(|worker| word(worker, "name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["w1", "w2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_must_say_what_it_is() {
    let app = service!();
    let answer = app.post("/v1/workers", &json!({"name": 5, "kinds": ["think"]})).await;
    let mut pointers = answer.problem(422, "invalid");
    pointers.sort();
    assert_eq!(pointers, ["/datasets", "/device", "/kinds/0", "/name", "/slots", "/version"]);
}
