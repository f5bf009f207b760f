//! Spaces: store, count, sample, inspect.

use super::extract::{Body, Params};
use super::openapi::shared;
use super::{Api, ApiError, Problem};
use crate::app::{AppError, Page, SpaceView};
use axum::Json;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use search::fault::Faults;
use search::network::{Cost, LayerCost, cost, lower, network_of};
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Space};
use search::study::SpaceSource;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::Array;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, store))
        .routes(routes!(count))
        .routes(routes!(read))
        .routes(routes!(sample))
        .routes(routes!(inspect))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Stored spaces, newest first.
#[utoipa::path(get, path = "/v1/spaces", tag = "spaces", params(ListParams), responses((status = OK, body = Page<SpaceView>)))]
async fn list(State(api): State<Api>, Params(p): Params<ListParams>) -> Result<Json<Page<SpaceView>>, ApiError> {
    Ok(Json(api.app.space_list(p.cursor.as_deref(), p.limit).await?))
}

/// Checks and stores a space: `{"document": …}` or `{"builtin": {"name", "options"}}`.
#[utoipa::path(post, path = "/v1/spaces", tag = "spaces", request_body(content = ref("#/components/schemas/SpaceSource")),
    responses((status = OK, body = SpaceView), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn store(State(api): State<Api>, Body(source): Body<SpaceSource>) -> Result<Json<SpaceView>, ApiError> {
    let space = api.app.space_resolve(&source).await?;
    let builtin = match &source {
        SpaceSource::Builtin { name, options } => Some(serde_json::json!({"name": name, "options": options})),
        SpaceSource::Document(_) | SpaceSource::Id(_) => None,
    };
    Ok(Json(api.app.space_put(&space, builtin.as_ref()).await?))
}

/// What is known of a space without running anything.
#[derive(Serialize, ToSchema)]
struct SpaceCount {
    name: String,
    fingerprint: String,
    /// Number of genotypes as a decimal string, "-1" when infinite.
    size: String,
    decisions: usize,
    vector_length: usize,
}

/// Checks and counts a space without storing it.
#[utoipa::path(post, path = "/v1/spaces/count", tag = "spaces", request_body(content = ref("#/components/schemas/SpaceSource")),
    responses((status = OK, body = SpaceCount), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn count(State(api): State<Api>, Body(source): Body<SpaceSource>) -> Result<Json<SpaceCount>, ApiError> {
    let space = api.app.space_resolve(&source).await?;
    Ok(Json(SpaceCount {
        name: space.name().to_owned(),
        fingerprint: space.fingerprint().to_owned(),
        size: space.size().to_string(),
        decisions: space.decisions().len(),
        vector_length: space.vector_length(),
    }))
}

/// A stored space.
#[utoipa::path(get, path = "/v1/spaces/{id}", tag = "spaces", params(("id" = String, Path)),
    responses((status = OK, body = SpaceView), (status = NOT_FOUND, body = Problem)))]
async fn read(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<SpaceView>, ApiError> {
    Ok(Json(api.app.space_get(&id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SampleParams {
    /// How many, at most 1,000; 1 by default.
    n: Option<usize>,
    /// `by_decision` (default) or `by_point`.
    mode: Option<String>,
    seed: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct Sample {
    #[schema(value_type = Vec<f64>)]
    genotype: Value,
    key: String,
    #[schema(value_type = Object)]
    value: Value,
}

/// Random genotypes of a stored space.
#[utoipa::path(get, path = "/v1/spaces/{id}/sample", tag = "spaces", params(("id" = String, Path), SampleParams),
    responses((status = OK, body = Vec<Sample>)))]
async fn sample(
    State(api): State<Api>,
    Path(id): Path<String>,
    Params(p): Params<SampleParams>,
) -> Result<Json<Vec<Sample>>, ApiError> {
    let space = api.app.space_load(&id).await?;
    let how = match p.mode.as_deref() {
        None | Some("by_decision") => Draw::ByDecision,
        Some("by_point") => Draw::ByPoint,
        Some(other) => {
            return Err(Faults::one("/mode", format!("`{other}` is neither by_decision nor by_point")).into());
        }
    };
    let randomness = Randomness::new(p.seed.unwrap_or_default());
    let draws = 0..p.n.unwrap_or(1).min(1000) as u64;
    let sample = move || draws.filter_map(|i| one_sample(&space, how, &randomness, i)).collect();
    Ok(Json(tokio::task::spawn_blocking(sample).await.map_err(|panic| AppError::Internal(panic.into()))?))
}

/// A draw; `None` where a constraint forbids it.
fn one_sample(space: &Space, how: Draw, randomness: &Randomness, index: u64) -> Option<Sample> {
    let genotype = space.sample(how, &mut randomness.at(Purpose::Show, index));
    let value = space.materialise(&genotype).ok()?;
    Some(Sample { key: space.key(&genotype), genotype: serde_json::to_value(&genotype).ok()?, value })
}

#[derive(Deserialize, JsonSchema, ToSchema)]
struct InspectBody {
    /// Flat, nested or dictionary form.
    #[schema(value_type = Object)]
    genotype: Value,
}

#[derive(Serialize, ToSchema)]
struct Inspection {
    #[schema(value_type = Object)]
    candidate: Value,
    params: Option<u64>,
    /// Multiply-adds of one sample.
    flops: Option<u64>,
    #[schema(schema_with = layers_schema)]
    layers: Vec<LayerCost>,
}

fn layers_schema() -> Array {
    Array::new(shared("LayerCost"))
}

/// Shapes, parameters and FLOPs of a genotype, layer by layer.
#[utoipa::path(post, path = "/v1/spaces/{id}/inspect", tag = "spaces", params(("id" = String, Path)), request_body = InspectBody,
    responses((status = OK, body = Inspection), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn inspect(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(body): Body<InspectBody>,
) -> Result<Json<Inspection>, ApiError> {
    let space = api.app.space_load(&id).await?;
    let candidate = space.materialise(&space.read_genotype(&body.genotype)?)?;
    let costs: Option<Cost> = network_of(&candidate).map(lower).transpose()?.as_ref().map(cost);
    Ok(Json(Inspection {
        params: costs.as_ref().map(|cost| cost.params),
        flops: costs.as_ref().map(|cost| cost.flops),
        layers: costs.map(|cost| cost.rows).unwrap_or_default(),
        candidate,
    }))
}
