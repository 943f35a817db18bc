//! For programs: the JSON document of `spfc lint --format json`.
//!
//! Spans are offsets into the `record` of the same diagnostic as it stands in
//! the document. Octets that are no UTF-8 stand there as U+FFFD, and the spans
//! are moved with them. The text is ASCII: everything else is escaped.

use std::fmt::Write;

use serde::Serialize;

use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};
use crate::lint::{Diagnostic, FilePlace, Mended, Report, Unreadable};
use crate::policy::LookupCount;
use crate::syntax::Span;

/// The number of the documents' schema.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    targets: Vec<TargetReport<'a>>,
    unreadable: Vec<Unread<'a>>,
}

#[derive(Serialize)]
struct Unread<'a> {
    path: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    message: &'a str,
}

#[derive(Serialize)]
struct TargetReport<'a> {
    target: &'a str,
    record: Option<String>,
    lookups: Option<Lookups>,
    diagnostics: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<FixedReport<'a>>,
}

/// What became of the fixes of a target.
#[derive(Serialize)]
struct FixedReport<'a> {
    record: Option<String>,
    applied: Vec<&'a str>,
    refused: Vec<RefusedEntry<'a>>,
    written: bool,
}

#[derive(Serialize)]
struct RefusedEntry<'a> {
    code: &'a str,
    reason: &'a str,
}

/// A target in a document of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: u32,
    #[serde(flatten)]
    target: TargetReport<'a>,
}

#[derive(Serialize)]
struct Lookups {
    terms: u32,
    limit: u32,
    void: u32,
    void_ip4: u32,
    void_ip6: u32,
    void_limit: u32,
    queries: u32,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    domain: Option<String>,
    record: Option<String>,
    span: Option<Offsets>,
    file: Option<Lines<'a>>,
    help: Option<&'a str>,
    fix: Option<Edit<'a>>,
    reference: &'a str,
}

#[derive(Serialize)]
struct Offsets {
    start: usize,
    end: usize,
}

#[derive(Serialize)]
struct Lines<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    kind: &'a str,
}

/// All that a run found as one document, with a line feed behind it.
pub fn json(reports: &[Report], unreadable: &[Unreadable]) -> String {
    lint_document(reports.iter().map(target_report).collect(), unreadable)
}

/// As [`json`], with what became of the fixes of each target, and whether its
/// record was written back into its file. The findings are those that are left.
pub fn json_fixed<'a>(
    reports: impl IntoIterator<Item = (&'a Report, &'a Mended, bool)>,
    unreadable: &[Unreadable],
) -> String {
    let target = |(report, mended, written): (&'a Report, &'a Mended, bool)| {
        let refused = mended.refused.iter();
        let fixed = FixedReport {
            record: mended.record.as_deref().map(lossy),
            applied: mended.applied.iter().map(|rule| rule.code).collect(),
            refused: refused
                .map(|(rule, reason)| RefusedEntry { code: rule.code, reason })
                .collect(),
            written,
        };
        TargetReport { fixed: Some(fixed), ..target_report(report) }
    };
    lint_document(reports.into_iter().map(target).collect(), unreadable)
}

fn lint_document(targets: Vec<TargetReport<'_>>, unreadable: &[Unreadable]) -> String {
    document(&Document {
        schema: SCHEMA,
        targets,
        unreadable: unreadable.iter().map(unread).collect(),
    })
}

/// A document on lines of its own, with a line feed behind it.
pub(super) fn document(document: &impl Serialize) -> String {
    // Strings, numbers and lists always have a JSON form.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let mut out = ascii(&text);
    out.push('\n');
    out
}

/// One report as a document of one line, with a line feed behind it.
pub fn json_line(report: &Report) -> String {
    let document = Line { schema: SCHEMA, target: target_report(report) };
    // Strings, numbers and lists always have a JSON form.
    let mut out = ascii(&serde_json::to_string(&document).unwrap_or_default());
    out.push('\n');
    out
}

fn unread(unreadable: &Unreadable) -> Unread<'_> {
    let start = unreadable.place.as_ref().map(|place| place.start);
    Unread {
        path: &unreadable.path,
        line: start.map(|start| start.line),
        column: start.map(|start| start.column),
        message: &unreadable.message,
    }
}

/// The findings of a report as a list, for documents of other commands.
pub fn diagnostics(report: &Report) -> serde_json::Value {
    let entries: Vec<Entry<'_>> = report.diagnostics.iter().map(entry).collect();
    // Strings, numbers and lists always have a JSON form.
    serde_json::to_value(entries).unwrap_or_default()
}

fn target_report(report: &Report) -> TargetReport<'_> {
    TargetReport {
        target: &report.target,
        record: report.record.as_deref().map(lossy),
        lookups: report.lookups.map(lookups),
        diagnostics: report.diagnostics.iter().map(entry).collect(),
        fixed: None,
    }
}

fn lookups(count: LookupCount) -> Lookups {
    Lookups {
        terms: count.terms,
        limit: LOOKUP_TERMS,
        void: count.void(),
        void_ip4: count.void_ip4,
        void_ip6: count.void_ip6,
        void_limit: VOID_LOOKUPS,
        queries: count.queries,
    }
}

fn entry(diagnostic: &Diagnostic) -> Entry<'_> {
    let place = &diagnostic.place;
    let record = place.record.as_deref();
    let offsets = |span: Span| match record {
        Some(record) => (moved(record, span.start), moved(record, span.end)),
        None => (span.start as usize, span.end as usize),
    };
    let span = place.span.map(offsets).map(|(start, end)| Offsets { start, end });
    let fix = diagnostic.fix.as_ref().map(|fix| {
        let (start, end) = offsets(fix.span);
        Edit { start, end, text: &fix.text, kind: fix.kind.as_str() }
    });
    Entry {
        code: diagnostic.rule.code,
        name: diagnostic.rule.name,
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        domain: place.domain.as_ref().map(ToString::to_string),
        record: record.map(lossy),
        span,
        file: place.file.as_ref().map(lines),
        help: diagnostic.help.as_deref(),
        fix,
        reference: diagnostic.rule.reference,
    }
}

fn lines(place: &FilePlace) -> Lines<'_> {
    let FilePlace { path, start, end } = place;
    Lines {
        path,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn lossy(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// Where the octet at `offset` stands in the lossy text of `octets`.
fn moved(octets: &[u8], offset: u32) -> usize {
    let mut left = offset as usize;
    let mut at = 0;
    for chunk in octets.utf8_chunks() {
        let (valid, invalid) = (chunk.valid().len(), chunk.invalid().len());
        if left <= valid {
            return at + left;
        }
        at += valid;
        left -= valid;
        if invalid > 0 {
            if left < invalid {
                return at;
            }
            at += char::REPLACEMENT_CHARACTER.len_utf8();
            left -= invalid;
        }
    }
    at
}

/// JSON text with all that is not printable ASCII escaped. In JSON it occurs
/// in strings only, but for line feeds.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, ' '..='~' | '\n') {
            out.push(character);
            continue;
        }
        let mut units = [0u16; 2];
        for unit in character.encode_utf16(&mut units) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_move_with_what_is_no_utf8() {
        let octets = b"ab\xff\xfecd";
        assert_eq!(lossy(octets), "ab\u{fffd}\u{fffd}cd");
        let offsets: Vec<usize> = (0..=6).map(|at| moved(octets, at)).collect();
        assert_eq!(offsets, [0, 1, 2, 5, 8, 9, 10]);
    }

    proptest! {
        #[test]
        fn utf8_keeps_its_offsets(text: String, at in 0u32..100) {
            let at = at.min(text.len() as u32);
            prop_assert_eq!(moved(text.as_bytes(), at), at as usize);
        }

        #[test]
        fn escaped_strings_read_back(text: String) {
            let written = ascii(&serde_json::to_string(&text).unwrap());
            prop_assert!(written.bytes().all(|octet| matches!(octet, b' '..=b'~')));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }

        #[test]
        fn offsets_lie_on_characters_of_the_text(
            octets in proptest::collection::vec(any::<u8>(), 0..60), at in 0u32..70,
        ) {
            prop_assert!(moved(&octets, at) <= lossy(&octets).len());
        }
    }
}
