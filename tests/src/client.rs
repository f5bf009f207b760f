//! The REST API as the tests speak it.

use anyhow::{Context, Result, bail};
use reqwest::{Method, StatusCode};
use search::work::{Lease, LeaseRequest, Outcome, Report, ReportAnswer, WorkKind};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    pub fn new(base: &str) -> Client {
        Client { http: reqwest::Client::new(), base: base.to_owned() }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(StatusCode, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        let value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        Ok((status, value))
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        expect(path, self.send(Method::GET, path, None).await?)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        expect(path, self.send(Method::POST, path, Some(body)).await?)
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        expect(path, self.send(Method::PATCH, path, Some(body)).await?)
    }

    /// The status and the body, whatever the status is.
    pub async fn try_post(&self, path: &str, body: &Value) -> Result<(StatusCode, Value)> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Waits until the server answers.
    pub async fn ready(&self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            match self.send(Method::GET, "/readyz", None).await {
                Ok((status, _)) if status.is_success() => return Ok(()),
                last if Instant::now() > deadline => bail!("the server is not ready: {last:?}"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    pub async fn submit(&self, study: &Value) -> Result<String> {
        let answer = self.post("/v1/studies", study).await?;
        Ok(answer["id"].as_str().context("no study id")?.to_owned())
    }

    pub async fn study(&self, id: &str) -> Result<Value> {
        self.get(&format!("/v1/studies/{id}")).await
    }

    /// Waits until the study is in one of the states; its last answer.
    pub async fn wait_for(&self, id: &str, states: &[&str], patience: Duration) -> Result<Value> {
        let deadline = Instant::now() + patience;
        loop {
            if let Ok(study) = self.study(id).await {
                if study["state"].as_str().is_some_and(|state| states.contains(&state)) {
                    return Ok(study);
                }
                if Instant::now() > deadline {
                    bail!("study is not {states:?} after {patience:?}: {study:#}");
                }
            } else if Instant::now() > deadline {
                bail!("the server does not answer");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// All trials of a study, page by page.
    pub async fn trials(&self, study: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/v1/studies/{study}/trials?limit=100{cursor}")).await?;
            all.extend(page["items"].as_array().context("no items")?.iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    pub async fn lease(&self, worker: &str, wait_seconds: u32) -> Result<Option<Lease>> {
        let request = lease_request(worker, wait_seconds);
        let answer = self.post("/v1/work/lease", &serde_json::to_value(request)?).await?;
        if answer.is_null() { Ok(None) } else { Ok(Some(serde_json::from_value(answer)?)) }
    }

    pub async fn report(&self, lease: &Lease, report: &Report) -> Result<ReportAnswer> {
        let path = format!("/v1/work/{}/report", lease.work_id);
        Ok(serde_json::from_value(self.post(&path, &serde_json::to_value(report)?).await?)?)
    }

    pub async fn outcome(&self, lease: &Lease, outcome: &Outcome) -> Result<Value> {
        let body = json!({"token": lease.token, "outcome": outcome});
        self.post(&format!("/v1/work/{}/outcome", lease.work_id), &body).await
    }

    /// Sends the outcome and takes the next lease in the same request, waiting for one as long as told.
    pub async fn outcome_and_lease(
        &self,
        lease: &Lease,
        outcome: &Outcome,
        worker: &str,
        wait_seconds: u32,
    ) -> Result<Option<Lease>> {
        let body = json!({"token": lease.token, "outcome": outcome, "next": lease_request(worker, wait_seconds)});
        let answer = self.post(&format!("/v1/work/{}/outcome", lease.work_id), &body).await?;
        if answer["next"].is_null() { Ok(None) } else { Ok(Some(serde_json::from_value(answer["next"].clone())?)) }
    }
}

fn lease_request(worker: &str, wait_seconds: u32) -> LeaseRequest {
    LeaseRequest {
        worker: worker.to_owned(),
        slot: 0,
        kinds: vec![WorkKind::Train],
        datasets: None,
        study: None,
        wait_seconds,
    }
}

fn expect(path: &str, (status, body): (StatusCode, Value)) -> Result<Value> {
    if status.is_success() { Ok(body) } else { bail!("{path}: {status}: {body:#}") }
}
