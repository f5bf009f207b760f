//! What every request passes on its way in and out: ids, traces, headers, compression, limits of time, panics.

use super::ApiError;
use crate::app::AppError;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Pages load nothing from elsewhere. Styles may stand in the page: charts and the documentation set them.
const CONTENT_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Routes whose handlers wait on purpose (long polls) or for as long as a body takes.
const PATIENT: [&str; 3] = ["/v1/work/lease", "/v1/work/{id}/outcome", "/v1/artifacts"];

/// Puts the layers around the service; the last one sees a request first.
pub(super) fn wrap<S: Clone + Send + Sync + 'static>(service: Router<S>) -> Router<S> {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    // Weights do not shrink, and a compressed answer has no length and no ranges.
    let worthwhile = DefaultPredicate::new().and(NotForContentType::const_new("application/octet-stream"));
    service
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new().compress_when(worthwhile))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

/// Gives up on a handler that takes too long.
pub(super) async fn limit_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if route.is_some_and(|route| PATIENT.contains(&route)) {
        return next.run(request).await;
    }
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let error = anyhow::anyhow!("a handler panicked: {}", text.unwrap_or("no reason given"));
    ApiError::App(AppError::Internal(error)).into_response()
}

fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", request.id = id, http.method = %request.method(), http.path = request.uri().path())
}
