//! What is wrong with a policy, each finding with its octets marked in the record.

use maud::{Markup, html};
use serde_json::Value;

use super::frame::shown;
use crate::counts::counted;

/// All findings.
pub(super) fn findings(diagnostics: &Value) -> Markup {
    let list: &[Value] = diagnostics.as_array().map_or(&[], Vec::as_slice);
    html! {
        section aria-labelledby="findings" {
            h2 #findings { "Findings" }
            @if list.is_empty() { p { "None." } } @else {
                p { (counted(list.len(), "finding")) }
                ul.findings { @for diagnostic in list { (finding(diagnostic)) } }
            }
        }
    }
}

fn finding(diagnostic: &Value) -> Markup {
    let text = |key: &str| diagnostic[key].as_str().unwrap_or_default();
    let severity = text("severity");
    html! {
        li {
            p {
                strong.bad[severity == "error"] { (severity) }
                " " (text("code")) " " span.dim { (text("name")) }
                @if !text("domain").is_empty() { " " (shown(text("domain"))) }
            }
            p { (shown(text("message"))) }
            (marked(diagnostic))
            @if !text("help").is_empty() { p { "Help: " (shown(text("help"))) } }
            p.dim { (shown(text("reference"))) }
        }
    }
}

/// The record, with the octets that the finding is about marked.
fn marked(diagnostic: &Value) -> Markup {
    let Some(record) = diagnostic["record"].as_str() else { return html! {} };
    let offset =
        |key: &str| diagnostic["span"][key].as_u64().and_then(|it| usize::try_from(it).ok());
    let parts = offset("start").zip(offset("end")).and_then(|(start, end)| {
        Some((record.get(..start)?, record.get(start..end)?, record.get(end..)?))
    });
    html! {
        p {
            code.wrap {
                @match parts {
                    Some((before, own, after)) => { (shown(before)) mark { (shown(own)) } (shown(after)) },
                    None => (shown(record)),
                }
            }
        }
    }
}
