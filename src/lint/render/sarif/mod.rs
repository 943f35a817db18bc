//! For code scanning: SARIF 2.1.0, as GitHub takes it.
//!
//! Every result has a place in a file, without which GitHub refuses a document:
//! that of the record, else that of what names the target, else a file that is
//! called as the domain is and need not exist. DNS failures come and go, so they
//! are notifications and no results. The document has no `automationDetails`:
//! they would take the place of the category that an upload is given.

mod descriptors;
mod results;
mod shape;

use std::cmp::Reverse;

use crate::lint::{Consequence, Severity, Unreadable};

use super::{Run, Shown};
use crate::escape;
use descriptors::{DNS_FAILURE, LEFT_OUT, UNREADABLE};
use results::{Fingerprints, location, result, unreadable_result};
use shape::{Driver, Invocation, Log, Notification, Reference, SarifResult, Text, Tool};

/// Where the schema of the standard is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Results that GitHub takes of one run.
const MOST_RESULTS: usize = 25_000;
/// Notifications that are written.
const MOST_NOTIFICATIONS: usize = 1_000;
/// What the tool is about; it has no page of its own.
const INFORMATION: &str = "https://www.rfc-editor.org/rfc/rfc7208";

/// All findings of a run as one document, with a line feed behind it.
pub fn sarif(run: &Run<'_>) -> String {
    let (temporary, mut findings): (Vec<_>, Vec<_>) = run.findings().partition(is_temporary);
    let room = MOST_RESULTS.saturating_sub(run.unreadable.len());
    let left_out = findings.len().saturating_sub(room);
    if left_out > 0 {
        // The sort is stable: what stays is the worst, in its order.
        findings.sort_by_key(|shown| Reverse(shown.diagnostic.severity));
        findings.truncate(room);
    }
    let mut notifications: Vec<Notification> = run.unreadable.iter().map(unreadable).collect();
    notifications.extend(temporary.iter().map(dns_failure));
    notifications.truncate(MOST_NOTIFICATIONS);
    notifications.extend((left_out > 0).then(|| results_left_out(left_out)));
    let mut fingerprints = Fingerprints::default();
    let unread = run.unreadable.iter().take(MOST_RESULTS);
    let mut results: Vec<SarifResult> =
        unread.map(|unreadable| unreadable_result(unreadable, &mut fingerprints)).collect();
    results.extend(findings.iter().map(|shown| result(shown, &mut fingerprints)));
    super::json::document(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [shape::Run {
            tool: Tool { driver: driver() },
            invocations: [Invocation {
                execution_successful: run.unreadable.is_empty(),
                exit_code: run.exit_status,
                tool_execution_notifications: notifications,
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

/// Whether a finding says nothing about the policy.
fn is_temporary(shown: &Shown<'_>) -> bool {
    shown.diagnostic.rule.consequence == Consequence::Temperror
        && shown.diagnostic.severity != Severity::Error
}

fn driver() -> Driver {
    Driver {
        name: "spfc",
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: INFORMATION,
        rules: descriptors::results(),
        notifications: descriptors::notifications(),
    }
}

fn notification(id: &'static str, level: &'static str, text: String) -> Notification {
    let index = descriptors::notifications().iter().position(|descriptor| descriptor.id == id);
    Notification {
        level,
        message: Text { text },
        descriptor: Reference { id, index: index.unwrap_or_default() },
        associated_rule: None,
        locations: Vec::new(),
    }
}

fn unreadable(unreadable: &Unreadable) -> Notification {
    let text = format!("{}: {}", escape::text(&unreadable.path), escape::text(&unreadable.message));
    notification(UNREADABLE, "error", text)
}

fn dns_failure(shown: &Shown<'_>) -> Notification {
    let rule = shown.diagnostic.rule;
    let severity = descriptors::level(shown.diagnostic.severity);
    Notification {
        associated_rule: Some(Reference { id: rule.code, index: results::index_of(rule.code) }),
        locations: vec![location(shown)],
        ..notification(DNS_FAILURE, severity, shown.message())
    }
}

fn results_left_out(count: usize) -> Notification {
    notification(LEFT_OUT, "warning", format!("{count} results are left out, the mildest ones"))
}
