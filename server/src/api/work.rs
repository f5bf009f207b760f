//! Work: lease, report, outcome. Workers and external trainers live on these three.

use super::extract::Body;
use super::openapi::shared;
use super::{Api, ApiError, Problem};
use crate::dispatch::OutcomeAnswer;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use search::work::{LeaseRequest, Outcome, Report, ReportAnswer};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(lease)).routes(routes!(report)).routes(routes!(outcome))
}

/// Leases one piece of work; waits up to `wait_seconds` for some (long poll).
#[utoipa::path(post, path = "/v1/work/lease", tag = "work",
    request_body(content = ref("#/components/schemas/LeaseRequest")),
    responses((status = OK, body = ref("#/components/schemas/Lease")),
        (status = NO_CONTENT, description = "Nothing to do"), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn lease(State(api): State<Api>, Body(request): Body<LeaseRequest>) -> Result<Response, ApiError> {
    Ok(match api.app.work_lease(&request).await? {
        Some(lease) => Json(lease).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Heartbeat, curve points and checkpoint in one message; the answer says what to do.
#[utoipa::path(post, path = "/v1/work/{id}/report", tag = "work", params(("id" = Uuid, Path)),
    request_body(content = ref("#/components/schemas/Report")),
    responses((status = OK, body = ref("#/components/schemas/ReportAnswer")),
        (status = CONFLICT, body = Problem), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn report(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(report): Body<Report>,
) -> Result<Json<ReportAnswer>, ApiError> {
    Ok(Json(api.app.work_report(&id, &report).await?))
}

/// How a lease ended.
#[derive(Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
struct OutcomeBody {
    /// The lease's fencing token.
    token: String,
    #[schema(schema_with = outcome_schema)]
    outcome: Outcome,
    /// Asks for the next lease in the same request.
    #[schema(schema_with = lease_request_schema, required = false)]
    next: Option<LeaseRequest>,
}

fn outcome_schema() -> Ref {
    shared("Outcome")
}

fn lease_request_schema() -> Ref {
    shared("LeaseRequest")
}

/// How the work ended; the same outcome twice is one. `next` takes the next lease in the same request.
#[utoipa::path(post, path = "/v1/work/{id}/outcome", tag = "work", params(("id" = Uuid, Path)),
    request_body = OutcomeBody,
    responses((status = OK, body = OutcomeAnswer), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn outcome(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(body): Body<OutcomeBody>,
) -> Result<Json<OutcomeAnswer>, ApiError> {
    Ok(Json(api.app.work_outcome(&id, &body.token, body.outcome, body.next.as_ref()).await?))
}
