//! REST under `/v1`: one file per resource. A handler reads the request, calls one verb of [`App`], shapes the answer.

mod artifacts;
mod catalogue;
mod edge;
mod error;
mod events;
mod extract;
mod health;
mod latencies;
mod metrics;
mod openapi;
mod runs;
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
use axum::middleware::from_fn_with_state;
use metrics::HttpMetrics;
use std::time::Duration;
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
    /// How long a handler may take, where it does not wait on purpose.
    pub patience: Duration,
}

const PEOPLE: &[Role] = &[Role::Admin, Role::User];
const WORKERS: &[Role] = &[Role::Admin, Role::Worker];
const EVERYBODY: &[Role] = &[Role::Admin, Role::User, Role::Worker];
const ADMINS: &[Role] = &[Role::Admin];

/// Routes by the roles that may use them.
fn groups() -> [(&'static [Role], OpenApiRouter<Api>); 4] {
    let people = OpenApiRouter::new()
        .merge(studies::router())
        .merge(trials::router())
        .merge(runs::router())
        .merge(latencies::router())
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
    let all = all.method_not_allowed_fallback(async |method| ApiError::NoMethod(method));
    let all = all.layer(from_fn_with_state(options.patience, edge::limit_time));
    let all = all.layer(DefaultBodyLimit::max(options.body_bytes));
    edge::wrap(all.layer(from_fn_with_state(api.http.clone(), metrics::measure))).with_state(api)
}
