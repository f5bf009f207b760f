//! Extractors whose rejections are problem documents too.

use super::ApiError;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::{HeaderMap, StatusCode, header};
use schemars::JsonSchema;
use search::reader;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use uuid::Uuid;

/// A JSON body. Its rejection tells all faults of the document with their places.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + JsonSchema> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let detail = "the body must be JSON and say so: `Content-Type: application/json`";
            return Err(ApiError::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail.into()));
        }
        let bytes = Bytes::from_request(request, state).await?;
        parse(&bytes).map(Body)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

fn parse<T: DeserializeOwned + JsonSchema>(bytes: &[u8]) -> Result<T, ApiError> {
    let no_json = |error: serde_json::Error| ApiError::Unreadable(StatusCode::BAD_REQUEST, error.to_string());
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) if error.classify() == Category::Data => {
            let document: Value = serde_json::from_slice(bytes).map_err(no_json)?;
            Ok(reader::read(&document)?)
        }
        Err(error) => Err(no_json(error)),
    }
}

/// Query parameters.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(ApiError))]
pub struct Params<T>(pub T);

/// An id in the path; what is no id names nothing.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(ApiError))]
pub struct Id<T = Uuid>(pub T);

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLong,
            status => ApiError::Unreadable(status, rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        ApiError::Unreadable(rejection.status(), rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        ApiError::NoRoute
    }
}
