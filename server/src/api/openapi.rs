//! The OpenAPI document and the page that shows it, both without a network.

use super::{Api, ApiError, groups};
use crate::app::AppError;
use axum::routing::get;
use axum::{Json, Router};
use schemars::generate::SchemaSettings;
use search::network::LayerCost;
use search::strategy::Insight;
use search::study::StudyDocument;
use search::supernet::{LatencyTable, SupernetResult};
use search::work::{Lease, LeaseRequest, MeasureResult, Outcome, Report, ReportAnswer, ScoreResult, WorkerInfo};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::Ref;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_swagger_ui::SwaggerUi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Nascent", description = "Neural architecture search as a service", license(name = "Apache-2.0")),
    components(schemas(super::Problem, super::ProblemFault))
)]
struct Base;

/// The OpenAPI 3.1 document of all routes.
///
/// # Errors
/// When it cannot be written as JSON, which its test would show.
pub fn document() -> serde_json::Result<Value> {
    let mut document = Base::openapi();
    for (_, group) in groups() {
        document.merge(group.into_openapi());
    }
    name_operations(&mut document);
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    let mut document = serde_json::to_value(document)?;
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.extend(shared_schemas());
    }
    Ok(document)
}

/// Schemas of the types that coordinator, workers and clients share; handlers refer to them by name.
fn shared_schemas() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = SCHEMAS.into());
    let mut generator = settings.into_generator();
    generator.subschema_for::<StudyDocument>();
    generator.subschema_for::<WorkerInfo>();
    generator.subschema_for::<LeaseRequest>();
    generator.subschema_for::<Lease>();
    generator.subschema_for::<Report>();
    generator.subschema_for::<ReportAnswer>();
    generator.subschema_for::<Outcome>();
    generator.subschema_for::<LayerCost>();
    generator.subschema_for::<LatencyTable>();
    let results = json!({"description": "What a supernet, a score or a measure run found", "anyOf": [
        generator.subschema_for::<SupernetResult>(),
        generator.subschema_for::<ScoreResult>(),
        generator.subschema_for::<MeasureResult>(),
        {"type": "null"},
    ]});
    let insights = json!({"type": "array", "items": generator.subschema_for::<Insight>()});
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Insights".into(), insights);
    schemas.insert("RunResult".into(), results);
    schemas
}

const SCHEMAS: &str = "/components/schemas";

/// A reference to one of [`shared_schemas`], for fields of answers.
pub fn shared(name: &str) -> Ref {
    Ref::from_schema_name(name)
}

/// Handlers of different resources share names (`list`); an operation is named by its method and path.
fn name_operations(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<&str> =
            path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty() && *word != "v1").collect();
        let name = words.join("_");
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{name}"));
            }
        }
    }
}

pub(super) fn router() -> Router<Api> {
    let page = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json"));
    Router::new().route("/openapi.json", get(serve)).merge(page)
}

async fn serve() -> Result<Json<Value>, ApiError> {
    let document = document().map_err(|error| AppError::Internal(error.into()))?;
    Ok(Json(document))
}
