//! What requests say.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::compile::SourceOptions;
use crate::http::problem::Problem;
use crate::name::DomainName;

/// A policy.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PolicyInput {
    /// The domain whose policy it is.
    #[schema(example = "example.com", max_length = 1024)]
    pub(super) domain: String,
    /// A record that is taken as the one published at the domain.
    #[schema(example = "v=spf1 mx -all")]
    pub(super) record: Option<String>,
    /// The name at which the policy is read as that of the domain.
    pub(super) source: Option<String>,
}

impl PolicyInput {
    /// How it is read.
    pub(super) fn options(&self) -> Result<SourceOptions, Problem> {
        let mut options = SourceOptions::new(domain(&self.domain)?);
        options.record = self.record.as_ref().map(|text| text.trim().as_bytes().to_vec());
        options.source = self.source.as_deref().map(domain).transpose()?;
        Ok(options)
    }
}

/// A domain as people write it.
pub(in crate::http) fn domain(text: &str) -> Result<DomainName, Problem> {
    let name = DomainName::from_user(text)
        .map_err(|reason| Problem::request(format!("'{}' {reason}", text.escape_debug())))?;
    match name.is_root() {
        true => Err(Problem::request("the root has no policy")),
        false => Ok(name),
    }
}

/// The body of a request, as JSON.
pub(in crate::http) struct Body<T>(pub(in crate::http) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::media_type());
        }
        let octets =
            Bytes::from_request(request, state).await.map_err(|rejection| {
                match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => {
                        Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)
                    }
                    _ => Problem::request("the body cannot be read"),
                }
            })?;
        let read = serde_json::from_slice(&octets);
        read.map(Body).map_err(|error| Problem::request(format!("the body: {error}")))
    }
}
