//! What a study can be made of: ready-made spaces, strategies, data sets, with the schemas of their options.

use super::{Api, ApiError};
use axum::Json;
use axum::extract::State;
use search::network::catalogue;
use search::strategy;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(spaces)).routes(routes!(strategies)).routes(routes!(datasets))
}

/// Something that is chosen by name and has options.
#[derive(Serialize, ToSchema)]
struct Choice {
    name: &'static str,
    summary: &'static str,
    /// JSON schema of the options.
    #[schema(value_type = Object)]
    options: Value,
}

/// A strategy and how it searches.
#[derive(Serialize, ToSchema)]
struct StrategyView {
    #[serde(flatten)]
    choice: Choice,
    /// `train` where candidates are trained one by one, `supernet` where they share weights.
    searches_by: &'static str,
}

#[derive(Serialize, ToSchema)]
struct DatasetView {
    name: String,
}

/// The ready-made spaces.
#[utoipa::path(get, path = "/v1/catalogue", tag = "catalogue", responses((status = OK, body = Vec<Choice>)))]
async fn spaces() -> Json<Vec<Choice>> {
    let choice =
        |entry: &catalogue::Entry| Choice { name: entry.name, summary: entry.summary, options: (entry.schema)() };
    Json(catalogue::catalogue().iter().map(choice).collect())
}

/// The strategies.
#[utoipa::path(get, path = "/v1/strategies", tag = "catalogue", responses((status = OK, body = Vec<StrategyView>)))]
async fn strategies() -> Json<Vec<StrategyView>> {
    let choice = |kind: &&dyn strategy::StrategyKind| StrategyView {
        choice: Choice { name: kind.name(), summary: kind.summary(), options: kind.options_schema() },
        searches_by: kind.searches_by().as_str(),
    };
    Json(strategy::registry().iter().map(choice).collect())
}

/// Data sets that some worker has.
#[utoipa::path(get, path = "/v1/datasets", tag = "catalogue", responses((status = OK, body = Vec<DatasetView>)))]
async fn datasets(State(api): State<Api>) -> Result<Json<Vec<DatasetView>>, ApiError> {
    Ok(Json(api.app.dataset_list().await?.into_iter().map(|name| DatasetView { name }).collect()))
}
