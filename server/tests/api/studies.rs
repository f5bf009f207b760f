//! Studies: submitted once, refused with all faults, listed, changed, ended.

use crate::app::{external, network, word};
use crate::service;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_study_runs_to_its_end() {
    let app = service!();
    let answer = app.submit(&external(json!({}))).await;
    let study = answer.expect(StatusCode::CREATED);
    assert_eq!(answer.header("location"), format!("/v1/studies/{}", word(&study, "id")));
    assert_eq!(study["state"], "running");
    let ended = app.train(word(&study, "id")).await;
    assert_eq!((word(&ended, "state"), &ended["counts"]["completed"]), ("completed", &json!(3)));
    assert_eq!(ended["progress"]["share"], 1.0);
    let best = app.get(&format!("/v1/studies/{}/best", word(&study, "id"))).await.expect(StatusCode::OK);
    assert_eq!(best[0]["metrics"]["score"], ended["best"]["metrics"]["score"]);
    let front = app.get(&format!("/v1/studies/{}/pareto", word(&study, "id"))).await.expect(StatusCode::OK);
    assert_eq!(front[0]["id"], ended["best"]["trial_id"]);
    let insights = app.get(&format!("/v1/studies/{}/insights", word(&study, "id"))).await.expect(StatusCode::OK);
    assert!(insights.is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_study() {
    let app = service!();
    let send = |document: Value| {
        let request = app.request(Method::POST, "/v1/studies").header("idempotency-key", "once");
        app.send(request.json(&document))
    };
    let first = send(external(json!({}))).await.expect(StatusCode::CREATED);
    let again = send(external(json!({}))).await.expect(StatusCode::OK);
    assert_eq!(first["id"], again["id"]);
    send(external(json!({"seed": 9}))).await.problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_form_do_not_hide_the_others() {
    let app = service!();
    let mut document = network(json!({
        "nam": "typo",
        "objectives": [{"metric": "top1", "direction": "up"}],
        "constraints": [{"metric": "weight", "max": 5}, {"metric": "flops"}],
        "strategy": {"name": "magic"},
        "training": {"epochs": 0},
        "seed": -1,
    }));
    document.as_object_mut().unwrap().remove("budget");
    let expected = [
        "/budget",
        "/constraints/0/metric",
        "/constraints/1",
        "/nam",
        "/objectives/0/direction",
        "/seed",
        "/strategy/name",
        "/training/epochs",
    ];
    for path in ["/v1/studies", "/v1/studies/check"] {
        let mut pointers = app.post(path, &document).await.problem(422, "invalid");
        pointers.sort();
        // Without a known strategy and with a wrong name of a member, everything else is still checked.
        assert_eq!(pointers, expected, "{path}");
    }
    assert!(app.get("/v1/studies").await.expect(StatusCode::OK)["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_space_and_of_options_stand_at_their_places() {
    let app = service!();
    let pointers = async |document: Value| app.submit(&document).await.problem(422, "invalid");
    let mut broken = external(json!({"budget": {"max_trials": 0}}));
    broken["space"]["document"]["root"]["x"] = json!({"$int": {"min": 5, "max": 1}});
    let found = pointers(broken).await;
    assert!(
        found[0].starts_with("/space/document/root/x") && found.contains(&"/budget/max_trials".into()),
        "{found:?}"
    );
    let found = pointers(network(json!({"strategy": {"name": "evolution", "options": {"population": "big"}}}))).await;
    assert_eq!(found, ["/strategy/options/population"]);
    let found = pointers(network(json!({"space": {"builtin": {"name": "nowhere"}}}))).await;
    assert_eq!(found, ["/space/builtin/name"]);
    let options = json!({"channels": "many", "cell": 1});
    let found = pointers(network(json!({"space": {"builtin": {"options": options}}}))).await;
    assert_eq!(found, ["/space/builtin/options/cell", "/space/builtin/options/channels"]);
    assert_eq!(pointers(network(json!({"dataset": null}))).await, ["/dataset"]);
    assert_eq!(pointers(external(json!({"dataset": "digits"}))).await, ["/dataset"]);
    let unknown = json!({"id": "0000"});
    let mut by_id = external(json!({}));
    by_id["space"] = unknown;
    assert_eq!(pointers(by_id).await, ["/space/id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn studies_are_listed_newest_first_and_by_state() {
    let app = service!();
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(app.must_submit(&external(json!({"name": format!("study {number}")}))).await);
    }
    app.post(&format!("/v1/studies/{}/pause", ids[1]), &json!({})).await.expect(StatusCode::OK);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/v1/studies?limit=2{cursor}")).await.expect(StatusCode::OK);
        found.extend(page["items"].as_array().unwrap().iter().map(|study| word(study, "id").to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    ids.reverse();
    assert_eq!(found, ids);
    let paused = app.get("/v1/studies?state=paused").await.expect(StatusCode::OK);
    assert_eq!(paused["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/v1/studies?cursor=somewhere").await.problem(422, "invalid"), ["/cursor"]);
    assert_eq!(app.get("/v1/studies?limit=501").await.problem(422, "invalid"), ["/limit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn states_change_where_they_may() {
    let app = service!();
    let id = app.must_submit(&external(json!({}))).await;
    let verb = async |verb: &str| app.post(&format!("/v1/studies/{id}/{verb}"), &json!({})).await;
    assert_eq!(verb("pause").await.expect(StatusCode::OK)["state"], "paused");
    assert_eq!(app.lease("w", 0).await.status, StatusCode::NO_CONTENT);
    assert_eq!(verb("resume").await.expect(StatusCode::OK)["state"], "running");
    app.delete(&format!("/v1/studies/{id}")).await.problem(409, "conflict");
    let ended = verb("cancel").await.expect(StatusCode::OK);
    assert_eq!(ended["state"], "stopped");
    verb("resume").await.problem(409, "conflict");
    app.delete(&format!("/v1/studies/{id}")).await.expect(StatusCode::NO_CONTENT);
    app.get(&format!("/v1/studies/{id}")).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_change_while_it_runs() {
    let app = service!();
    let id = app.must_submit(&external(json!({}))).await;
    let path = format!("/v1/studies/{id}");
    let changed = app.patch(&path, &json!({"max_trials": 5, "name": "longer"})).await.expect(StatusCode::OK);
    assert_eq!((&changed["limits"]["max_trials"], word(&changed, "name")), (&json!(5), "longer"));
    let mut pointers = app.patch(&path, &json!({"parallel_trials": 0, "seed": 4})).await.problem(422, "invalid");
    pointers.sort();
    assert_eq!(pointers, ["/parallel_trials", "/seed"]);
    assert_eq!(app.train(&id).await["counts"]["completed"], 5);
    app.patch(&path, &json!({"max_trials": 9})).await.problem(409, "conflict");
}
