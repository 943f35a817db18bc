//! The results of a bulk run: each is written as it comes, and dropped.

use std::io::{self, IsTerminal};

use tokio::sync::mpsc::Receiver;

use super::list::LineError;
use crate::cli::describe::counted;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::global::Format;
use crate::cli::output::Session;
use crate::cli::progress::Progress;
use crate::lint::render::{HumanStyle, Palette, Tally, human, json_line};
use crate::lint::{Report, Severity};

/// Results that are written at once, where they come faster than that.
const AT_ONCE: usize = 64;

/// What came of one target.
pub(super) enum Outcome {
    /// What was found.
    Linted(Option<Report>),
    /// A line that names no target.
    NoTarget(LineError),
    /// A target, by its label, that could not be linted.
    Failed(String, CliError),
}

/// What has come of the run so far.
pub(super) struct Results<'a> {
    session: &'a Session,
    format: Format,
    progress: Progress,
    /// Standard output is the terminal that the progress is on.
    shares_terminal: bool,
    fail_on: Severity,
    tally: Tally,
    /// Targets that could not be linted.
    failed: usize,
    /// A finding was bad enough.
    bad: bool,
    /// DNS failed for some target.
    temporary: bool,
}

impl Results<'_> {
    /// Results of a run that has not begun.
    pub(super) fn new(
        session: &Session,
        format: Format,
        progress: Progress,
        fail_on: Severity,
    ) -> Results<'_> {
        Results {
            session,
            format,
            progress,
            shares_terminal: io::stdout().is_terminal(),
            fail_on,
            tally: Tally::default(),
            failed: 0,
            bad: false,
            temporary: false,
        }
    }

    /// Writes results until there are no more.
    ///
    /// # Errors
    ///
    /// Output that cannot be written, or that nobody reads.
    pub(super) fn write(mut self, mut results: Receiver<Outcome>) -> Result<Exit, CliError> {
        let mut taken = Vec::with_capacity(AT_ONCE);
        loop {
            let more = results.blocking_recv_many(&mut taken, AT_ONCE);
            if more == 0 {
                return self.end();
            }
            let mut text = String::new();
            let mut messages = Vec::new();
            for outcome in taken.drain(..) {
                self.take(outcome, &mut text, &mut messages);
            }
            if !messages.is_empty() {
                self.progress.aside(|| self.session.errors(&messages));
            }
            match self.shares_terminal {
                _ if text.is_empty() => {}
                true => self.progress.aside(|| self.session.print(&text))?,
                false => self.session.print(&text)?,
            }
            self.progress
                .advance(more, || format!(", {}", counted(self.tally.findings(), "finding")));
        }
    }

    /// Counts one outcome, and adds what is to be said of it.
    fn take(&mut self, outcome: Outcome, text: &mut String, messages: &mut Vec<String>) {
        match outcome {
            Outcome::Linted(report) => {
                if let Some(report) = report {
                    text.push_str(&self.report(&report));
                }
            }
            Outcome::NoTarget(error) => {
                self.failed += 1;
                messages.push(error.to_string());
            }
            Outcome::Failed(label, error) => {
                self.failed += 1;
                let label = crate::escape::text(&label);
                messages.extend(error.messages().iter().map(|why| format!("{label}: {why}")));
            }
        }
    }

    fn report(&mut self, report: &Report) -> String {
        self.tally.add(report);
        self.bad |= report.worst().is_some_and(|worst| worst >= self.fail_on);
        self.temporary |= report.is_temporary();
        match self.format {
            Format::Json => json_line(report),
            // What standard output cannot show is stripped when it is written.
            _ => human(report, &HumanStyle { palette: Palette::ANSI, ..HumanStyle::default() }),
        }
    }

    /// 2 where a target could not be linted, as without `--jobs`; 1 where a finding
    /// is bad enough, 4 where DNS failed and none is.
    fn end(self) -> Result<Exit, CliError> {
        self.progress.clear();
        if self.format != Format::Json && !self.session.global.quiet {
            self.session.print(&self.tally.line())?;
        }
        if self.failed > 0 {
            let failed = counted(self.failed, "target");
            self.session.errors(&[format!("{failed} could not be linted")]);
        }
        Ok(match (self.bad, self.failed, self.temporary) {
            (_, 1.., _) => Exit::Usage,
            (true, ..) => Exit::No,
            (false, 0, true) => Exit::Dns,
            (false, 0, false) => Exit::Done,
        })
    }
}
