//! REST under `/v1`: one file per resource. A handler reads the request, calls one verb of [`App`], shapes the answer.

mod artifacts;
mod catalogue;
mod error;
mod events;
mod extract;
mod health;
mod metrics;
mod openapi;
mod spaces;
mod studies;
mod tokens;
mod trials;
mod ui;
mod work;
mod workers;

pub use error::{ApiError, Problem, ProblemFault};
pub use openapi::document;

use crate::app::{App, Role};
use crate::auth::{Access, Guard, require};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Request, header};
use axum::middleware::from_fn_with_state;
use metrics::HttpMetrics;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;

/// What every handler may use.
#[derive(Clone)]
pub struct Api {
    pub app: App,
    pub http: HttpMetrics,
}

/// How the edge behaves.
#[derive(Clone, Copy, Debug)]
pub struct EdgeOptions {
    pub access: Access,
    pub body_bytes: usize,
}

const PEOPLE: &[Role] = &[Role::Admin, Role::User];
const WORKERS: &[Role] = &[Role::Admin, Role::Worker];
const EVERYBODY: &[Role] = &[Role::Admin, Role::User, Role::Worker];
const ADMINS: &[Role] = &[Role::Admin];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Routes by the roles that may use them.
fn groups() -> [(&'static [Role], OpenApiRouter<Api>); 4] {
    let people = OpenApiRouter::new()
        .merge(studies::router())
        .merge(trials::router())
        .merge(spaces::router())
        .merge(catalogue::router())
        .merge(workers::readers())
        .merge(events::router());
    let workers = OpenApiRouter::new().merge(work::router()).merge(workers::writers()).merge(artifacts::writers());
    [(PEOPLE, people), (WORKERS, workers), (EVERYBODY, artifacts::readers()), (ADMINS, tokens::router())]
}

/// The whole service: API, documentation, dashboard.
pub fn router(app: App, options: EdgeOptions) -> Router {
    let api = Api { app: app.clone(), http: HttpMetrics::default() };
    let mut all: Router<Api> = Router::new().merge(health::router()).merge(openapi::router()).merge(ui::router());
    for (roles, group) in groups() {
        let guard = Guard { app: app.clone(), access: options.access, roles };
        let (routes, _) = group.split_for_parts();
        all = all.merge(routes.route_layer(from_fn_with_state(guard, require)));
    }
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    all.layer(DefaultBodyLimit::max(options.body_bytes))
        .layer(from_fn_with_state(api.http.clone(), metrics::measure))
        .layer(CompressionLayer::new())
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(CatchPanicLayer::new())
        .with_state(api)
}

fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::debug_span!("request", request.id = id, method = %request.method(), path = request.uri().path())
}
