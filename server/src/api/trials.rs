//! Single trials: what was tried, how it went, what came out.

use super::extract::Id;
use super::{Api, ApiError, Problem};
use crate::app::{AppError, ArtifactView, AttemptView, CurveView, TrialView};
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use search::network::{draw_svg, lower, network_of};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(curve)).routes(routes!(graph)).routes(routes!(cancel))
}

/// A trial with everything that belongs to it.
#[derive(Serialize, ToSchema)]
struct TrialDetail {
    #[serde(flatten)]
    trial: TrialView,
    /// The candidate document: network and recipe as they are trained.
    #[schema(value_type = Object)]
    candidate: Value,
    attempts: Vec<AttemptView>,
    artifacts: Vec<ArtifactView>,
}

/// One trial with its candidate, attempts and artifacts.
#[utoipa::path(get, path = "/v1/trials/{id}", tag = "trials", params(("id" = Uuid, Path)),
    responses((status = OK, body = TrialDetail), (status = NOT_FOUND, body = Problem)))]
async fn read(State(api): State<Api>, Id(id): Id) -> Result<Json<TrialDetail>, ApiError> {
    let trial = api.app.trial_get(id).await?;
    Ok(Json(TrialDetail {
        candidate: api.app.trial_candidate(id).await?,
        attempts: api.app.trial_attempts(id).await?,
        artifacts: api.app.artifact_list(id).await?,
        trial,
    }))
}

/// The learning curve, by metric and epoch.
#[utoipa::path(get, path = "/v1/trials/{id}/curve", tag = "trials", params(("id" = Uuid, Path)),
    responses((status = OK, body = Vec<CurveView>)))]
async fn curve(State(api): State<Api>, Id(id): Id) -> Result<Json<Vec<CurveView>>, ApiError> {
    Ok(Json(api.app.trial_curve(id).await?))
}

/// A drawing of the network.
#[utoipa::path(get, path = "/v1/trials/{id}/graph", tag = "trials", params(("id" = Uuid, Path)),
    responses((status = OK, content_type = "image/svg+xml", body = String), (status = NOT_FOUND, body = Problem)))]
async fn graph(State(api): State<Api>, Id(id): Id) -> Result<Response, ApiError> {
    let trial = api.app.trial_get(id).await?;
    let candidate = api.app.trial_candidate(id).await?;
    let network = network_of(&candidate).ok_or(AppError::NotFound("drawing: the space is external"))?;
    let graph = lower(network)?;
    let svg = draw_svg(&graph, &format!("Trial {}", trial.number));
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// Takes a trial back from whoever has it.
#[utoipa::path(post, path = "/v1/trials/{id}/cancel", tag = "trials", params(("id" = Uuid, Path)),
    responses((status = OK, body = TrialView), (status = CONFLICT, body = Problem)))]
async fn cancel(State(api): State<Api>, Id(id): Id) -> Result<Json<TrialView>, ApiError> {
    Ok(Json(api.app.trial_cancel(id).await?))
}
