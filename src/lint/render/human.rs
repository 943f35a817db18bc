//! For people: each finding with the record under it and carets under the
//! octets that are meant.

use std::fmt::Write;

use crate::escape;
use crate::lint::{Diagnostic, FilePlace, Fix, Place, Report, Severity};
use crate::syntax::Span;

use super::excerpt::{excerpt, printable};
use super::shortened;
use super::tally::Tally;

/// What is written around parts of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Before an error's severity and carets.
    pub error: &'static str,
    /// Before a warning's.
    pub warning: &'static str,
    /// Before a note's.
    pub note: &'static str,
    /// Before messages.
    pub bold: &'static str,
    /// Before what frames the record.
    pub frame: &'static str,
    /// Behind each of them.
    pub reset: &'static str,
}

impl Palette {
    /// No colour.
    pub const PLAIN: Palette =
        Palette { error: "", warning: "", note: "", bold: "", frame: "", reset: "" };

    /// ANSI colours.
    pub const ANSI: Palette = Palette {
        error: "\x1b[1;31m",
        warning: "\x1b[1;33m",
        note: "\x1b[1;36m",
        bold: "\x1b[1m",
        frame: "\x1b[1;34m",
        reset: "\x1b[0m",
    };

    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note => self.note,
        }
    }
}

/// How reports look.
#[derive(Clone, Copy, Debug)]
pub struct HumanStyle {
    /// Colours.
    pub palette: Palette,
    /// Columns that a line of a record may take.
    pub width: usize,
}

impl Default for HumanStyle {
    /// No colour, 100 columns.
    fn default() -> Self {
        HumanStyle { palette: Palette::PLAIN, width: 100 }
    }
}

/// All findings of a report; nothing where there are none.
pub fn human(report: &Report, style: &HumanStyle) -> String {
    let mut out = String::new();
    for diagnostic in &report.diagnostics {
        write_diagnostic(report, diagnostic, style, &mut out);
        out.push('\n');
    }
    out
}

fn write_diagnostic(
    report: &Report,
    diagnostic: &Diagnostic,
    style: &HumanStyle,
    out: &mut String,
) {
    let Palette { bold, frame, reset, .. } = style.palette;
    let rule = diagnostic.rule;
    let severity = diagnostic.severity.as_str();
    let color = style.palette.severity(diagnostic.severity);
    let message = printable(&diagnostic.message);
    let _ = writeln!(
        out,
        "{color}{severity}[{}]{reset} {}: {bold}{message}{reset}",
        rule.code, rule.name
    );
    let place = &diagnostic.place;
    if let Some(origin) = origin(report, diagnostic) {
        let _ = writeln!(out, " {frame}-->{reset} {origin}");
    }
    if let Some(record) = &place.record {
        let excerpt = excerpt(record, place.span, style.width);
        let _ = writeln!(out, "  {frame}|{reset}");
        let _ = writeln!(out, "  {frame}|{reset} {}", excerpt.line);
        let _ = match excerpt.marks.is_empty() {
            true => writeln!(out, "  {frame}|{reset}"),
            false => writeln!(out, "  {frame}|{reset} {color}{}{reset}", excerpt.marks),
        };
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  {frame}={reset} {bold}help{reset}: {}", printable(help));
    }
    if let Some(fix) = diagnostic.fix.as_ref().filter(|fix| !fix.kind.is_safe()) {
        let proposal = match proposed(place, fix).trim_ascii() {
            [] => "could be left out".to_owned(),
            text => format!("could be: {}", printable(&String::from_utf8_lossy(text))),
        };
        let _ = writeln!(out, "  {frame}={reset} {bold}help{reset}: {proposal}");
    }
    let _ = writeln!(
        out,
        "  {frame}={reset} {bold}see{reset}: {}; spfc lint --explain {}",
        rule.reference, rule.code
    );
}

/// What would stand in place of the octets that are meant.
fn proposed(place: &Place, fix: &Fix) -> Vec<u8> {
    let text = fix.text.as_bytes();
    let around = place.record.as_deref().zip(place.span).map(|(record, span)| {
        let before = Span { start: span.start, end: fix.span.start.max(span.start) };
        let behind = Span { start: fix.span.end.min(span.end), end: span.end };
        (before.of(record), behind.of(record))
    });
    let (before, behind) = around.unwrap_or_default();
    [before, text, behind].concat()
}

/// Where the record stands: its file and domain, and which target leads there.
fn origin(report: &Report, diagnostic: &Diagnostic) -> Option<String> {
    let place = &diagnostic.place;
    let domain = place.domain.as_ref().map(|domain| printable(&domain.to_string()));
    let target = printable(&report.target);
    let reached = match &domain {
        Some(domain) if !domain.eq_ignore_ascii_case(&target) && place.record != report.record => {
            format!("reached from {}", shortened(&target))
        }
        _ => String::new(),
    };
    let Some(FilePlace { path, start, .. }) = &place.file else {
        let reached = if reached.is_empty() { reached } else { format!(" ({reached})") };
        return Some(domain? + &reached);
    };
    let about: Vec<String> =
        domain.into_iter().chain(Some(reached)).filter(|text| !text.is_empty()).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    Some(format!("{}:{}:{}{about}", escape::text(path), start.line, start.column))
}

/// How many findings of each severity the reports hold, on one line.
pub fn summary<'a>(reports: impl IntoIterator<Item = &'a Report>) -> String {
    let mut tally = Tally::default();
    reports.into_iter().for_each(|report| tally.add(report));
    tally.line()
}
