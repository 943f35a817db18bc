//! The whole router with a site in memory: who may come, what is said, and that nothing
//! is said that the description does not have.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::overseer::{Overseer, ServedPolicy};
use super::router::router;
use super::server::{Shared, Site};
use super::{HttpOptions, Token, openapi};
use crate::dns::{Answer, AnswerFuture, Ask, DnsFile, Lookup, Question};
use crate::refresh::Status;

mod access;
mod answers;
mod described;
mod pages;

const TOKEN: &str = "0123456789abcdef";

/// DNS of a map.
struct World(DnsFile);

impl Ask for World {
    fn ask(&self, question: Question) -> AnswerFuture {
        let answer = self.0.lookup(&question).map(|answer| (*answer).clone());
        let nothing = |_| Answer::new(crate::dns::Reply::NoData);
        Box::pin(std::future::ready(answer.unwrap_or_else(nothing)))
    }
}

/// A server of one source.
#[derive(Default)]
struct Server {
    ready: bool,
    history: Option<PathBuf>,
    policy: Option<ServedPolicy>,
    orders: Mutex<Vec<String>>,
}

impl Overseer for Server {
    fn status(&self) -> Option<Status> {
        let text = json!({
            "source": "office", "domain": "example.com", "health": "held", "version": 2, "since": 7,
            "why": {"kind": "changed"}, "pinned": false, "checked": 9, "next": 60,
            "held": {"since": 8, "reason": "much", "providers": []},
            "failing": null, "publish": null, "ip4_addresses": "256", "ip6_networks": "0",
        });
        let source = serde_json::from_value(text).unwrap();
        Some(Status::new(10, vec![source], Vec::new(), None))
    }

    fn is_ready(&self) -> bool {
        self.ready
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        vec![("udp", 3), ("hit", 2)]
    }

    fn policy(&self, source: &str) -> Option<ServedPolicy> {
        self.policy.clone().filter(|_| source == "office")
    }

    fn history(&self) -> Option<PathBuf> {
        self.history.clone()
    }

    fn accept(&self, source: &str, since: Option<i64>) -> Result<String, String> {
        self.orders.lock().unwrap().push(format!("accept {source} {since:?}"));
        Ok("done".to_owned())
    }

    fn roll_back(&self, source: &str, version: u64) -> Result<String, String> {
        self.orders.lock().unwrap().push(format!("roll back {source} {version}"));
        Err("no such version".to_owned())
    }
}

const WORLD: &str = r#"{
    "example.com": {"TXT": ["v=spf1 include:p.example ip4:192.0.2.0/24 -all"]},
    "p.example": {"TXT": ["v=spf1 ip4:198.51.100.0/25 -all"]},
    "broken.example": {"TXT": ["v=spf1 include:nowhere.example -all"]}
}"#;

/// What there is to be asked.
struct Asked {
    server: Arc<Server>,
    router: Router,
}

fn asked(server: Server, listen: &str, token: Option<&str>) -> Asked {
    let server = Arc::new(server);
    let world = DnsFile::read(WORLD.as_bytes()).unwrap();
    let site = Site { overseer: server.clone(), asker: Arc::new(World(world)) };
    let options = HttpOptions {
        listen: vec![listen.parse().unwrap()],
        hosts: vec!["spf.example".to_owned()],
        behind_proxy: false,
    };
    let token = token.map(|token| Token::read(token.as_bytes()).unwrap());
    Asked { server, router: router(Shared::new(site, options, token)) }
}

/// A server on this machine that knows the token.
fn local() -> Asked {
    asked(Server { ready: true, ..Server::default() }, "127.0.0.1:80", Some(TOKEN))
}

/// A response: status, media type, body.
#[derive(Debug)]
struct Said {
    status: StatusCode,
    kind: String,
    text: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Asked {
    async fn send(&self, request: Request<Body>) -> Said {
        let response = self.router.clone().oneshot(request).await.unwrap();
        for name in ["content-security-policy", "x-content-type-options", "cache-control"] {
            assert!(response.headers().contains_key(name), "{name}");
        }
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Said { status, kind, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    async fn get(&self, path: &str) -> Said {
        self.send(request("GET", path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Said {
        let request = request("POST", path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8380")
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}
