//! Whether two policies mean the same.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{Body, PolicyInput};
use crate::compile::{Halt, VerifySide, verify as verify_policies};
use crate::dns::{Lookup, Step};
use crate::documents::VerifyDocument;
use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::limits::Ceilings;

/// Two policies.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct VerifyInput {
    /// One.
    a: PolicyInput,
    /// The other.
    b: PolicyInput,
}

/// The proof that two policies mean the same, or where they differ.
#[utoipa::path(
    post, path = "/api/v1/verify", tag = "policies", request_body = VerifyInput,
    responses(
        (status = 200, description = "The comparison, as `spfc verify --format json` prints it", body = VerifyDocument),
        (status = "4XX", description = "A request that makes no sense, a policy in error, DNS that fails", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn verify(
    State(shared): State<Arc<Shared>>,
    Body(input): Body<VerifyInput>,
) -> Result<Json<VerifyDocument>, Problem> {
    let (a, b) = (input.a.options()?, input.b.options()?);
    let run = move |lookup: &dyn Lookup| {
        let (a_view, b_view) = (a.view(lookup), b.view(lookup));
        let first = VerifySide { domain: &a.domain, lookup: &*a_view, zone: None };
        let second = VerifySide { domain: &b.domain, lookup: &*b_view, zone: None };
        let verified = verify_policies(&first, &second, &HashSet::new(), Ceilings::DEFAULT);
        match Halt::step(verified) {
            Step::Need(questions) => Step::Need(questions),
            Step::Done(verified) => Step::Done(verified.map(|it| VerifyDocument::new(&it))),
        }
    };
    Ok(Json(shared.compute.run(run).await??))
}
