//! What a policy compiles to, and what is decided for one client.

use maud::{Markup, html};

use super::frame::{copied, shown};
use super::look::{Look, Published};
use crate::compile::CompileError;
use crate::counts::counted;
use crate::documents::CheckDocument;

/// Both compiled forms.
pub(super) fn records(look: &Look) -> Markup {
    html! {
        section aria-labelledby="compiled" {
            h2 #compiled { "What can be published in its place" }
            @if look.flat.is_ok() || look.exists.is_ok() {
                p { "Proven to mean the same for every client address." }
            }
            h3 { "Flat" }
            (form("flat", "flat records", &look.flat))
            h3 { "One macro record" }
            (form("macro", "the macro record", &look.exists))
        }
    }
}

fn form(id: &str, label: &str, records: &Result<Vec<Published>, CompileError>) -> Markup {
    match records {
        Err(error) => html! { p.bad { "Not compiled: " (shown(&error.to_string())) } },
        Ok(records) => html! {
            p.dim { (counted(records.len(), "record")) }
            @for (number, record) in records.iter().enumerate() {
                p { strong { (shown(&record.name)) } }
                (copied(&format!("{id}-{number}"), &format!("{label}, {}", number + 1), &record.text))
            }
        },
    }
}

/// The verdict for a client, with the way that led to it.
pub(super) fn verdict(client: &str, check: &CheckDocument) -> Markup {
    html! {
        section aria-labelledby="check" {
            h2 #check { "Mail from " (shown(client)) }
            p {
                "Result: " strong.bad[check.result != "pass"] { (check.result) }
                @if let Some(matched) = &check.matched {
                    " by " code { (shown(&matched.term)) } " of " (shown(&matched.domain))
                }
            }
            @if let Some(problem) = &check.problem { p.bad { (shown(problem)) } }
            @if let Some(text) = &check.explanation { p { "Explanation: " (shown(text)) } }
            ol.path {
                @for entry in &check.trace {
                    li.matched[entry.outcome == "match"] {
                        span.dim { (shown(&entry.domain)) " " }
                        code { (shown(&entry.term)) }
                        " " (entry.outcome)
                    }
                }
            }
        }
    }
}
