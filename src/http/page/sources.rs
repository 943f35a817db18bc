//! How sources do, and how one of them came to be what it is.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use maud::{Markup, html};

use super::frame::{frame, shown};
use crate::counts::{counted, counted_all};
use crate::documents::HistoryDocument;
use crate::http::api::versions_of;
use crate::http::server::Shared;
use crate::refresh::{Health, ProviderChange, SourceStatus, Status, rfc3339};

/// All sources.
pub(super) fn table(status: Option<&Status>) -> Markup {
    html! {
        section aria-labelledby="sources" {
            h2 #sources { "Sources of this server" }
            @match status {
                None => p { "This server serves images, or has not read its sources yet." },
                Some(status) if status.sources.is_empty() => p { "There are none." },
                Some(status) => {
                    @if let Some(problem) = &status.problem { p.bad { "The state cannot be written: " (shown(problem)) } }
                    div.scroll tabindex="0" role="region" aria-label="Table of sources" {
                        table {
                            thead { tr { th scope="col" { "Source" } th scope="col" { "State" } th scope="col" { "Version" } th scope="col" { "Passes" } th scope="col" { "Policy" } } }
                            tbody { @for source in &status.sources { (row(source)) } }
                        }
                    }
                }
            }
        }
    }
}

fn row(source: &SourceStatus) -> Markup {
    let digits = |digits: &Option<String>| digits.as_ref()?.parse::<u128>().ok();
    html! {
        tr {
            th scope="row" { a href=(format!("/domains/{}", path(&source.source))) { (shown(&source.source)) } }
            td.bad[source.health != Health::Fine] { (word(source.health)) }
            td {
                @if let (Some(version), Some(since)) = (source.version, source.since) {
                    (version) " since " time datetime=(rfc3339(since)) { (rfc3339(since)) }
                }
            }
            td {
                @if let Some(ip4) = digits(&source.ip4_addresses) { (counted_all(ip4, "IPv4 address")) }
                @if let Some(ip6) = digits(&source.ip6_networks).filter(|ip6| *ip6 > 0) { ", " (counted_all(ip6, "IPv6 network")) }
            }
            td {
                @if let Some(domain) = &source.identity.domain { (shown(domain)) }
                @if let Some(file) = &source.identity.file { (shown(file)) }
            }
        }
    }
}

fn word(health: Health) -> &'static str {
    match health {
        Health::Fine => "fine",
        Health::Failing => "DNS fails",
        Health::Unpublished => "a record is to be published",
        Health::Held => "waits for a person",
        Health::Broken => "in error",
        Health::Unready => "not served",
    }
}

/// A name as a part of a path.
fn path(name: &str) -> String {
    let keep = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_.~".contains(octet);
    let part = |octet: u8| match keep(&octet) {
        true => char::from(octet).to_string(),
        false => format!("%{octet:02X}"),
    };
    name.bytes().map(part).collect()
}

/// The page of one source.
pub(in crate::http) async fn domain(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> (StatusCode, Html<String>) {
    let status = shared.site.overseer.status();
    let source = status.and_then(|status| status.sources.into_iter().find(|it| it.source == name));
    let Some(source) = source else {
        let content =
            html! { h1 { "There is no such source" } p { a href="/#sources" { "All sources" } } };
        return (StatusCode::NOT_FOUND, frame("No such source", &content));
    };
    let history = versions_of(&shared, name.clone()).await;
    let content = html! {
        h1 { (shown(&name)) }
        (now(&source))
        section aria-labelledby="history" {
            h2 #history { "History" }
            @match &history {
                Ok(history) => (versions(history)),
                Err(problem) => p { (shown(problem.detail())) },
            }
        }
    };
    (StatusCode::OK, frame(&name, &content))
}

/// How it does.
fn now(source: &SourceStatus) -> Markup {
    html! {
        p { "State: " strong.bad[source.health != Health::Fine] { (word(source.health)) } }
        @if let Some(held) = &source.held {
            p.bad { "Since " (rfc3339(held.since)) " a change waits: " (shown(&held.reason)) }
            (providers(&held.providers))
            p { "To serve it: " code { "spfc accept " (shown(&source.source)) " --since " (rfc3339(held.since)) } }
        }
        @if let Some(failing) = &source.failing {
            p.bad { "Since " (rfc3339(failing.since)) ": " (shown(&failing.reason)) }
        }
        @if let Some(record) = &source.publish { p.bad { "To be published: " code.wrap { (shown(record)) } } }
    }
}

fn versions(history: &HistoryDocument) -> Markup {
    let mut entries: Vec<(i64, Markup)> = Vec::new();
    for version in &history.versions {
        entries.push((
            version.time,
            html! {
                strong { "version " (version.number) } " " (shown(&version.sentence))
                (providers(&version.providers))
            },
        ));
    }
    for event in &history.events {
        entries.push((event.time, html! { strong { (event.kind) } " " (shown(&event.sentence)) }));
    }
    entries.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    html! {
        ul.history {
            @for (time, entry) in &entries {
                li { time.dim datetime=(rfc3339(*time)) { (rfc3339(*time)) } " " (entry) }
            }
        }
    }
}

fn providers(changes: &[ProviderChange]) -> Markup {
    let digits = |digits: &str| digits.parse::<u128>().unwrap_or(u128::MAX);
    html! {
        @if !changes.is_empty() {
            ul.changes {
                @for change in changes {
                    li.(change.change.as_str()) {
                        (change.change) " " (shown(&change.provider)) ": "
                        (counted(usize::try_from(change.ranges).unwrap_or(usize::MAX), "range")) " of "
                        (counted_all(digits(&change.ip4), "IPv4 address")) ", "
                        (counted_all(digits(&change.ip6), "IPv6 network"))
                    }
                }
            }
        }
    }
}
