//! The OpenAPI document and the page that shows it, both without a network.

use super::{Api, groups};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_swagger_ui::SwaggerUi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Nascent", description = "Neural architecture search as a service", license(name = "Apache-2.0")),
    components(schemas(super::Problem, super::ProblemFault))
)]
struct Base;

/// The OpenAPI 3.1 document of all routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Base::openapi();
    for (_, group) in groups() {
        document.merge(group.into_openapi());
    }
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document
}

pub(super) fn router() -> Router<Api> {
    let page = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json"));
    Router::new().route("/openapi.json", get(|| async { Json(document()) })).merge(page)
}
