//! What a person orders. All of it needs the token.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::Body;
use crate::documents::OrderDocument;
use crate::http::problem::Problem;
use crate::http::server::Shared;

/// Which change is accepted.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AcceptInput {
    /// That which waits since then, in seconds since 1970, as the status has it; without
    /// it, whatever waits.
    since: Option<i64>,
}

/// What is gone back to.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RollBackInput {
    /// The number of the version.
    version: u64,
}

/// Serves what waits for a person, or lets DNS decide again.
#[utoipa::path(
    post, path = "/api/v1/domains/{name}/accept", tag = "server", request_body = AcceptInput,
    params(("name" = String, Path, description = "A source, or the domain whose policy it is")),
    responses(
        (status = 200, description = "What was done", body = OrderDocument),
        (status = "4XX", description = "Nothing waits, another change does, or the token is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(in crate::http) async fn accept(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Body(input): Body<AcceptInput>,
) -> Result<Json<OrderDocument>, Problem> {
    let overseer = Arc::clone(&shared.site.overseer);
    order(&shared, move || overseer.accept(&name, input.since)).await
}

/// Serves an earlier version until another one is accepted.
#[utoipa::path(
    post, path = "/api/v1/domains/{name}/rollback", tag = "server", request_body = RollBackInput,
    params(("name" = String, Path, description = "A source, or the domain whose policy it is")),
    responses(
        (status = 200, description = "What was done", body = OrderDocument),
        (status = "4XX", description = "There is no such version, it cannot be served, or the token is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(in crate::http) async fn roll_back(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Body(input): Body<RollBackInput>,
) -> Result<Json<OrderDocument>, Problem> {
    let overseer = Arc::clone(&shared.site.overseer);
    order(&shared, move || overseer.roll_back(&name, input.version)).await
}

async fn order(
    shared: &Shared,
    follow: impl FnOnce() -> Result<String, String> + Send + 'static,
) -> Result<Json<OrderDocument>, Problem> {
    let done = shared.compute.blocking(move |_| follow().map_err(Problem::conflict)).await?;
    Ok(Json(OrderDocument::new(done)))
}
