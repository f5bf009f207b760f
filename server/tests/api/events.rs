//! Server-sent events: in order, resumable, and over when the service ends.

use crate::app::{TestApp, external};
use crate::service;
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// One event as a client sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    id: Option<i64>,
    pub kind: String,
    pub data: Value,
}

pub struct Stream {
    body: futures::stream::BoxStream<'static, reqwest::Result<axum::body::Bytes>>,
    rest: String,
}

impl Stream {
    /// Opens a stream and waits for its greeting, after which nothing is missed.
    pub async fn open(app: &TestApp, path: &str, last: Option<i64>) -> Stream {
        let mut request = app.request(Method::GET, path);
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Stream { body: response.bytes_stream().boxed(), rest: String::new() };
        assert_eq!(stream.next().await.unwrap().kind, "ready");
        stream
    }

    /// The next event; `None` at the end.
    pub async fn next(&mut self) -> Option<Seen> {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let seen = parse(block);
                self.rest = rest.to_owned();
                match seen {
                    Some(seen) => return Some(seen),
                    None => continue,
                }
            }
            let chunk = timeout(Duration::from_secs(20), self.body.next()).await.expect("an event in time");
            self.rest.push_str(std::str::from_utf8(&chunk?.ok()?).unwrap());
        }
    }

    /// Events up to the one that says that the study has ended.
    async fn until_the_end(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        while let Some(event) = self.next().await {
            let is_last = event.kind == "study" && event.data["data"]["state"] == "completed";
            seen.push(event);
            if is_last {
                return seen;
            }
        }
        panic!("the stream ended first: {seen:?}");
    }
}

/// `None` for a comment that only keeps the connection alive.
fn parse(block: &str) -> Option<Seen> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let data = serde_json::from_str(field("data")?).unwrap();
    Some(Seen { id: field("id").map(|id| id.parse().unwrap()), kind: field("event").unwrap().into(), data })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_the_life_of_a_study_in_order() {
    let app = service!();
    let mut all = Stream::open(&app, "/v1/events", None).await;
    let study = app.must_submit(&external(json!({}))).await;
    let mut own = Stream::open(&app, &format!("/v1/studies/{study}/events"), None).await;
    app.train(&study).await;
    for events in [all.until_the_end().await, own.until_the_end().await] {
        assert!(events.iter().all(|event| event.data["study_id"] == study.as_str()));
        let trials: Vec<&Value> =
            events.iter().filter(|event| event.kind == "trial").map(|event| &event.data["data"]["state"]).collect();
        let completed = trials.iter().filter(|state| **state == "completed").count();
        assert_eq!(completed, 3, "{trials:?}");
        let first = trials.iter().position(|state| *state == "completed").unwrap();
        assert!(trials[..first].iter().any(|state| *state == "running"), "{trials:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_a_study_hears_of_no_other() {
    let app = service!();
    let study = app.must_submit(&external(json!({"budget": {"parallel_trials": 1}}))).await;
    let mut own = Stream::open(&app, &format!("/v1/studies/{study}/events"), None).await;
    let other = app.must_submit(&external(json!({"name": "other"}))).await;
    assert_ne!(study, other);
    app.train(&study).await;
    let events = own.until_the_end().await;
    assert!(events.iter().all(|event| event.data["study_id"] == study.as_str()), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_gets_what_was_missed() {
    let app = service!();
    let study = app.must_submit(&external(json!({}))).await;
    let path = format!("/v1/studies/{study}/events");
    app.train(&study).await;
    let told = Stream::open(&app, &path, Some(0)).await.until_the_end().await;
    let ids: Vec<i64> = told.iter().filter_map(|event| event.id).collect();
    assert!(ids.len() >= 4 && ids.is_sorted(), "{told:?}");
    // Cut off in the middle, the rest comes, and nothing twice.
    let middle = ids[ids.len() / 2];
    let rest = Stream::open(&app, &path, Some(middle)).await.until_the_end().await;
    let expected: Vec<&Seen> = told.iter().filter(|event| event.id > Some(middle)).collect();
    assert_eq!(rest.iter().collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_and_long_polls_end_with_the_service() {
    let app = service!();
    let mut stream = Stream::open(&app, "/v1/events", None).await;
    let poll = app.lease("idle", 30);
    let end = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.inside.stop.cancel();
        stream.next().await
    };
    let (poll, last) = timeout(Duration::from_secs(10), async { tokio::join!(poll, end) }).await.unwrap();
    assert_eq!(poll.status, 204);
    assert_eq!(last, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_that_is_not_there_has_no_stream() {
    let app = service!();
    app.get("/v1/studies/00000000-0000-7000-8000-000000000000/events").await.problem(404, "not-found");
}
