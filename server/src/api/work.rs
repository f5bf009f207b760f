//! Work: lease, report, outcome. Workers and external trainers live on these three.

use super::extract::Body;
use super::{Api, ApiError, Problem};
use crate::dispatch::OutcomeAnswer;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use search::work::{LeaseRequest, Outcome, Report, ReportAnswer};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(lease)).routes(routes!(report)).routes(routes!(outcome))
}

/// Leases one piece of work; waits up to `wait_seconds` for some (long poll).
#[utoipa::path(post, path = "/v1/work/lease", tag = "work", request_body(content = Object,
        description = "{worker, slot?, kinds, datasets?, study?, wait_seconds?}"),
    responses((status = OK, body = Object, description = "A lease"), (status = NO_CONTENT, description = "Nothing to do")))]
async fn lease(State(api): State<Api>, Body(request): Body<LeaseRequest>) -> Result<Response, ApiError> {
    Ok(match api.app.work_lease(&request).await? {
        Some(lease) => Json(lease).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Heartbeat, curve points and checkpoint in one message; the answer says what to do.
#[utoipa::path(post, path = "/v1/work/{id}/report", tag = "work", params(("id" = Uuid, Path)), request_body(content = Object,
        description = "{token, points?: [{metric, step, value}], progress?, checkpoint?}"),
    responses((status = OK, body = Object, description = "{directive, deadline}"), (status = CONFLICT, body = Problem)))]
async fn report(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(report): Body<Report>,
) -> Result<Json<ReportAnswer>, ApiError> {
    Ok(Json(api.app.work_report(&id, &report).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeBody {
    token: String,
    outcome: Outcome,
    next: Option<LeaseRequest>,
}

/// How the work ended; the same outcome twice is one. `next` takes the next lease in the same request.
#[utoipa::path(post, path = "/v1/work/{id}/outcome", tag = "work", params(("id" = Uuid, Path)), request_body(content = Object,
        description = "{token, outcome: {state: done|stopped|infeasible|failed|released, …}, next?: lease request}"),
    responses((status = OK, body = Object, description = "{recorded, next?}"), (status = CONFLICT, body = Problem)))]
async fn outcome(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(body): Body<OutcomeBody>,
) -> Result<Json<OutcomeAnswer>, ApiError> {
    Ok(Json(api.app.work_outcome(&id, &body.token, body.outcome, body.next.as_ref()).await?))
}
