//! Latency tables: filled by measurements, the newest one stands, kept beyond the study.

use crate::app::{TestApp, external, word};
use crate::runs::{lease, measure, order};
use crate::service;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Orders a measurement, takes it and sends its outcome twice, as a worker does that lost the first answer.
async fn measured(app: &TestApp, study: &str, batch: u32, latencies: Value) {
    order(app, study, measure(batch), 0).await;
    let leased = lease(app, study, "measure").await;
    let result = json!({"device": "cpu, 2/4 threads", "latencies": latencies});
    let outcome = json!({"state": "done", "metrics": {}, "result": result});
    assert_eq!(app.outcome(&leased, outcome.clone()).await.expect(StatusCode::OK)["recorded"], true);
    assert_eq!(app.outcome(&leased, outcome).await.expect(StatusCode::OK)["recorded"], false);
}

fn latency(median: f64) -> Value {
    json!({"median_us": median, "mean_us": median + 1.0, "runs": 50})
}

#[tokio::test(flavor = "multi_thread")]
async fn measurements_fill_tables_that_outlive_their_study() {
    let app = service!();
    assert_eq!(app.get("/v1/latency-tables").await.expect(StatusCode::OK), json!([]));
    let study = app.must_submit(&external(json!({}))).await;
    measured(&app, &study, 1, json!({"conv 3x3": latency(10.0), "pool": latency(3.0)})).await;
    measured(&app, &study, 8, json!({"pool": latency(20.0)})).await;
    measured(&app, &study, 1, json!({"conv 3x3": latency(12.0), "nothing": latency(0.0)})).await;
    app.post(&format!("/v1/studies/{study}/cancel"), &json!({})).await.expect(StatusCode::OK);
    app.delete(&format!("/v1/studies/{study}")).await.expect(StatusCode::NO_CONTENT);
    let tables = app.get("/v1/latency-tables").await.expect(StatusCode::OK);
    let rows: Vec<(&str, i64, i64)> = tables
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (word(t, "device"), t["batch"].as_i64().unwrap(), t["entries"].as_i64().unwrap()))
        .collect();
    assert_eq!(rows, [("cpu, 2/4 threads", 1, 2), ("cpu, 2/4 threads", 8, 1)]);
    assert!(word(&tables[0], "newest") > word(&tables[0], "oldest"));
    let table = app.get("/v1/latency-tables/cpu%2C%202%2F4%20threads/1").await.expect(StatusCode::OK);
    assert_eq!((&table["device"], &table["batch"]), (&json!("cpu, 2/4 threads"), &json!(1)));
    let conv = &table["latencies"]["conv 3x3"];
    assert_eq!((&conv["median_us"], &conv["mean_us"], &conv["runs"]), (&json!(12.0), &json!(13.0), &json!(50)));
    assert_eq!(table["latencies"].as_object().unwrap().len(), 2);
    // The table reads as the result of a measurement.
    let again: search::work::MeasureResult = serde_json::from_value(table).unwrap();
    assert_eq!(again.latencies["pool"].median_us, 3.0);
    app.get("/v1/latency-tables/cpu/1").await.problem(404, "not-found");
    app.get("/v1/latency-tables/cpu/many").await.problem(404, "no-route");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_measurements_fill_tables() {
    let app = service!();
    app.must_submit(&external(json!({}))).await;
    let leased = app.must_lease("trainer").await;
    let result = json!({"device": "cpu", "latencies": {"conv": latency(1.0)}});
    let outcome = json!({"state": "done", "metrics": {"score": 1.0}, "result": result});
    app.outcome(&leased, outcome).await.expect(StatusCode::OK);
    assert_eq!(app.get("/v1/latency-tables").await.expect(StatusCode::OK), json!([]));
}

/// A study that minds latency; its options are merged with `options`.
fn fbnet(name: &str, table: Option<&Value>) -> Value {
    let mut options = json!({"epochs": 2, "candidates": 1, "warmup_epochs": 0, "measured_networks": 0});
    if let Some(table) = table {
        options["latency_table"] = table.clone();
    }
    json!({
        "name": name,
        "space": {"builtin": {"name": "fbnet"}},
        "dataset": "pictures",
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "strategy": {"name": "fbnet", "options": options},
        "budget": {"max_trials": 1},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_measured_table_saves_the_next_study_its_measurement() {
    let app = service!();
    let info = json!({
        "name": "phone", "device": "phone", "slots": 1, "version": "1", "datasets": ["pictures"], "kinds": ["measure"],
    });
    app.post("/v1/workers", &info).await.expect(StatusCode::OK);
    let first = app.must_submit(&fbnet("measures", None)).await;
    let measuring = lease(&app, &first, "measure").await;
    let graphs = measuring["work"]["graphs"].as_object().unwrap();
    let latencies: serde_json::Map<String, Value> =
        graphs.keys().enumerate().map(|(i, signature)| (signature.clone(), latency(10.0 + i as f64))).collect();
    let result = json!({"device": "phone", "latencies": latencies});
    app.outcome(&measuring, json!({"state": "done", "metrics": {}, "result": result})).await.expect(StatusCode::OK);
    let document = app.get("/v1/latency-tables/phone/1/document").await.expect(StatusCode::OK);
    assert_eq!((&document["device"], &document["batch"]), (&json!("phone"), &json!(1)));
    assert_eq!(document["entries"].as_object().unwrap().len(), graphs.len());
    let second = app.must_submit(&fbnet("knows", Some(&document))).await;
    assert_eq!(lease(&app, &second, "supernet").await["work"]["kind"], "supernet");
    let runs = app.get(&format!("/v1/studies/{second}/runs")).await.expect(StatusCode::OK);
    assert_eq!(runs["items"].as_array().unwrap().len(), 1);
}
