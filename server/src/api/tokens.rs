//! Tokens: made by administrators, shown once.

use super::extract::{Body, Id};
use super::{Api, ApiError, Problem};
use crate::app::{Role, TokenView};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use search::fault::Faults;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

#[derive(Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// For people: whose it is.
    name: String,
    role: Role,
}

#[derive(Serialize, ToSchema)]
struct CreatedToken {
    #[serde(flatten)]
    token: TokenView,
    /// The token itself; it is never shown again.
    secret: String,
}

/// All tokens that are not revoked.
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", responses((status = OK, body = Vec<TokenView>)))]
async fn list(State(api): State<Api>) -> Result<Json<Vec<TokenView>>, ApiError> {
    Ok(Json(api.app.token_list().await?))
}

/// Makes a token; the answer holds its secret.
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = CREATED, body = CreatedToken), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn create(
    State(api): State<Api>,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    if new.name.is_empty() || new.name.len() > 200 {
        return Err(Faults::one("/name", "1 to 200 characters").into());
    }
    let (token, secret) = api.app.token_create(&new.name, new.role).await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token, secret })))
}

/// Revokes a token at once.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "tokens", params(("id" = Uuid, Path)),
    responses((status = NO_CONTENT), (status = NOT_FOUND, body = Problem)))]
async fn revoke(State(api): State<Api>, Id(id): Id) -> Result<StatusCode, ApiError> {
    api.app.token_revoke(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
