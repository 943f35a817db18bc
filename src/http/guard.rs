//! Who may come in.
//!
//! A page of somebody else can have a browser on this machine send requests here, under
//! a name of its own that leads here too. So names are looked at, and nothing changes
//! without a token that no browser sends by itself.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::server::Shared;

/// Paths that everybody may read, for those who look whether the server is well.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// Lets in who may come in.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&shared, &request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn refusal(shared: &Shared, request: &Request) -> Option<Problem> {
    let headers = request.headers();
    if !is_own_name(headers, &shared.options.hosts) {
        return Some(Problem::forbidden(
            "the server is not asked by this name: 'hosts' in [http] lists those of which it is",
        ));
    }
    let path = request.uri().path();
    if OPEN.contains(&path) {
        return None;
    }
    let reads = !changes(request.method(), path);
    if reads && shared.options.reads_are_open() {
        return None;
    }
    let Some(token) = &shared.token else {
        return Some(Problem::forbidden(
            "nothing is changed over HTTP: 'token-file' in [http] names the token of those who may",
        ));
    };
    match bearer(headers) {
        Some(shown) if token.is(shown) => None,
        Some(_) => Some(Problem::unauthorized("this is not the token")),
        None => Some(Problem::unauthorized("this needs the token: 'Authorization: Bearer …'")),
    }
}

/// Whether a request may change something. What is computed for who asks does not.
fn changes(method: &Method, path: &str) -> bool {
    let computes = ["check", "tree", "lint", "flatten", "macro", "verify"];
    let computed = path.strip_prefix("/api/v1/").is_some_and(|name| computes.contains(&name));
    !(method == Method::GET || method == Method::HEAD || computed)
}

/// The token that a request shows.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// Whether the name by which the server is asked is one of its own: an address, which no
/// page of somebody else has, or one that was configured.
fn is_own_name(headers: &HeaderMap, hosts: &[String]) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let own = |own: &String| own.eq_ignore_ascii_case(name);
    name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || hosts.iter().any(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn names_of_other_pages_are_not_own() {
        let own = |host: &str| {
            let headers =
                HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host).unwrap())]);
            is_own_name(&headers, &["spf.example".to_owned()])
        };
        for host in [
            "127.0.0.1:8380",
            "127.0.0.1",
            "[::1]:80",
            "localhost:1",
            "SPF.example",
            "spf.example:443",
        ] {
            assert!(own(host), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example:80", "[evil]:80", "localhost.evil"]
        {
            assert!(!own(host), "{host}");
        }
        assert!(!is_own_name(&HeaderMap::new(), &[]));
    }

    #[test]
    fn what_is_computed_changes_nothing() {
        assert!(!changes(&Method::POST, "/api/v1/check"));
        assert!(!changes(&Method::GET, "/api/v1/domains/a/accept"));
        for (method, path) in [
            (Method::POST, "/api/v1/domains/check/accept"),
            (Method::POST, "/api/v1/check/"),
            (Method::PUT, "/anything"),
            (Method::OPTIONS, "/api/v1/domains"),
        ] {
            assert!(changes(&method, path), "{method} {path}");
        }
    }

    #[test]
    fn tokens_are_those_of_bearers() {
        let of = |value: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            bearer(&headers).map(<[u8]>::to_vec)
        };
        assert_eq!(of("Bearer abc").as_deref(), Some(&b"abc"[..]));
        assert_eq!(of("bearer  abc ").as_deref(), Some(&b"abc"[..]));
        assert_eq!((of("Basic abc"), of("abc"), of("")), (None, None, None));
    }
}
