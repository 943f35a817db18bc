//! What is wrong with a policy.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Body, PolicyInput};
use crate::dns::{Lookup, Step};
use crate::documents::SCHEMA;
use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::lint::render::diagnostics;
use crate::lint::{LintOptions, Subject, lint as lint_policy};

/// The findings about a policy.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LintDocument {
    schema: u32,
    /// The record as it was found.
    record: Option<String>,
    /// The findings, as `spfc lint --format json` has them.
    #[schema(value_type = Vec<Object>)]
    diagnostics: serde_json::Value,
}

/// The policy to be linted, and how.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LintInput {
    /// The policy.
    policy: PolicyInput,
}

/// What is wrong with a policy.
#[utoipa::path(
    post, path = "/api/v1/lint", tag = "policies", request_body = LintInput,
    responses(
        (status = 200, description = "The findings", body = LintDocument),
        (status = "4XX", description = "A request that makes no sense, or too many of them", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn lint(
    State(shared): State<Arc<Shared>>,
    Body(input): Body<LintInput>,
) -> Result<Json<LintDocument>, Problem> {
    let options = input.policy.options()?;
    let run = move |lookup: &dyn Lookup| {
        let subject = match &options.record {
            Some(record) => Subject::record(record.clone(), Some(options.domain.clone())),
            None => Subject::domain(options.domain.clone()),
        };
        match lint_policy(&*options.view(lookup), &subject, &LintOptions::default()) {
            Ok(report) => Step::Done(LintDocument {
                schema: SCHEMA,
                record: report.record.as_ref().map(|it| String::from_utf8_lossy(it).into_owned()),
                diagnostics: diagnostics(&report),
            }),
            Err(questions) => Step::Need(questions),
        }
    };
    shared.compute.run(run).await.map(Json)
}
