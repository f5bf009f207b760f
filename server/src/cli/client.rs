//! The service as the commands see it. Problem documents become readable errors.

use super::Connection;
use super::output::text;
use anyhow::{Context, Result, anyhow, ensure};
use futures::StreamExt;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    connection: Connection,
}

impl Client {
    pub fn new(connection: &Connection) -> Result<Client> {
        let http = match reqwest::Client::builder().build() {
            Ok(http) => http,
            // A machine without root certificates can still speak plain HTTP.
            Err(_) if connection.url.starts_with("http://") => reqwest::Client::builder().tls_certs_only([]).build()?,
            Err(error) => return Err(error).context("preparing HTTPS (are root certificates installed?)"),
        };
        Ok(Client { http, connection: connection.clone() })
    }

    /// A client for a service without tokens.
    pub fn local(url: &str) -> Result<Client> {
        Client::new(&Connection { url: url.to_owned(), token: None })
    }

    pub fn url(&self) -> &str {
        &self.connection.url
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::PATCH, path).json(body)).await
    }

    /// Submits a study; a lost answer can be asked for again, since the study is made once.
    pub async fn submit(&self, document: &Value) -> Result<Value> {
        let key = uuid::Uuid::now_v7().to_string();
        self.json(self.request(Method::POST, "/v1/studies").header("Idempotency-Key", key).json(document)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::DELETE, path)).await
    }

    /// All items of a paged list.
    pub async fn pages(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.get(&format!("{path}{joint}limit=500{cursor}")).await?;
            items.extend(page["items"].as_array().into_iter().flatten().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Saves an artifact to a file, which takes its name only when its hash is right.
    pub async fn download(&self, artifact: &Value, to: &Path) -> Result<()> {
        let id = text(artifact, "/id");
        let response = self.send(self.request(Method::GET, &format!("/v1/artifacts/{id}"))).await?;
        let part = part_of(to);
        let mut file = tokio::fs::File::create(&part).await.with_context(|| format!("creating {}", part.display()))?;
        let mut hash = Sha256::new();
        let mut body = response.bytes_stream();
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            hash.update(&chunk);
            file.write_all(&chunk).await.with_context(|| format!("writing {}", part.display()))?;
        }
        file.flush().await.with_context(|| format!("writing {}", part.display()))?;
        let (found, announced) = (hex::encode(hash.finalize()), text(artifact, "/sha256"));
        ensure!(found == announced, "artifact {id} came with sha256 {found}, not {announced}");
        tokio::fs::rename(&part, to).await.with_context(|| format!("naming {}", to.display()))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.connection.url.trim_end_matches('/')));
        match &self.connection.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.with_context(|| {
            format!("no service answers at {}; start one with `nascent up`, or name another with --url", self.url())
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let problem: Value = response.json().await.unwrap_or_default();
        Err(readable(&problem).unwrap_or_else(|| anyhow!("the service answered {status}")))
    }

    async fn json(&self, request: RequestBuilder) -> Result<Value> {
        let answer = self.send(request).await?.text().await?;
        if answer.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&answer)?) }
    }
}

/// Where a file is written before it is known to be whole.
pub fn part_of(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// A problem document in words, a line per fault.
fn readable(problem: &Value) -> Option<anyhow::Error> {
    let title = problem["title"].as_str()?;
    let faults = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    if faults.is_empty() {
        return Some(anyhow!("{title}: {}", problem["detail"].as_str().unwrap_or_default()));
    }
    let line = |fault: &Value| {
        let pointer = fault["pointer"].as_str().filter(|pointer| !pointer.is_empty()).unwrap_or("document");
        format!("\n  {pointer}: {}", fault["detail"].as_str().unwrap_or_default())
    };
    Some(anyhow!("{title}:{}", faults.iter().map(line).collect::<String>()))
}
