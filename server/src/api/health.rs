//! Whether the service lives, is ready, and how it is doing.

use super::{Api, metrics};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::page))
}

async fn ready(State(api): State<Api>) -> (StatusCode, &'static str) {
    if api.app.stop.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "the service is ending")
    } else if api.app.ready().await {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
    }
}
