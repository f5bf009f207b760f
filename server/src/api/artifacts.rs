//! Artifacts: bytes up and down.

use super::extract::{Id, Params};
use super::{Api, ApiError, Problem};
use crate::app::{AppError, ArtifactView};
use crate::artifact::{Range, Upload};
use axum::Json;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn readers() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(download))
}

/// The store has a limit of its own for artifacts.
pub(super) fn writers() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(upload)).layer(DefaultBodyLimit::disable())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UploadParams {
    work_id: String,
    /// Token of the lease.
    token: String,
    /// `weights`, `checkpoint`, `log`, …
    name: String,
}

/// Stores the body as an artifact of leased work. `x-content-sha256` announces its hash.
#[utoipa::path(post, path = "/v1/artifacts", tag = "artifacts", params(UploadParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = CREATED, body = ArtifactView), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn upload(
    State(api): State<Api>,
    Params(p): Params<UploadParams>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<ArtifactView>), ApiError> {
    let sha256 = headers.get("x-content-sha256").and_then(|hash| hash.to_str().ok());
    let upload = Upload { work_id: &p.work_id, token: &p.token, name: &p.name, sha256 };
    Ok((StatusCode::CREATED, Json(api.app.artifact_put(upload, body.into_data_stream()).await?)))
}

/// The bytes, whole or a range.
#[utoipa::path(get, path = "/v1/artifacts/{id}", tag = "artifacts", params(("id" = Uuid, Path)),
    responses((status = OK, content_type = "application/octet-stream", body = Vec<u8>),
        (status = PARTIAL_CONTENT, content_type = "application/octet-stream", body = Vec<u8>),
        (status = NOT_FOUND, body = Problem), (status = RANGE_NOT_SATISFIABLE, body = Problem)))]
async fn download(State(api): State<Api>, Id(id): Id, headers: HeaderMap) -> Result<Response, ApiError> {
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok()).and_then(parse_range);
    let download = api.app.artifact_get(id, range.unwrap_or(Range::All)).await.map_err(out_of_range)?;
    let artifact = download.artifact;
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = (status, Body::from_stream(download.body)).into_response();
    let set = response.headers_mut();
    let mut put = |name: header::HeaderName, value: String| {
        if let Ok(value) = value.parse() {
            set.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, "application/octet-stream".into());
    put(header::CONTENT_LENGTH, (download.end - download.start).to_string());
    put(header::ACCEPT_RANGES, "bytes".into());
    put(header::ETAG, format!("\"{}\"", artifact.sha256));
    put(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&artifact.name)));
    if range.is_some() {
        let last = download.end.saturating_sub(1);
        put(header::CONTENT_RANGE, format!("bytes {}-{last}/{}", download.start, artifact.size));
    }
    Ok(response)
}

/// The only conflict that a download knows is about its range.
fn out_of_range(error: AppError) -> ApiError {
    match error {
        AppError::Conflict(detail) => ApiError::OutOfRange(detail),
        other => other.into(),
    }
}

/// What a browser saves it as.
fn file_name(name: &str) -> String {
    match name {
        "weights" => "weights.safetensors".into(),
        "description" => "network.json".into(),
        "torchscript" => "model.pt".into(),
        other => other.to_owned(),
    }
}

/// `bytes=first-last`, `bytes=first-`, `bytes=-count`; what is none of these is ignored (RFC 9110, section 14.2).
fn parse_range(text: &str) -> Option<Range> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    match (first, last) {
        ("", count) => Some(Range::Last(count.parse().ok()?)),
        (first, "") => Some(Range::From { first: first.parse().ok()?, last: None }),
        (first, last) => Some(Range::From { first: first.parse().ok()?, last: Some(last.parse().ok()?) }),
    }
}
