//! Runs: the work of a study that is no trial (supernets, scores, measurements).

use super::extract::{Id, Params};
use super::{Api, ApiError, Problem};
use crate::app::{Page, RunCurve, RunDetail, RunView};
use crate::engine::RunFilter;
use crate::store::CurveFilter;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(curves))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunParams {
    /// `queued`, `held`, `leased`, `done`, `failed`, `cancelled`, or `live` for all that have not ended.
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Runs of a study in the order of creation, page by page.
#[utoipa::path(get, path = "/v1/studies/{id}/runs", tag = "runs", params(("id" = Uuid, Path), RunParams),
    responses((status = OK, body = Page<RunView>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(
    State(api): State<Api>,
    Id(id): Id,
    Params(p): Params<RunParams>,
) -> Result<Json<Page<RunView>>, ApiError> {
    let filter = RunFilter { state: p.state, cursor: p.cursor, limit: p.limit };
    Ok(Json(api.app.run_list(id, &filter).await?))
}

/// One run with its result, attempts, artifacts and decisions.
#[utoipa::path(get, path = "/v1/runs/{id}", tag = "runs", params(("id" = Uuid, Path)),
    responses((status = OK, body = RunDetail), (status = NOT_FOUND, body = Problem)))]
async fn read(State(api): State<Api>, Id(id): Id) -> Result<Json<RunDetail>, ApiError> {
    Ok(Json(api.app.run_get(id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CurveParams {
    /// Only metrics whose name begins so (`p/` for the probabilities of an architecture).
    prefix: Option<String>,
    /// No metrics whose name begins so.
    without: Option<String>,
}

/// The curves of a run by metric, as its last attempt left them.
#[utoipa::path(get, path = "/v1/runs/{id}/curves", tag = "runs", params(("id" = Uuid, Path), CurveParams),
    responses((status = OK, body = Vec<RunCurve>), (status = NOT_FOUND, body = Problem)))]
async fn curves(
    State(api): State<Api>,
    Id(id): Id,
    Params(p): Params<CurveParams>,
) -> Result<Json<Vec<RunCurve>>, ApiError> {
    let filter = CurveFilter { prefix: p.prefix, without: p.without };
    Ok(Json(api.app.run_curves(id, &filter).await?))
}
