//! Where output goes: results to standard output, all else to standard error.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use super::error::CliError;
use super::global::GlobalOptions;
use super::style::{BAD, NOTE, WARN, paint};
use crate::{documents, escape};

/// One run: what was asked for all subcommands alike, and its output.
#[derive(Debug)]
pub(super) struct Session {
    /// The global flags.
    pub(super) global: GlobalOptions,
}

impl Session {
    /// A run with these flags.
    pub(super) fn new(global: GlobalOptions) -> Session {
        ColorChoice::from(global.color).write_global();
        Session { global }
    }

    /// Writes text, which may hold styles, to standard output.
    ///
    /// # Errors
    ///
    /// [`CliError::ClosedPipe`] when nobody reads it, or why it cannot be written.
    pub(super) fn print(&self, text: &str) -> Result<(), CliError> {
        let mut stdout = AutoStream::auto(io::stdout().lock());
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|error| CliError::write("-", error))
    }

    /// Writes one JSON document.
    ///
    /// # Errors
    ///
    /// As [`Session::print`].
    pub(super) fn json(&self, document: &impl Serialize) -> Result<(), CliError> {
        self.print(&documents::pretty(document).map_err(|error| CliError::write("-", error))?)
    }

    /// Says what is worth knowing, unless `--quiet`.
    pub(super) fn note(&self, text: impl AsRef<str>) {
        if !self.global.quiet {
            say(&format!("{} {}", paint(NOTE, "note:"), escape::message(text.as_ref())));
        }
    }

    /// Says what deserves a look, unless `--quiet`.
    pub(super) fn warn(&self, text: impl AsRef<str>) {
        if !self.global.quiet {
            say(&format!("{} {}", paint(WARN, "warning:"), escape::message(text.as_ref())));
        }
    }

    /// Writes text with styles to standard error, unless `--quiet`.
    pub(super) fn aside(&self, text: &str) {
        if !self.global.quiet {
            say(text);
        }
    }

    /// Says why the run did not end well.
    pub(super) fn errors(&self, messages: &[String]) {
        for message in messages {
            say(&format!("{} {message}", paint(BAD, "error:")));
        }
    }
}

/// Says what helps.
pub(super) fn help(text: &str) {
    say(&format!("{} {text}", paint(NOTE, "help:")));
}

/// Writes a line, which may hold styles, to standard error.
pub(super) fn say(line: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(AutoStream::auto(io::stderr().lock()), "{line}");
}
