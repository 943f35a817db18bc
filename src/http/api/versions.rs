//! How a source came to be what it is.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::sources::name_of;
use crate::documents::{
    EventShape, HistoryDocument, VersionDocument, VersionShape, VersionSide, VersionsDocument,
};
use crate::history::{History, HistoryError, Version};
use crate::http::problem::Problem;
use crate::http::server::Shared;

/// All versions of a source and what happened to it, the newest first.
#[utoipa::path(
    get, path = "/api/v1/domains/{name}/versions", tag = "server",
    params(("name" = String, Path, description = "A source, or the domain whose policy it is")),
    responses(
        (status = 200, description = "As `spfc history SOURCE --format json` prints it", body = HistoryDocument),
        (status = "4XX", description = "There is no such source or no history, or reading needs the token", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<Json<HistoryDocument>, Problem> {
    versions_of(&shared, name_of(&shared, &name)?).await.map(Json)
}

/// How a source of this name came to be what it is.
pub(in crate::http) async fn versions_of(
    shared: &Shared,
    name: String,
) -> Result<HistoryDocument, Problem> {
    let path = history(shared)?;
    let read = move |_: &_| {
        let mut history = open(path)?;
        let versions = history.versions(&name).map_err(damaged)?;
        let events = history.events(&name).map_err(damaged)?;
        let versions = versions.iter().map(VersionShape::from).collect();
        Ok(HistoryDocument::new(name, versions, events.iter().map(EventShape::from).collect()))
    };
    shared.compute.blocking(read).await
}

/// One version with the answers that it was compiled from.
#[utoipa::path(
    get, path = "/api/v1/domains/{name}/versions/{number}", tag = "server",
    params(
        ("name" = String, Path, description = "A source, or the domain whose policy it is"),
        ("number" = u64, Path, description = "The number of the version"),
    ),
    responses(
        (status = 200, description = "The version, with its lock file as `spfc history --lock` prints it", body = VersionDocument),
        (status = "4XX", description = "There is no such version, or reading needs the token", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn one(
    State(shared): State<Arc<Shared>>,
    Path((name, number)): Path<(String, u64)>,
) -> Result<Json<VersionDocument>, Problem> {
    let (name, path) = (name_of(&shared, &name)?, history(&shared)?);
    let read = move |_: &_| Ok(VersionDocument::from(version(&mut open(path)?, &name, number)?));
    shared.compute.blocking(read).await.map(Json)
}

/// The two versions that are compared.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Sides {
    /// The number of the earlier version.
    from: u64,
    /// The number of the later one.
    to: u64,
}

/// The ranges that one version gained and lost against another.
#[utoipa::path(
    get, path = "/api/v1/domains/{name}/changes", tag = "server",
    params(("name" = String, Path, description = "A source, or the domain whose policy it is"), Sides),
    responses(
        (status = 200, description = "As `spfc history --diff --format json` prints it", body = VersionsDocument),
        (status = "4XX", description = "There is no such version, or the two cannot be compared", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn changes(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Query(Sides { from, to }): Query<Sides>,
) -> Result<Json<VersionsDocument>, Problem> {
    let (name, path) = (name_of(&shared, &name)?, history(&shared)?);
    let read = move |_: &_| {
        let mut history = open(path)?;
        let mut side = |number| {
            let version = version(&mut history, &name, number)?;
            VersionSide::of_version(&version).ok_or_else(|| {
                Problem::conflict(format!(
                    "version {number} is of a file of addresses, which is not kept"
                ))
            })
        };
        let (before, after) = (side(from)?, side(to)?);
        VersionsDocument::new(&name, &before, &after)
            .ok_or_else(|| Problem::conflict("the two versions cannot be compared"))
    };
    shared.compute.blocking(read).await.map(Json)
}

fn history(shared: &Shared) -> Result<PathBuf, Problem> {
    let path = shared.site.overseer.history();
    path.ok_or_else(|| {
        Problem::missing("there is no history: 'state' in [serve] names the directory for it")
    })
}

fn open(path: PathBuf) -> Result<History, Problem> {
    History::read_only(path).map_err(damaged)
}

fn damaged(error: HistoryError) -> Problem {
    Problem::conflict(format!("the history cannot be read: {error}"))
}

fn version(history: &mut History, source: &str, number: u64) -> Result<Version, Problem> {
    let version = history.version(source, number).map_err(damaged)?;
    version.ok_or_else(|| Problem::missing(format!("the history has no version {number} of it")))
}
