//! Reports as text. Whatever came from DNS or from files is hostile and is
//! escaped for where it goes; nothing here decides what is reported.

mod excerpt;
mod github;
mod human;
mod json;
mod junit;
mod pages;
mod sarif;
mod tally;

use std::borrow::Cow;

use super::{Diagnostic, FilePlace, Report, Severity, Unreadable};
use crate::escape;

pub use github::github;
pub use human::{HumanStyle, Palette, human, summary};
pub use json::{diagnostics, json, json_fixed, json_line};
pub use junit::junit;
pub use pages::{page, rule_list};
pub use sarif::sarif;
pub use tally::Tally;

/// All that a run of the linter found.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What was found about each target.
    pub reports: &'a [Report],
    /// What could not be read.
    pub unreadable: &'a [Unreadable],
    /// The least severity that fails.
    pub fail_on: Severity,
    /// The status that the run exits with.
    pub exit_status: u8,
}

impl<'a> Run<'a> {
    /// The findings, in their order.
    fn findings(&self) -> impl Iterator<Item = Shown<'a>> {
        self.reports.iter().flat_map(|report| {
            report.diagnostics.iter().map(move |diagnostic| Shown { report, diagnostic })
        })
    }
}

/// A finding with the report that it stands in.
#[derive(Clone, Copy)]
struct Shown<'a> {
    report: &'a Report,
    diagnostic: &'a Diagnostic,
}

impl<'a> Shown<'a> {
    /// The place in a file: of what is meant, or of what names the target.
    fn place(&self) -> Option<&'a FilePlace> {
        self.diagnostic.place.file.as_ref().or(self.report.origin.as_ref())
    }

    /// The name that the finding is about, or the record where it has none.
    fn subject(&self) -> Cow<'a, str> {
        match &self.diagnostic.place.domain {
            Some(domain) => domain.to_string().into(),
            None => self.report.target.as_str().into(),
        }
    }

    /// What is wrong, where, and the way out.
    fn message(&self) -> String {
        let subject = shortened(&escape::text(&self.subject()));
        let message = escape::text(&self.diagnostic.message);
        let help = self.diagnostic.help.as_deref().map(escape::text);
        match help {
            Some(help) => format!("{subject}: {message}\nhelp: {help}"),
            None => format!("{subject}: {message}"),
        }
    }
}

/// A target as part of a line: a record may be long.
fn shortened(target: &str) -> String {
    const CHARACTERS: usize = 60;
    match target.char_indices().nth(CHARACTERS) {
        Some((cut, _)) => format!("{}...", target.get(..cut).unwrap_or_default()),
        None => target.to_owned(),
    }
}
