//! Whether the server lives, and whether it has anything to say.

use std::sync::Arc;

use axum::extract::State;

use super::problem::Problem;
use super::server::Shared;

/// It lives.
#[utoipa::path(
    get, path = "/healthz", tag = "health",
    responses((status = 200, description = "The process answers", body = String, content_type = "text/plain"))
)]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// It has something good to answer from.
#[utoipa::path(
    get, path = "/readyz", tag = "health",
    responses(
        (status = 200, description = "Zones are served", body = String, content_type = "text/plain"),
        (status = 503, description = "Nothing good is loaded yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn readyz(State(shared): State<Arc<Shared>>) -> Result<&'static str, Problem> {
    match shared.site.overseer.is_ready() {
        true => Ok("ok\n"),
        false => Err(Problem::unready()),
    }
}
