//! The description of the API.

use std::sync::LazyLock;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::api::{check, compile, lint, orders, sources, tree, verify, versions};
use super::{health, metrics};

/// All paths with what they take and say, as OpenAPI has it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// The same as JSON, made once.
pub(super) fn openapi_json() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| openapi().to_json().unwrap_or_default());
    &TEXT
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "spfc",
        description = "Policies of SPF (RFC 7208): checked, compiled and compared, and how the sources \
                       of a server do. Errors are application/problem+json (RFC 9457).",
        license(name = "MIT OR Apache-2.0")
    ),
    servers((url = "/")),
    paths(
        health::healthz, health::readyz, metrics::metrics,
        check::check, tree::tree, lint::lint, compile::flatten, compile::macros, verify::verify,
        sources::list, sources::one, versions::list, versions::one, versions::changes,
        orders::accept, orders::roll_back,
    ),
    modifiers(&Bearer)
)]
struct Api;

/// The token.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}
