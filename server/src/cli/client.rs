//! The service as the commands see it. Problem documents become readable errors.

use super::Connection;
use anyhow::{Context, Result, anyhow};
use futures::StreamExt;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use std::path::Path;
use tokio::io::AsyncWriteExt;

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    connection: Connection,
}

impl Client {
    pub fn new(connection: &Connection) -> Result<Client> {
        Ok(Client { http: reqwest::Client::builder().build()?, connection: connection.clone() })
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

    /// Saves an artifact to a file.
    pub async fn download(&self, id: &str, to: &Path) -> Result<()> {
        let response = self.send(self.request(Method::GET, &format!("/v1/artifacts/{id}"))).await?;
        let mut file = tokio::fs::File::create(to).await.with_context(|| format!("creating {}", to.display()))?;
        let mut body = response.bytes_stream();
        while let Some(chunk) = body.next().await {
            file.write_all(&chunk?).await?;
        }
        file.flush().await.with_context(|| format!("writing {}", to.display()))
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
        let text = self.send(request).await?.text().await?;
        if text.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
    }
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
