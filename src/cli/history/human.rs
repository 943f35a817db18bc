//! Versions and what changed between them, for people.

use std::fmt::Write;

use crate::cli::describe::{counted, heading, provider_change};
use crate::cli::style::{BAD, DIM, GOOD, WARN, paint};
use crate::documents::{ChangedRangeShape, HistoryDocument, VersionShape, VersionsDocument};
use crate::escape;
use crate::refresh::rfc3339;

/// Ranges that are listed at most.
const MOST_RANGES: usize = 40;
/// Entries of a source that are listed at most.
const MOST_ENTRIES: usize = 30;

/// All sources, each with its versions and events, the latest first.
pub(super) fn text(documents: &[HistoryDocument], verbose: bool) -> String {
    let mut out = String::new();
    for document in documents {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", heading(escape::text(&document.source)));
        let mut entries: Vec<(i64, u8, String)> = Vec::new();
        for version in &document.versions {
            entries.push((version.time, 1, of_version(version)));
        }
        for event in &document.events {
            let line = format!("{}  {}", paint(WARN, event.kind), escape::message(&event.sentence));
            entries.push((event.time, 0, line));
        }
        entries.sort_by_key(|(time, kind, _)| std::cmp::Reverse((*time, *kind)));
        let most = if verbose { usize::MAX } else { MOST_ENTRIES };
        for (time, _, line) in entries.iter().take(most) {
            let _ = writeln!(out, "  {}  {line}", paint(DIM, rfc3339(*time)));
        }
        if let Some(more) = entries.len().checked_sub(most).filter(|more| *more > 0) {
            let _ = writeln!(out, "  and {more} before: -v lists them");
        }
    }
    if out.is_empty() {
        out.push_str("nothing has happened yet\n");
    }
    out
}

fn of_version(version: &VersionShape) -> String {
    let mut line = format!(
        "{}  {}",
        paint(GOOD, format!("version {}", version.number)),
        escape::message(&version.sentence)
    );
    for provider in &version.providers {
        let _ = write!(line, "\n      {}", provider_change(provider));
    }
    line
}

/// What changed from one version to another.
pub(super) fn difference(document: &VersionsDocument, verbose: bool) -> String {
    let title =
        format!("{}, from {} to {}", escape::text(&document.source), document.from, document.to);
    let mut out = format!("{}\n", heading(title));
    let parts = [
        (&document.gained, paint(GOOD, "+"), "gained"),
        (&document.lost, paint(BAD, "-"), "lost"),
        (&document.changed, paint(WARN, "~"), "with another result"),
    ];
    let mut nothing = true;
    for (ranges, sign, words) in parts {
        if ranges.is_empty() {
            continue;
        }
        nothing = false;
        let _ = writeln!(out, "  {} {words}", counted(ranges.len(), "range"));
        let most = if verbose { usize::MAX } else { MOST_RANGES };
        for ChangedRangeShape { range, provider } in ranges.iter().take(most) {
            let _ = writeln!(out, "    {sign} {range}  {}", escape::text(provider));
        }
        if let Some(more) = ranges.len().checked_sub(most).filter(|more| *more > 0) {
            let _ = writeln!(out, "    and {more} more: -v lists them");
        }
    }
    if nothing {
        out.push_str("  the same addresses, with the same results\n");
    }
    out
}
