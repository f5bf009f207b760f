//! Who may call what. Tokens are bearer tokens; the rights of a route are part of its declaration.

mod browser;

use crate::api::ApiError;
use crate::app::{App, Role};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;

/// Whether tokens are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Every call needs a token with the right role.
    Tokens,
    /// Everybody may do everything: a service on loopback for one person.
    Open,
}

/// Roles that may use a group of routes.
#[derive(Clone)]
pub struct Guard {
    pub app: App,
    pub access: Access,
    pub roles: &'static [Role],
}

/// Lets a request through whose token has one of the guard's roles.
pub async fn require(State(guard): State<Guard>, request: Request, next: Next) -> Result<Response, ApiError> {
    if guard.access == Access::Open {
        if !browser::is_local(request.uri(), request.headers()) {
            let detail =
                "a service without tokens answers only programs and pages of its own machine; `serve` asks for tokens";
            return Err(ApiError::Forbidden(detail.into()));
        }
        return Ok(next.run(request).await);
    }
    let secret = bearer(&request).ok_or(ApiError::Unauthorized)?;
    let identity = guard.app.token_verify(secret).await?.ok_or(ApiError::Unauthorized)?;
    if !guard.roles.contains(&identity.role) {
        let allowed: Vec<&str> = guard.roles.iter().map(|role| role.as_str()).collect();
        return Err(ApiError::Forbidden(format!(
            "a token of role `{}` may not do this; it takes {}",
            identity.role.as_str(),
            allowed.join(" or ")
        )));
    }
    Ok(next.run(request).await)
}

fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim()).filter(|secret| !secret.is_empty())
}
