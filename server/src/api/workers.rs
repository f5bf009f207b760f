//! Workers: who trains.

use super::extract::Body;
use super::{Api, ApiError, Problem};
use crate::app::WorkerView;
use axum::Json;
use axum::extract::State;
use search::work::WorkerInfo;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn readers() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

pub(super) fn writers() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(register))
}

#[derive(Serialize, ToSchema)]
struct Registered {
    /// The worker's name.
    id: String,
}

/// All workers, the one last heard of first.
#[utoipa::path(get, path = "/v1/workers", tag = "workers", responses((status = OK, body = Vec<WorkerView>)))]
async fn list(State(api): State<Api>) -> Result<Json<Vec<WorkerView>>, ApiError> {
    Ok(Json(api.app.worker_list().await?))
}

/// Registers a worker, or replaces what it said of itself before.
#[utoipa::path(post, path = "/v1/workers", tag = "workers",
    request_body(content = ref("#/components/schemas/WorkerInfo")),
    responses((status = OK, body = Registered), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn register(State(api): State<Api>, Body(info): Body<WorkerInfo>) -> Result<Json<Registered>, ApiError> {
    api.app.worker_register(&info).await?;
    Ok(Json(Registered { id: info.name }))
}
