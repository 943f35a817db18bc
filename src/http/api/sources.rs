//! How the sources of the server do.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};

use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::refresh::{SourceStatus, Status};

/// How all sources and zones do.
#[utoipa::path(
    get, path = "/api/v1/domains", tag = "server",
    responses(
        (status = 200, description = "As `spfc status --format json` prints it", body = Status),
        (status = "4XX", description = "Nothing is compiled here, or reading needs the token", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
) -> Result<Json<Status>, Problem> {
    status(&shared).map(Json)
}

/// How one source does.
#[utoipa::path(
    get, path = "/api/v1/domains/{name}", tag = "server",
    params(("name" = String, Path, description = "A source, or the domain whose policy it is")),
    responses(
        (status = 200, description = "Its part of the status", body = SourceStatus),
        (status = "4XX", description = "There is no such source, or reading needs the token", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn one(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<Json<SourceStatus>, Problem> {
    find(status(&shared)?, &name).map(Json)
}

fn status(shared: &Shared) -> Result<Status, Problem> {
    let status = shared.site.overseer.status();
    status.ok_or_else(|| Problem::missing("this server serves images: it knows no sources"))
}

/// The source of this name, or the one of this domain.
fn find(status: Status, name: &str) -> Result<SourceStatus, Problem> {
    let domain = name.trim_end_matches('.').to_ascii_lowercase();
    let mut of_domain = Vec::new();
    for source in status.sources {
        if source.source == name {
            return Ok(source);
        }
        if source.identity.domain.as_ref() == Some(&domain) {
            of_domain.push(source);
        }
    }
    match (of_domain.pop(), of_domain.is_empty()) {
        (Some(source), true) => Ok(source),
        (Some(_), false) => {
            Err(Problem::conflict("several sources read this domain: name one of them"))
        }
        (None, _) => Err(Problem::missing("there is no such source, and no such domain")),
    }
}

/// The name of a source that may be named by its domain.
pub(super) fn name_of(shared: &Shared, name: &str) -> Result<String, Problem> {
    find(status(shared)?, name).map(|source| source.source)
}
