//! Studies: submit, read, change, end.

use super::extract::{Body, Id, Params};
use super::{Api, ApiError, Problem};
use crate::app::{Page, StudyView, TrialView};
use crate::engine::{StudyFilter, TrialFilter};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use search::strategy::Insight;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, submit))
        .routes(routes!(read, patch, delete))
        .routes(routes!(check))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(stop))
        .routes(routes!(cancel))
        .routes(routes!(trials))
        .routes(routes!(pareto))
        .routes(routes!(best))
        .routes(routes!(insights))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Only studies in this state.
    state: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, at most 500.
    limit: Option<u32>,
}

/// Studies, newest first.
#[utoipa::path(get, path = "/v1/studies", tag = "studies", params(ListParams), responses((status = OK, body = Page<StudyView>)))]
async fn list(State(api): State<Api>, Params(p): Params<ListParams>) -> Result<Json<Page<StudyView>>, ApiError> {
    let filter = StudyFilter { state: p.state, cursor: p.cursor, limit: p.limit };
    Ok(Json(api.app.study_list(&filter).await?))
}

/// Submits a study; it starts at once. With an `Idempotency-Key` the same body can be sent again and makes no second one.
#[utoipa::path(post, path = "/v1/studies", tag = "studies", request_body(content = ref("#/components/schemas/StudyDocument")),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeated sending harmless")),
    responses((status = CREATED, body = StudyView), (status = OK, body = StudyView, description = "Was submitted before"),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn submit(State(api): State<Api>, headers: HeaderMap, Body(document): Body<Value>) -> Result<Response, ApiError> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let submitted = api.app.study_submit(&document, key).await?;
    let status = if submitted.created { StatusCode::CREATED } else { StatusCode::OK };
    let place = [(header::LOCATION, format!("/v1/studies/{}", submitted.study.id))];
    Ok((status, place, Json(submitted.study)).into_response())
}

/// Checks a study document as a submission would, and stores nothing.
#[utoipa::path(post, path = "/v1/studies/check", tag = "studies",
    request_body(content = ref("#/components/schemas/StudyDocument")),
    responses((status = NO_CONTENT), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn check(State(api): State<Api>, Body(document): Body<Value>) -> Result<StatusCode, ApiError> {
    api.app.study_check(&document).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One study with its progress.
#[utoipa::path(get, path = "/v1/studies/{id}", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = StudyView), (status = NOT_FOUND, body = Problem)))]
async fn read(State(api): State<Api>, Id(id): Id) -> Result<Json<StudyView>, ApiError> {
    Ok(Json(api.app.study_get(id).await?))
}

/// Changes name and limits while it runs (JSON merge patch).
#[utoipa::path(patch, path = "/v1/studies/{id}", tag = "studies", params(("id" = Uuid, Path)), request_body(content = Object),
    responses((status = OK, body = StudyView), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn patch(State(api): State<Api>, Id(id): Id, Body(change): Body<Value>) -> Result<Json<StudyView>, ApiError> {
    Ok(Json(api.app.study_patch(id, &change).await?))
}

/// Deletes an ended study with its trials and artifacts.
#[utoipa::path(delete, path = "/v1/studies/{id}", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = CONFLICT, body = Problem)))]
async fn delete(State(api): State<Api>, Id(id): Id) -> Result<StatusCode, ApiError> {
    api.app.study_delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stops giving out work; running trials checkpoint and wait.
#[utoipa::path(post, path = "/v1/studies/{id}/pause", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = StudyView), (status = CONFLICT, body = Problem)))]
async fn pause(State(api): State<Api>, Id(id): Id) -> Result<Json<StudyView>, ApiError> {
    Ok(Json(api.app.study_pause(id).await?))
}

/// Goes on after a pause.
#[utoipa::path(post, path = "/v1/studies/{id}/resume", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = StudyView), (status = CONFLICT, body = Problem)))]
async fn resume(State(api): State<Api>, Id(id): Id) -> Result<Json<StudyView>, ApiError> {
    Ok(Json(api.app.study_resume(id).await?))
}

/// Ends gently: running trials stop after their epoch and keep their metrics.
#[utoipa::path(post, path = "/v1/studies/{id}/stop", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = StudyView), (status = CONFLICT, body = Problem)))]
async fn stop(State(api): State<Api>, Id(id): Id) -> Result<Json<StudyView>, ApiError> {
    Ok(Json(api.app.study_stop(id).await?))
}

/// Ends at once: all leases end.
#[utoipa::path(post, path = "/v1/studies/{id}/cancel", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = StudyView), (status = CONFLICT, body = Problem)))]
async fn cancel(State(api): State<Api>, Id(id): Id) -> Result<Json<StudyView>, ApiError> {
    Ok(Json(api.app.study_cancel(id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TrialParams {
    /// Only trials in this state.
    state: Option<String>,
    /// `number`, a metric or a statistic; `-` in front for descending.
    sort: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Trials of a study, page by page.
#[utoipa::path(get, path = "/v1/studies/{id}/trials", tag = "studies", params(("id" = Uuid, Path), TrialParams),
    responses((status = OK, body = Page<TrialView>)))]
async fn trials(
    State(api): State<Api>,
    Id(id): Id,
    Params(p): Params<TrialParams>,
) -> Result<Json<Page<TrialView>>, ApiError> {
    let filter = TrialFilter { state: p.state, sort: p.sort, cursor: p.cursor, limit: p.limit };
    Ok(Json(api.app.trial_list(id, &filter).await?))
}

/// The Pareto-optimal completed trials; with one objective the best.
#[utoipa::path(get, path = "/v1/studies/{id}/pareto", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = Vec<TrialView>)))]
async fn pareto(State(api): State<Api>, Id(id): Id) -> Result<Json<Vec<TrialView>>, ApiError> {
    Ok(Json(api.app.study_pareto(id).await?))
}

/// What to take away: the final trials if there are any, else the best of the search; the baseline last.
#[utoipa::path(get, path = "/v1/studies/{id}/best", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = Vec<TrialView>)))]
async fn best(State(api): State<Api>, Id(id): Id) -> Result<Json<Vec<TrialView>>, ApiError> {
    Ok(Json(api.app.study_best(id).await?))
}

/// What the strategy shows of itself.
#[utoipa::path(get, path = "/v1/studies/{id}/insights", tag = "studies", params(("id" = Uuid, Path)),
    responses((status = OK, body = ref("#/components/schemas/Insights"))))]
async fn insights(State(api): State<Api>, Id(id): Id) -> Result<Json<Vec<Insight>>, ApiError> {
    Ok(Json(api.app.study_insights(id).await?))
}
