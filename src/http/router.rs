//! Which path is answered by what, and what every request passes first.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::api::{check, compile, lint, orders, sources, tree, verify, versions};
use super::guard::guard;
use super::headers::dress;
use super::health::{healthz, readyz};
use super::metrics::metrics;
use super::openapi::openapi_json;
use super::page;
use super::server::Shared;

/// Octets of a body at most.
pub(super) const BODY_OCTETS: usize = 256 << 10;
const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];
/// How long a request may take, its body included.
const TIME: Duration = Duration::from_secs(30);

/// All paths.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/check", post(check::check))
        .route("/tree", post(tree::tree))
        .route("/lint", post(lint::lint))
        .route("/flatten", post(compile::flatten))
        .route("/macro", post(compile::macros))
        .route("/verify", post(verify::verify))
        .route("/domains", get(sources::list))
        .route("/domains/{name}", get(sources::one))
        .route("/domains/{name}/versions", get(versions::list))
        .route("/domains/{name}/versions/{number}", get(versions::one))
        .route("/domains/{name}/changes", get(versions::changes))
        .route("/domains/{name}/accept", post(orders::accept))
        .route("/domains/{name}/rollback", post(orders::roll_back));
    Router::new()
        .route("/", get(page::home))
        .route("/domains/{name}", get(page::domain))
        .route("/style.css", get(page::style))
        .route("/icon.svg", get(page::icon))
        .route("/page.js", get(page::script))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(|| async { (JSON, openapi_json()) }))
        .nest("/api/v1", api)
        .layer(DefaultBodyLimit::max(BODY_OCTETS))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIME))
        .layer(from_fn_with_state(Arc::clone(&shared), guard))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(dress))
        .with_state(shared)
}
