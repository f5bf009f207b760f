//! The dashboard: static files built from `web/`, compiled in. Paths without a file show the application itself.

use super::{Api, ApiError};
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../web/dist"]
struct Dashboard;

pub(super) fn router() -> Router<Api> {
    Router::new().fallback(serve)
}

async fn serve(method: Method, uri: Uri) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let is_api = ["v1/", "openapi", "docs"].iter().any(|prefix| path.starts_with(prefix));
    if is_api || !matches!(method, Method::GET | Method::HEAD) {
        return Err(ApiError::NoRoute);
    }
    let name = if Dashboard::get(path).is_some() { path } else { "index.html" };
    let file = Dashboard::get(name).ok_or(ApiError::NoRoute)?;
    // Vite puts a hash of the content into the names of assets.
    let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching.to_owned())], file.data.into_owned()).into_response())
}
