//! What a policy includes, and what that costs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::input::{Body, PolicyInput};
use crate::dns::Step;
use crate::documents::TreeDocument;
use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::policy::{WalkOptions, walk};

/// The include tree of a policy with its lookups.
#[utoipa::path(
    post, path = "/api/v1/tree", tag = "policies", request_body = PolicyInput,
    responses(
        (status = 200, description = "The tree, as `spfc tree --format json` prints it", body = TreeDocument),
        (status = "4XX", description = "A request that makes no sense, a policy in error, DNS that fails", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn tree(
    State(shared): State<Arc<Shared>>,
    Body(input): Body<PolicyInput>,
) -> Result<Json<TreeDocument>, Problem> {
    let options = input.options()?;
    let document = shared.compute.run(move |lookup| {
        let walked = walk(&*options.view(lookup), &options.domain, &WalkOptions::default());
        Step::from(walked.map(|graph| TreeDocument::new(&graph)))
    });
    document.await.map(Json)
}
