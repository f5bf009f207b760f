//! Runs: the work of a study that is no trial. Orders are put into the queue as the engine does it, and a worker leases
//! them over HTTP.

use crate::app::{TestApp, external, word};
use crate::events::Stream;
use crate::service;
use reqwest::StatusCode;
use search::work::{ArtifactRef, MeasureWork, ScoreWork, Work};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Puts a run into the queue of a study, as an advance does: with the study's next version. Its id.
pub async fn order(app: &TestApp, study: &str, payload: Work, epochs: i32) -> String {
    let id = Uuid::now_v7();
    sqlx::query(
        "WITH study AS (UPDATE studies SET version = version + 1 WHERE id = $2 RETURNING id)
         INSERT INTO work (id, study_id, kind, payload, tag, epochs, priority, state)
         SELECT $1, id, $3, $4::text::json, 7, $5, 9, 'queued' FROM study",
    )
    .bind(id)
    .bind(study.parse::<Uuid>().unwrap())
    .bind(payload.kind().as_str())
    .bind(serde_json::to_string(&payload).unwrap())
    .bind(epochs)
    .execute(&app.inside.pool)
    .await
    .unwrap();
    id.to_string()
}

pub fn measure(batch: u32) -> Work {
    Work::Measure(MeasureWork { graphs: BTreeMap::new(), batch, runs: 50 })
}

fn score() -> Work {
    Work::Score(ScoreWork {
        space: json!({}),
        opening: Default::default(),
        supernet: ArtifactRef("weights".into()),
        genotypes: vec![],
        dataset: "digits".into(),
        batch: 1,
        seed: 0,
        batches: 0,
        recalibration_batches: 0,
    })
}

/// A small supernet as a strategy would order it.
pub fn supernet(epochs: u32) -> Work {
    let plan = json!({
        "opening": {}, "zero_operator": true, "recipe": {}, "weight_share": 0.5, "mixture": {"mixture": "softmax"},
        "derivation": "strongest",
    });
    let options = [("layers".to_owned(), json!(3)), ("channels".to_owned(), json!(4))].into_iter().collect();
    let space = search::network::catalogue::build("darts", &options).unwrap();
    serde_json::from_value(json!({
        "kind": "supernet", "space": space.document(), "plan": plan, "dataset": "digits", "epochs": epochs, "seed": 1,
    }))
    .unwrap()
}

pub async fn lease(app: &TestApp, study: &str, kind: &str) -> Value {
    let request = json!({"worker": format!("{kind} worker"), "kinds": [kind], "study": study, "wait_seconds": 10});
    app.post("/v1/work/lease", &request).await.expect(StatusCode::OK)
}

async fn run(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/v1/runs/{id}")).await.expect(StatusCode::OK)
}

async fn states(app: &TestApp, study: &str, query: &str) -> Vec<(String, String)> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/v1/studies/{study}/runs?limit=2{query}{cursor}")).await.expect(StatusCode::OK);
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|run| (word(run, "kind").to_owned(), word(run, "state").to_owned())));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_page_by_page_and_trials_are_not_among_them() {
    let app = service!();
    let study = app.must_submit(&external(json!({"budget": {"parallel_trials": 9}}))).await;
    let pair = |kind: &str, state: &str| (kind.to_owned(), state.to_owned());
    assert!(states(&app, &study, "").await.is_empty());
    order(&app, &study, score(), 0).await;
    order(&app, &study, measure(1), 0).await;
    order(&app, &study, supernet(3), 3).await;
    let queued = [pair("score", "queued"), pair("measure", "queued"), pair("supernet", "queued")];
    assert_eq!(states(&app, &study, "").await, queued);
    let leased = lease(&app, &study, "measure").await;
    assert_eq!(states(&app, &study, "&state=leased").await, [pair("measure", "leased")]);
    app.outcome(&leased, json!({"state": "done", "metrics": {}})).await.expect(StatusCode::OK);
    assert_eq!(states(&app, &study, "&state=live").await, [pair("score", "queued"), pair("supernet", "queued")]);
    let path = format!("/v1/studies/{study}/runs");
    assert_eq!(app.get(&format!("{path}?state=asleep")).await.problem(422, "invalid"), ["/state"]);
    assert_eq!(app.get(&format!("{path}?cursor=x")).await.problem(422, "invalid"), ["/cursor"]);
    app.get("/v1/studies/00000000-0000-7000-8000-000000000000/runs").await.problem(404, "not-found");
    // A trial's work is no run.
    let trial = app.must_lease("trainer").await;
    app.get(&format!("/v1/runs/{}", word(&trial, "work_id"))).await.problem(404, "not-found");
    app.get(&format!("/v1/runs/{}/curves", word(&trial, "work_id"))).await.problem(404, "not-found");
}

fn point(metric: &str, step: u32, value: f64) -> Value {
    json!({"metric": metric, "step": step, "value": value})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supernet_tells_its_progress_curves_and_result() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    let id = order(&app, &study, supernet(2), 2).await;
    let leased = lease(&app, &study, "supernet").await;
    assert_eq!(leased["work_id"], id);
    let waiting = run(&app, &id).await;
    let decision = waiting["decisions"].as_array().unwrap().iter().find(|d| word(d, "id").ends_with("op")).unwrap();
    assert_eq!(decision["labels"][0], "none");
    assert_eq!((word(decision, "group"), &waiting["edges"]), ("network.cells.normal", &json!(8)));
    let probability = format!("p/{}/{}", word(decision, "id"), "none");
    for step in 1..=2 {
        let points = json!([point("loss", step, 2.0 / f64::from(step)), point(&probability, step, 0.125)]);
        let report = json!({"points": points, "progress": f64::from(step) / 2.0});
        app.report(&leased, report).await.expect(StatusCode::OK);
    }
    app.upload(&leased, "supernet", b"weights".to_vec(), None).await.expect(StatusCode::CREATED);
    let running = run(&app, &id).await;
    assert_eq!(
        (word(&running, "state"), word(&running, "worker"), &running["tag"]),
        ("leased", "supernet worker", &json!(7))
    );
    assert_eq!(
        (&running["epochs_done"], &running["epochs"], &running["progress"]),
        (&json!(2), &json!(2), &json!(1.0))
    );
    assert_eq!((&running["latest"], &running["result"]), (&json!({"loss": 1.0}), &Value::Null));
    let result = json!({"derived": [], "epochs": [], "labels": {}});
    app.outcome(&leased, json!({"state": "done", "metrics": {}, "result": result})).await.expect(StatusCode::OK);
    let ended = run(&app, &id).await;
    assert_eq!((word(&ended, "state"), &ended["result"], &ended["reason"]), ("done", &result, &Value::Null));
    assert_eq!(ended["artifacts"][0]["name"], "supernet");
    assert!(ended["ended_at"].is_string());
    let curves = async |query: &str| app.get(&format!("/v1/runs/{id}/curves{query}")).await;
    let all = curves("").await.expect(StatusCode::OK);
    assert_eq!(all[0], json!({"metric": "loss", "steps": [1, 2], "values": [2.0, 1.0]}));
    assert_eq!((all.as_array().unwrap().len(), word(&all[1], "metric")), (2, probability.as_str()));
    assert_eq!(curves("?without=p/").await.expect(StatusCode::OK), json!([all[0]]));
    assert_eq!(curves("?prefix=p/").await.expect(StatusCode::OK), json!([all[1]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_says_why_and_a_later_attempt_overwrites_its_points() {
    let app = service!();
    let study = app.must_submit(&external(json!({"budget": {"max_attempts": 2}}))).await;
    let id = order(&app, &study, supernet(5), 5).await;
    let first = lease(&app, &study, "supernet").await;
    let points = json!([point("loss", 1, 3.0), point("loss", 2, 2.5), point("loss", 3, 2.0)]);
    app.report(&first, json!({"points": points})).await.expect(StatusCode::OK);
    let memory = |detail: &str| json!({"state": "failed", "reason": "out_of_memory", "detail": detail});
    app.outcome(&first, memory("batch 256")).await.expect(StatusCode::OK);
    let waiting = run(&app, &id).await;
    assert_eq!((word(&waiting, "state"), word(&waiting, "reason")), ("queued", "out_of_memory"));
    assert_eq!((word(&waiting, "detail"), &waiting["ended_at"]), ("batch 256", &Value::Null));
    let second = lease(&app, &study, "supernet").await;
    app.report(&second, json!({"points": [point("loss", 2, 1.5)]})).await.expect(StatusCode::OK);
    let curves = app.get(&format!("/v1/runs/{id}/curves")).await.expect(StatusCode::OK);
    assert_eq!(curves, json!([{"metric": "loss", "steps": [1, 2], "values": [3.0, 1.5]}]));
    assert_eq!(run(&app, &id).await["latest"]["loss"], 1.5);
    app.outcome(&second, memory("batch 128")).await.expect(StatusCode::OK);
    let failed = run(&app, &id).await;
    assert_eq!((word(&failed, "state"), word(&failed, "detail")), ("failed", "batch 128"));
    assert!(failed["ended_at"].is_string());
    let attempts: Vec<&Value> =
        failed["attempts"].as_array().unwrap().iter().map(|a| &a["outcome"]["detail"]).collect();
    assert_eq!(attempts, ["batch 256", "batch 128"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_takes_a_supernet_back_and_a_cancel_ends_it() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    let id = order(&app, &study, supernet(5), 5).await;
    let first = lease(&app, &study, "supernet").await;
    let verb = async |verb: &str| app.post(&format!("/v1/studies/{study}/{verb}"), &json!({})).await;
    let report = async |lease: &Value, step: u32| {
        app.report(lease, json!({"points": [point("loss", step, 1.0)], "progress": f64::from(step) / 5.0})).await
    };
    verb("pause").await.expect(StatusCode::OK);
    assert_eq!(report(&first, 2).await.expect(StatusCode::OK)["directive"], "release");
    app.outcome(&first, json!({"state": "released"})).await.expect(StatusCode::OK);
    let held = run(&app, &id).await;
    assert_eq!((word(&held, "state"), &held["reason"], &held["epochs_done"]), ("held", &Value::Null, &json!(2)));
    verb("resume").await.expect(StatusCode::OK);
    let second = lease(&app, &study, "supernet").await;
    assert_eq!((&second["work_id"], &second["attempt"]), (&first["work_id"], &json!(1)));
    verb("cancel").await.expect(StatusCode::OK);
    report(&second, 3).await.problem(409, "stale-lease");
    let cancelled = run(&app, &id).await;
    assert_eq!((word(&cancelled, "state"), word(&cancelled, "detail")), ("cancelled", "cancelled by a user"));
    assert!(cancelled["ended_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_of_runs() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    let mut stream = Stream::open(&app, &format!("/v1/studies/{study}/events"), None).await;
    let id = order(&app, &study, supernet(2), 2).await;
    let leased = lease(&app, &study, "supernet").await;
    let points = json!([point("loss", 1, 0.5), point("p/network.op/none", 1, 0.1)]);
    app.report(&leased, json!({"points": points, "progress": 0.5})).await.expect(StatusCode::OK);
    app.report(&leased, json!({"progress": 0.75})).await.expect(StatusCode::OK);
    let failed = json!({"state": "failed", "reason": "invalid_input", "detail": "no such data"});
    app.outcome(&leased, failed).await.expect(StatusCode::OK);
    let (mut told, mut curves) = (Vec::new(), Vec::new());
    while told.last() != Some(&("failed".to_owned(), None)) {
        let seen = stream.next().await.unwrap();
        let data = &seen.data["data"];
        if data["run_id"] != id.as_str() {
            continue;
        }
        match seen.kind.as_str() {
            "run" => told.push((word(data, "state").to_owned(), data["progress"].as_f64())),
            "curve" => curves.push(data["points"].clone()),
            other => panic!("{other}"),
        }
    }
    let leased = |progress| ("leased".to_owned(), progress);
    assert_eq!(told[..3], [leased(None), leased(Some(0.5)), leased(Some(0.75))]);
    assert_eq!(curves, [json!([point("loss", 1, 0.5)])]);
}
