//! Prometheus: requests counted in memory, everything else computed from the database on scrape.

use super::{Api, ApiError};
use anyhow::Context;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus::{Encoder, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, TextEncoder};
use std::collections::BTreeMap;
use std::time::Instant;

const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Latencies by route, method and status.
#[derive(Clone)]
pub struct HttpMetrics {
    latency: Option<HistogramVec>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        let options =
            HistogramOpts::new("nascent_http_request_seconds", "Time to answer a request; long polls included");
        let latency = HistogramVec::new(options.buckets(BUCKETS.to_vec()), &["method", "route", "status"]);
        HttpMetrics { latency: latency.map_err(|error| tracing::error!(%error, "request metrics are off")).ok() }
    }
}

/// Middleware that measures each request under its route.
pub(super) async fn measure(State(metrics): State<HttpMetrics>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().as_str().to_owned();
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    if let Some(latency) = &metrics.latency {
        let route = matched.unwrap_or_else(|| "other".into());
        let status = response.status();
        let labels = [method.as_str(), route.as_str(), status.as_str()];
        latency.with_label_values(&labels).observe(start.elapsed().as_secs_f64());
    }
    response
}

/// `GET /metrics`
pub(super) async fn page(State(api): State<Api>) -> Result<Response, ApiError> {
    let counts = api.app.service_counts().await?;
    let registry = Registry::new();
    let gathered = gather(&registry, &api, &counts).context("gathering metrics");
    gathered.map_err(|error| ApiError::App(error.into()))?;
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    let encoded = encoder.encode(&registry.gather(), &mut text).context("writing metrics");
    encoded.map_err(|error| ApiError::App(error.into()))?;
    Ok(([(CONTENT_TYPE, encoder.format_type().to_owned())], text).into_response())
}

fn gather(registry: &Registry, api: &Api, counts: &crate::app::ServiceCounts) -> prometheus::Result<()> {
    if let Some(latency) = &api.http.latency {
        registry.register(Box::new(latency.clone()))?;
    }
    by_label(registry, "nascent_studies", "Studies by state", "state", &counts.studies)?;
    by_label(registry, "nascent_trials", "Trials by state", "state", &counts.trials)?;
    by_label(registry, "nascent_work", "Pieces of work by state", "state", &counts.work)?;
    let single = [
        ("nascent_workers", "Workers heard of in the last minute", counts.workers as f64),
        ("nascent_worker_slots", "Slots of those workers", counts.slots as f64),
        ("nascent_oldest_queued_seconds", "Age of the oldest queued work", counts.oldest_queued_seconds),
        ("nascent_outcomes_waiting", "Outcomes that no advance has taken in yet", counts.outcomes_waiting as f64),
    ];
    for (name, help, value) in single {
        let gauge = prometheus::Gauge::new(name, help)?;
        gauge.set(value);
        registry.register(Box::new(gauge))?;
    }
    let seconds = GaugeVec::new(Opts::new("nascent_loop_last_seconds", "Duration of a loop's last run"), &["loop"])?;
    let failures =
        GaugeVec::new(Opts::new("nascent_loop_failures", "Failed runs of a loop since the start"), &["loop"])?;
    for (name, status) in api.app.loops.all() {
        seconds.with_label_values(&[name]).set(status.last_seconds);
        failures.with_label_values(&[name]).set(status.failures as f64);
    }
    registry.register(Box::new(seconds))?;
    registry.register(Box::new(failures))
}

fn by_label(
    registry: &Registry,
    name: &str,
    help: &str,
    label: &str,
    values: &BTreeMap<String, i64>,
) -> prometheus::Result<()> {
    let gauge = GaugeVec::new(Opts::new(name, help), &[label])?;
    for (value, count) in values {
        gauge.with_label_values(&[value.as_str()]).set(*count as f64);
    }
    registry.register(Box::new(gauge))
}
