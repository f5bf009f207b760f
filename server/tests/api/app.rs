//! The service on a free port with verbs of its domain, so that tests name no raw addresses.

use crate::database::Database;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use server::api::{EdgeOptions, router};
use server::app::{App, ArtifactPlace, Role, Settings};
use server::auth::Access;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Bodies longer than this are refused.
pub const BODY_BYTES: usize = 64 << 10;
pub const ARTIFACT_BYTES: u64 = 1 << 20;

pub struct TestApp {
    pub inside: App,
    pub base: String,
    http: reqwest::Client,
    token: Option<String>,
    _folder: TempDir,
    _database: Database,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl TestApp {
    pub async fn start(access: Access) -> Option<TestApp> {
        let database = Database::fresh().await?;
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&database.url, ArtifactPlace::Folder(folder.path().join("artifacts")));
        settings.connections = 6;
        settings.period = Duration::from_millis(200);
        settings.artifact_limit = ARTIFACT_BYTES;
        let inside = App::open(settings, CancellationToken::new()).await.unwrap();
        inside.start_loops();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let edge = EdgeOptions { access, body_bytes: BODY_BYTES, patience: Duration::from_secs(20) };
        let service = router(inside.clone(), edge);
        let ending = inside.stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(ending).await });
        let http = reqwest::Client::new();
        Some(TestApp { inside, base, http, token: None, _folder: folder, _database: database })
    }

    /// Speaks with a token of this role from now on.
    pub async fn log_in(&mut self, role: Role) -> String {
        let (_, secret) = self.inside.token_create("test", role).await.unwrap();
        self.token = Some(secret.clone());
        secret
    }

    pub fn log_out(&mut self) {
        self.token = None;
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn submit(&self, study: &Value) -> Answer {
        self.post("/v1/studies", study).await
    }

    /// The id of a study that must be accepted.
    pub async fn must_submit(&self, study: &Value) -> String {
        self.submit(study).await.expect(StatusCode::CREATED)["id"].as_str().unwrap().to_owned()
    }

    pub async fn study(&self, id: &str) -> Value {
        self.get(&format!("/v1/studies/{id}")).await.expect(StatusCode::OK)
    }

    pub async fn lease(&self, worker: &str, wait_seconds: u32) -> Answer {
        let request = json!({"worker": worker, "kinds": ["train"], "wait_seconds": wait_seconds});
        self.post("/v1/work/lease", &request).await
    }

    /// A lease that must be there.
    pub async fn must_lease(&self, worker: &str) -> Value {
        self.lease(worker, 10).await.expect(StatusCode::OK)
    }

    pub async fn report(&self, lease: &Value, report: Value) -> Answer {
        let mut body = report;
        body["token"] = lease["token"].clone();
        self.post(&format!("/v1/work/{}/report", word(lease, "work_id")), &body).await
    }

    pub async fn outcome(&self, lease: &Value, outcome: Value) -> Answer {
        let body = json!({"token": lease["token"], "outcome": outcome});
        self.post(&format!("/v1/work/{}/outcome", word(lease, "work_id")), &body).await
    }

    pub async fn upload(&self, lease: &Value, name: &str, bytes: Vec<u8>, sha256: Option<&str>) -> Answer {
        let query = [("work_id", word(lease, "work_id")), ("name", name), ("token", word(lease, "token"))];
        let mut request = self.request(Method::POST, "/v1/artifacts").query(&query).body(bytes);
        if let Some(sha256) = sha256 {
            request = request.header("x-content-sha256", sha256);
        }
        self.send(request).await
    }

    /// Trains like an external trainer until the study has ended; its last state.
    pub async fn train(&self, study: &str) -> Value {
        for _ in 0..200 {
            let lease = self.lease("trainer", 1).await;
            if lease.status == StatusCode::OK {
                let lease = lease.json();
                let x = lease["work"]["candidate"]["x"].as_f64().unwrap();
                self.outcome(&lease, done(x)).await.expect(StatusCode::OK);
            }
            let study = self.study(study).await;
            if !study["finished_at"].is_null() {
                return study;
            }
        }
        panic!("the study does not end");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.inside.stop.cancel();
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// An answer that must be a problem of this kind; the pointers of its faults.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Vec<String> {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status);
        assert!(!word(&problem, "title").is_empty() && !word(&problem, "detail").is_empty());
        let faults = problem["errors"].as_array().into_iter().flatten();
        faults.map(|fault| word(fault, "pointer").to_owned()).collect()
    }
}

pub fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

pub fn done(score: f64) -> Value {
    json!({"state": "done", "metrics": {"score": score}})
}

/// A study of an external space with ten candidates; `change` is merged into it.
pub fn external(change: Value) -> Value {
    let mut study = json!({
        "name": "points",
        "space": {"document": points()},
        "objectives": [{"metric": "score", "direction": "maximize"}],
        "strategy": {"name": "random"},
        "budget": {"max_trials": 3, "parallel_trials": 2},
    });
    merge(&mut study, change);
    study
}

/// The space of [`external`].
pub fn points() -> Value {
    json!({"nas_space": 1, "name": "points", "root": {"x": {"$int": {"min": 0, "max": 9}}}})
}

/// A study of a network space, which no worker of these tests trains.
pub fn network(change: Value) -> Value {
    let mut study = json!({
        "name": "cells",
        "space": {"builtin": {"name": "nasbench201", "options": {"channels": 4, "cells": 1}}},
        "dataset": "digits",
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "strategy": {"name": "random"},
        "budget": {"max_trials": 3},
    });
    merge(&mut study, change);
    study
}

fn merge(into: &mut Value, change: Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change,
    }
}

/// The service of a test, or the end of the test where there is no Postgres.
#[macro_export]
macro_rules! service {
    () => {
        service!(server::auth::Access::Open)
    };
    ($access:expr) => {
        match $crate::app::TestApp::start($access).await {
            Some(app) => app,
            None => return,
        }
    };
}
