//! The edge's errors: RFC 9457 problem documents from one closed table of types.

use crate::app::AppError;
use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use search::fault::Faults;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("a bearer token is needed: `Authorization: Bearer …`")]
    Unauthorized,
    #[error("{0}")]
    Forbidden(String),
    /// The request cannot be read at all.
    #[error("{1}")]
    Unreadable(StatusCode, String),
    #[error("there is nothing at this path")]
    NoRoute,
    #[error("this path does not know the method {0}")]
    NoMethod(Method),
    #[error("the body is longer than this installation accepts")]
    TooLong,
    #[error("{0}")]
    OutOfRange(String),
    #[error("the request was given up; it took too long")]
    TimedOut,
}

/// What is wrong with a request, and where.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Stable name of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// A sentence about this case.
    pub detail: String,
    /// All faults of the document that was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemFault>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ProblemFault {
    /// JSON pointer into the document that was sent.
    pub pointer: String,
    pub detail: String,
}

impl ApiError {
    /// Type, status and title; the whole table.
    fn class(&self) -> (&'static str, StatusCode, &'static str) {
        match self {
            ApiError::App(AppError::Invalid(_)) => {
                ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "The document is wrong")
            }
            ApiError::App(AppError::NotFound(_)) => ("not-found", StatusCode::NOT_FOUND, "There is no such thing"),
            ApiError::App(AppError::Stale) => ("stale-lease", StatusCode::CONFLICT, "The lease is not yours any more"),
            ApiError::App(AppError::Conflict(_)) => ("conflict", StatusCode::CONFLICT, "The state does not allow this"),
            ApiError::App(AppError::WrongHash { .. }) => {
                ("wrong-hash", StatusCode::UNPROCESSABLE_ENTITY, "The content does not match its hash")
            }
            ApiError::App(AppError::TooLarge { .. }) => {
                ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large")
            }
            ApiError::App(AppError::Internal(_)) => {
                ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something failed inside")
            }
            ApiError::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "A token is needed"),
            ApiError::Forbidden(_) => ("forbidden", StatusCode::FORBIDDEN, "The token does not allow this"),
            ApiError::Unreadable(status, _) => ("unreadable", *status, "The request cannot be read"),
            ApiError::NoRoute => ("no-route", StatusCode::NOT_FOUND, "There is nothing here"),
            ApiError::NoMethod(_) => ("no-method", StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here"),
            ApiError::TooLong => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            ApiError::OutOfRange(_) => ("out-of-range", StatusCode::RANGE_NOT_SATISFIABLE, "There are no such bytes"),
            ApiError::TimedOut => ("timed-out", StatusCode::SERVICE_UNAVAILABLE, "It took too long"),
        }
    }

    fn problem(&self) -> Problem {
        let (kind, status, title) = self.class();
        let (detail, errors) = match self {
            ApiError::App(AppError::Internal(_)) => ("the server's log tells more".to_owned(), Vec::new()),
            ApiError::App(AppError::Invalid(faults)) => (summary(faults), listed(faults)),
            other => (other.to_string(), Vec::new()),
        };
        Problem { kind: format!("/problems/{kind}"), title: title.into(), status: status.as_u16(), detail, errors }
    }
}

fn summary(faults: &Faults) -> String {
    match faults.0.as_slice() {
        [one] => one.to_string(),
        many => format!("{} faults", many.len()),
    }
}

fn listed(faults: &Faults) -> Vec<ProblemFault> {
    let one =
        |fault: &search::fault::Fault| ProblemFault { pointer: fault.pointer.clone(), detail: fault.detail.clone() };
    faults.0.iter().map(one).collect()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let ApiError::App(AppError::Internal(error)) = &self {
            tracing::error!(error = format!("{error:#}"), "a request failed");
        }
        let (_, status, _) = self.class();
        let mut response = (status, Json(self.problem())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Faults> for ApiError {
    fn from(faults: Faults) -> Self {
        ApiError::App(AppError::Invalid(faults))
    }
}
