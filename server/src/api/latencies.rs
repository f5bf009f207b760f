//! Latency tables: what `measure` runs found on each device, kept for other studies.

use super::extract::Id;
use super::{Api, ApiError, Problem};
use crate::app::{LatencyTableDetail, LatencyTableView};
use axum::Json;
use axum::extract::State;
use search::supernet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(document))
}

/// All latency tables, by device and batch.
#[utoipa::path(get, path = "/v1/latency-tables", tag = "latency tables",
    responses((status = OK, body = Vec<LatencyTableView>)))]
async fn list(State(api): State<Api>) -> Result<Json<Vec<LatencyTableView>>, ApiError> {
    Ok(Json(api.app.latency_tables().await?))
}

/// One latency table with its entries.
#[utoipa::path(get, path = "/v1/latency-tables/{device}/{batch}", tag = "latency tables",
    params(("device" = String, Path), ("batch" = i32, Path)),
    responses((status = OK, body = LatencyTableDetail), (status = NOT_FOUND, body = Problem)))]
async fn read(
    State(api): State<Api>,
    Id((device, batch)): Id<(String, i32)>,
) -> Result<Json<LatencyTableDetail>, ApiError> {
    Ok(Json(api.app.latency_table(&device, batch).await?))
}

/// The same table as a document for a study's options (`latency_table` of `fbnet`).
#[utoipa::path(get, path = "/v1/latency-tables/{device}/{batch}/document", tag = "latency tables",
    params(("device" = String, Path), ("batch" = i32, Path)),
    responses((status = OK, body = ref("#/components/schemas/LatencyTable")), (status = NOT_FOUND, body = Problem)))]
async fn document(
    State(api): State<Api>,
    Id((device, batch)): Id<(String, i32)>,
) -> Result<Json<supernet::LatencyTable>, ApiError> {
    Ok(Json(api.app.latency_document(&device, batch).await?))
}
