//! Why a run did not end well, in messages and in an exit status.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::exit::Exit;
use super::macros::BusyError;
use super::serve::ServeError;
use super::state::StateError;
use super::usage::UsageError;
use super::zones::ZonesError;
use crate::compile::CompileError;
use crate::config::ConfigError;
use crate::dns::{
    DnsFileError, Question, RecordingError, ServersError, SourceError, ZoneFileError,
};
use crate::escape;
use crate::picture::PngError;
use crate::policy::PolicyError;
use crate::publish::{RbldnsdError, RenderError};
use crate::target::ExistsError;
use crate::update::{ApplyError, KeyError};

/// Messages of one kind at most; the rest is counted.
const MESSAGES: usize = 8;

/// Why a run did not end well.
#[derive(Debug, Error)]
pub(super) enum CliError {
    /// The caller's mistake.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A file that cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {path}: {error}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A file that answers nothing.
    #[error("{path}: {error}")]
    DnsFile {
        /// The file.
        path: String,
        /// Why.
        error: DnsFileError,
    },
    /// A zone file that cannot be read as one.
    #[error("{path}: {error}")]
    ZoneFile {
        /// The file.
        path: String,
        /// Why.
        error: ZoneFileError,
    },
    /// A file that is no recording.
    #[error("{path}: {error}")]
    Recording {
        /// The file.
        path: String,
        /// Why.
        error: RecordingError,
    },
    /// A configuration with a mistake.
    #[error("{path}:{}:{}: {}", error.line, error.column, error.fault)]
    Config {
        /// The file.
        path: String,
        /// What is wrong.
        error: ConfigError,
    },
    /// A zone without addresses.
    #[error(transparent)]
    Zones(#[from] ZonesError),
    /// A file of messages with a line that cannot be counted.
    #[error(transparent)]
    Busy(#[from] BusyError),
    /// A file that is another one by now.
    #[error("{0} has changed since it was read, and is not written")]
    Changed(String),
    /// A text that would not be read as it was meant: a mistake of this program.
    #[error("{0} cannot be written so that it reads as it should, and is as it was")]
    Unfaithful(String),
    /// A recording without an answer that is needed.
    #[error("{question} is not recorded in {path}")]
    NotRecorded {
        /// What was asked.
        question: Question,
        /// The recording.
        path: String,
    },
    /// No name server to ask.
    #[error(transparent)]
    Servers(#[from] ServersError),
    /// DNS cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Records that a form cannot say.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A picture that cannot be drawn: a mistake of this program.
    #[error(transparent)]
    Picture(#[from] PngError),
    /// No output.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// No data file for rbldnsd.
    #[error(transparent)]
    Rbldnsd(#[from] RbldnsdError),
    /// A file that holds no key for updates.
    #[error("{path}: {error}")]
    UpdateKey {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: KeyError,
    },
    /// An update that was not made.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A sound policy whose output is over its budget.
    #[error("{error}")]
    OverBudget {
        /// By how much.
        error: CompileError,
        /// What fits instead, in words.
        remedies: Vec<String>,
    },
    /// A policy in error.
    #[error("the policy is in error")]
    Policy(Vec<PolicyError>),
    /// Questions without an answer.
    #[error("DNS failed")]
    Unanswered(Vec<(Question, crate::dns::Failure)>),
    /// No server.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Nothing is known of a server's sources, or an order is not followed.
    #[error(transparent)]
    State(#[from] StateError),
    /// Nobody reads standard output any more.
    #[error("standard output is closed")]
    ClosedPipe,
}

impl CliError {
    /// A file that cannot be read.
    pub(super) fn read(path: &Path, error: io::Error) -> CliError {
        let path = if is_stream(path) { "standard input".to_owned() } else { shown(path) };
        CliError::Read { path, error }
    }

    /// A file, or standard output, that cannot be written.
    pub(super) fn write(path: impl Into<PathBuf>, error: io::Error) -> CliError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
            _ => CliError::Write { path: written(&path.into()), error },
        }
    }

    /// The exit status.
    pub(super) fn exit(&self) -> Exit {
        let policy = |temporary: bool| if temporary { Exit::Dns } else { Exit::Policy };
        match self {
            CliError::ClosedPipe => Exit::Done,
            CliError::Unanswered(_) => Exit::Dns,
            CliError::Apply(error) if error.is_temporary() => Exit::Dns,
            CliError::Policy(errors) => policy(errors.iter().all(PolicyError::is_temporary)),
            CliError::Compile(
                CompileError::NoSuchTerm(_)
                | CompileError::SingleLabel(_)
                | CompileError::NothingToKeep(_)
                | CompileError::Zone { .. }
                | CompileError::ZoneName { .. }
                | CompileError::ZoneRecord { .. }
                | CompileError::KeptTerm { .. }
                | CompileError::NotInZone { .. }
                | CompileError::Exists(ExistsError::Layout(_))
                | CompileError::Default(..),
            ) => Exit::Usage,
            CliError::Zones(error) => error.exit(),
            CliError::Serve(error) => error.exit(),
            CliError::State(error) => error.exit(),
            CliError::Compile(error) => policy(error.is_temporary()),
            CliError::OverBudget { .. } => Exit::Policy,
            _ => Exit::Usage,
        }
    }

    /// What helps, fit for a terminal.
    pub(super) fn remedies(&self) -> Vec<String> {
        match self {
            CliError::OverBudget { remedies, .. } => {
                remedies.iter().map(|remedy| escape::message(remedy)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The messages, fit for a terminal; none where there is nothing to say.
    pub(super) fn messages(&self) -> Vec<String> {
        match self {
            CliError::ClosedPipe => Vec::new(),
            CliError::Policy(errors) | CliError::Compile(CompileError::Policy(errors)) => {
                listed(errors.iter().map(ToString::to_string))
            }
            CliError::Unanswered(failures) => {
                listed(failures.iter().map(|(question, failure)| format!("{question}: {failure}")))
            }
            CliError::Zones(error) => {
                error.messages().unwrap_or_else(|| vec![escape::message(&error.to_string())])
            }
            other => vec![escape::message(&other.to_string())],
        }
    }
}

/// A path, fit for a terminal.
pub(super) fn shown(path: &Path) -> String {
    escape::text(&path.to_string_lossy())
}

fn written(path: &Path) -> String {
    if is_stream(path) { "standard output".to_owned() } else { shown(path) }
}

/// Whether a path stands for standard input or output.
fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

fn listed(messages: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let rest = messages.len().saturating_sub(MESSAGES);
    let mut list: Vec<String> =
        messages.take(MESSAGES).map(|message| escape::message(&message)).collect();
    if rest > 0 {
        list.push(format!("and {rest} more like these"));
    }
    list
}
