//! What went wrong with a request, as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::compile::CompileError;
use crate::documents;

/// The media type.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The status of the response.
    status: u16,
    /// What the status means.
    title: &'static str,
    /// What kind of mistake it is, as a word: `request`, `policy`, `dns`, `refused`,
    /// `missing`, `busy`, `late` or `internal`.
    kind: &'static str,
    /// What is wrong here, in sentences.
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Problem {
        let title = status.canonical_reason().unwrap_or("Error");
        Problem { status: status.as_u16(), title, kind, detail: detail.into() }
    }

    /// What is wrong, in sentences.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// A request that makes no sense.
    pub(super) fn request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "request", detail)
    }

    /// A policy that is in error or cannot be compiled as it was asked.
    pub(super) fn policy(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "policy", detail)
    }

    /// DNS that gave no answer.
    pub(super) fn dns(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FAILED_DEPENDENCY, "dns", detail)
    }

    /// Who asks has not shown the token.
    pub(super) fn unauthorized(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "refused", detail)
    }

    /// What nobody may.
    pub(super) fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "refused", detail)
    }

    /// What is not there.
    pub(super) fn missing(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "missing", detail)
    }

    /// What cannot be done as things are.
    pub(super) fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, "refused", detail)
    }

    /// Too many requests that cost something.
    pub(super) fn busy() -> Problem {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "busy",
            "too many requests wait: try again soon",
        )
    }

    /// A server that has nothing to answer from.
    pub(super) fn unready() -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "nothing good is loaded yet")
    }

    /// What took too long.
    pub(super) fn late() -> Problem {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "late", "it took too long")
    }

    /// A body of a media type that is not read here.
    pub(super) fn media_type() -> Problem {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Problem::new(status, "request", "the body has to be application/json")
    }

    /// A mistake of this program.
    pub(super) fn internal(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// What a status says that somebody else has chosen.
    pub(super) fn of_status(status: StatusCode) -> Problem {
        let kind = match status {
            StatusCode::NOT_FOUND => "missing",
            StatusCode::REQUEST_TIMEOUT => "late",
            status if status.is_server_error() => "internal",
            _ => "request",
        };
        let detail = match status {
            StatusCode::NOT_FOUND => "there is nothing at this path",
            StatusCode::METHOD_NOT_ALLOWED => "this path is not asked so",
            StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
            StatusCode::REQUEST_TIMEOUT => "it took too long",
            _ => "the request cannot be answered",
        };
        Problem::new(status, kind, detail)
    }
}

impl From<CompileError> for Problem {
    fn from(error: CompileError) -> Problem {
        match error.is_temporary() {
            true => Problem::dns(error.to_string()),
            false => Problem::policy(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = documents::line(&self).unwrap_or_default();
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
