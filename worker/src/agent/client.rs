//! The server's HTTP interface as a worker uses it.

use reqwest::{RequestBuilder, Response, StatusCode};
use search::work::{ArtifactRef, Lease, LeaseRequest, Outcome, Report, ReportAnswer, WorkerInfo};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;
use thiserror::Error;

/// For requests that the server answers at once.
const PROMPT: Duration = Duration::from_secs(30);
/// For transfers of artifacts.
const TRANSFER: Duration = Duration::from_secs(1800);

#[derive(Debug, Error)]
pub enum ClientError {
    /// 409: the lease is no longer ours.
    #[error("the lease is no longer ours")]
    Stale,
    /// The server is there and refuses; trying the same again will not help.
    #[error("the server refuses: {status}: {detail}")]
    Refused { status: StatusCode, detail: String },
    /// The server is away or in trouble.
    #[error("{0}")]
    Away(String),
}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        // The cause says more than "error sending request".
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        ClientError::Away(text)
    }
}

#[derive(Serialize)]
struct OutcomeMessage<'a> {
    token: &'a str,
    outcome: &'a Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a LeaseRequest>,
}

#[derive(Deserialize)]
struct OutcomeAnswer {
    next: Option<Lease>,
}

#[derive(Deserialize)]
struct Uploaded {
    id: ArtifactRef,
    sha256: String,
}

/// A server and the token that opens it.
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// `base` such as `http://127.0.0.1:8080`.
    pub fn new(base: &str, token: Option<String>) -> anyhow::Result<Client> {
        let base = base.trim_end_matches('/').to_string();
        anyhow::ensure!(
            base.starts_with("http://") || base.starts_with("https://"),
            "`{base}` is no address of a server; it starts with http:// or https://"
        );
        let builder = || reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
        let http = match builder().build() {
            Ok(http) => http,
            // A machine without root certificates can still talk plain HTTP.
            Err(error) if base.starts_with("http://") => {
                tracing::debug!(%error, "no root certificates; plain HTTP only");
                builder().tls_certs_only([]).build()?
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Client { http, base, token: token.filter(|token| !token.is_empty()) })
    }

    pub fn address(&self) -> &str {
        &self.base
    }

    pub async fn register(&self, info: &WorkerInfo) -> Result<(), ClientError> {
        self.send(self.post("/v1/workers").json(info).timeout(PROMPT)).await.map(drop)
    }

    /// Asks for work; the server holds the request for up to `request.wait_seconds`.
    pub async fn lease(&self, request: &LeaseRequest) -> Result<Option<Lease>, ClientError> {
        let patience = PROMPT + Duration::from_secs(request.wait_seconds.into());
        let answer = self.send(self.post("/v1/work/lease").json(request).timeout(patience)).await?;
        if answer.status() == StatusCode::NO_CONTENT { Ok(None) } else { Ok(Some(answer.json().await?)) }
    }

    pub async fn report(&self, work_id: &str, report: &Report) -> Result<ReportAnswer, ClientError> {
        let request = self.post(&format!("/v1/work/{work_id}/report")).json(report).timeout(PROMPT);
        Ok(self.send(request).await?.json().await?)
    }

    /// Sends an outcome and asks for the next work in the same request.
    pub async fn outcome(
        &self,
        work_id: &str,
        token: &str,
        outcome: &Outcome,
        next: Option<&LeaseRequest>,
    ) -> Result<Option<Lease>, ClientError> {
        let message = OutcomeMessage { token, outcome, next };
        let request = self.post(&format!("/v1/work/{work_id}/outcome")).json(&message).timeout(PROMPT);
        let answer: OutcomeAnswer = self.send(request).await?.json().await?;
        Ok(answer.next)
    }

    /// Uploads a file of the work; the server and this side compare hashes.
    pub async fn upload(&self, lease: &Lease, name: &str, content: bytes::Bytes) -> Result<ArtifactRef, ClientError> {
        let sha256 = hex::encode(Sha256::digest(&content));
        let request = self
            .post("/v1/artifacts")
            .query(&[("work_id", lease.work_id.as_str()), ("name", name), ("token", lease.token.as_str())])
            .header("x-content-sha256", &sha256)
            .header("content-type", "application/octet-stream")
            .timeout(TRANSFER)
            .body(content);
        let uploaded: Uploaded = self.send(request).await?.json().await?;
        if !uploaded.sha256.eq_ignore_ascii_case(&sha256) {
            return Err(ClientError::Away(format!("`{name}` arrived with sha256 {}, not {sha256}", uploaded.sha256)));
        }
        Ok(uploaded.id)
    }

    pub async fn download(&self, artifact: &ArtifactRef) -> Result<Vec<u8>, ClientError> {
        let request = self.http.get(format!("{}/v1/artifacts/{}", self.base, artifact.0)).timeout(TRANSFER);
        Ok(self.send(request).await?.bytes().await?.to_vec())
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let detail = problem(answer).await;
        Err(match status {
            StatusCode::CONFLICT => ClientError::Stale,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                ClientError::Away(format!("{status}: {detail}"))
            }
            status if status.is_client_error() => ClientError::Refused { status, detail },
            status => ClientError::Away(format!("{status}: {detail}")),
        })
    }
}

/// The `detail` of a problem document, or the start of whatever came instead.
async fn problem(answer: Response) -> String {
    let text = answer.text().await.unwrap_or_default();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    match document["detail"].as_str().or(document["title"].as_str()) {
        Some(detail) => detail.to_string(),
        None => text.chars().take(200).collect(),
    }
}
