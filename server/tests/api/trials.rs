//! Trials: listed by page and order, with curve, drawing and candidate.

use crate::app::{TestApp, done, external, network, word};
use crate::service;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn numbers(app: &TestApp, study: &str, query: &str) -> Vec<i64> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/studies/{study}/trials?limit=2&{query}{cursor}");
        let page = app.get(&path).await.expect(StatusCode::OK);
        found.extend(page["items"].as_array().unwrap().iter().map(|trial| trial["number"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trials_are_sorted_and_filtered_page_by_page() {
    let app = service!();
    let study = app.must_submit(&external(json!({"budget": {"max_trials": 5}}))).await;
    app.train(&study).await;
    assert_eq!(numbers(&app, &study, "sort=number").await, [1, 2, 3, 4, 5]);
    assert_eq!(numbers(&app, &study, "sort=-number").await, [5, 4, 3, 2, 1]);
    let mut by_score = numbers(&app, &study, "sort=-score&state=completed").await;
    let best = app.study(&study).await["best"]["trial_id"].clone();
    let first = app.get(&format!("/v1/trials/{}", best.as_str().unwrap())).await.expect(StatusCode::OK);
    assert_eq!(first["number"], by_score[0]);
    by_score.sort_unstable();
    assert_eq!(by_score, [1, 2, 3, 4, 5]);
    assert!(numbers(&app, &study, "state=failed").await.is_empty());
    let nowhere = "/v1/studies/00000000-0000-7000-8000-000000000000/trials";
    app.get(nowhere).await.problem(404, "not-found");
    assert_eq!(app.get(&format!("/v1/studies/{study}/trials?cursor=x")).await.problem(422, "invalid"), ["/cursor"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_tells_all_of_itself() {
    let app = service!();
    app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("trainer").await;
    let points = json!([{"metric": "score", "step": 1, "value": 0.5}, {"metric": "score", "step": 2, "value": 0.75}]);
    app.report(&lease, json!({"points": points})).await.expect(StatusCode::OK);
    app.upload(&lease, "log", b"lines".to_vec(), None).await.expect(StatusCode::CREATED);
    app.outcome(&lease, done(0.75)).await.expect(StatusCode::OK);
    let id = word(&lease, "trial_id");
    let trial = app.get(&format!("/v1/trials/{id}")).await.expect(StatusCode::OK);
    assert_eq!((word(&trial, "state"), word(&trial, "worker")), ("completed", "trainer"));
    assert_eq!(trial["candidate"], lease["work"]["candidate"]);
    assert_eq!(trial["metrics"]["score"], 0.75);
    assert_eq!(trial["attempts"][0]["outcome"]["state"], "done");
    assert_eq!(trial["artifacts"][0]["name"], "log");
    let curve = app.get(&format!("/v1/trials/{id}/curve")).await.expect(StatusCode::OK);
    let values: Vec<&Value> = curve.as_array().unwrap().iter().map(|point| &point["value"]).collect();
    assert_eq!(values, [&json!(0.5), &json!(0.75)]);
    app.get(&format!("/v1/trials/{id}/graph")).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_drawn() {
    let app = service!();
    app.must_submit(&network(json!({}))).await;
    let lease = app.must_lease("trainer").await;
    let drawing = app.get(&format!("/v1/trials/{}/graph", word(&lease, "trial_id"))).await;
    assert_eq!((drawing.status, drawing.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert!(drawing.text().starts_with("<svg") && drawing.text().contains("Trial 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_trial_is_taken_back() {
    let app = service!();
    app.must_submit(&external(json!({}))).await;
    let lease = app.must_lease("trainer").await;
    let path = format!("/v1/trials/{}/cancel", word(&lease, "trial_id"));
    assert_eq!(app.post(&path, &json!({})).await.expect(StatusCode::OK)["state"], "cancelled");
    app.outcome(&lease, done(1.0)).await.problem(409, "stale-lease");
    app.post(&path, &json!({})).await.problem(409, "conflict");
}
