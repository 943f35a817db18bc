//! `spfc status`: how the sources of a server do.

mod human;

use std::collections::BTreeSet;

use clap::Args;

use super::control::{Order, Reply};
use super::error::CliError;
use super::exit::Exit;
use super::global::Format;
use super::output::Session;
use super::state::{StateArgs, StateError};
use crate::refresh::{
    Clock, Failing, FaultKind, Health, Identity, SourceFile, SourceState, Status, SystemClock,
    UnreadSource, Verdict,
};

const COMMAND: &str = "status";

/// Say how the sources of a server do, and what waits for a person
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 all is well; 1 something waits for a person, the state cannot be written, \
                  or no server runs; 3 a policy or a file is in error; 4 DNS fails for now. Whatever it is, \
                  what was good last is served."
)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `spfc status`.
///
/// # Errors
///
/// There is neither a server nor anything that one left.
pub(super) fn run(args: &StatusArgs, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    session.global.published_only(COMMAND)?;
    let status = match args.state.order(&Order::Status)? {
        Some(Reply::Status(status)) => *status,
        Some(_) => {
            return Err(StateError::Refused("the server says something else".to_owned()).into());
        }
        None => {
            let (files, unread) =
                args.state.directory()?.read_sources().map_err(StateError::from)?;
            left(SystemClock.unix_seconds(), files, unread)
        }
    };
    match format {
        Format::Json => session.json(&status)?,
        _ => session.print(&human::text(&status))?,
    }
    Ok(match status.verdict() {
        Verdict::Fine if status.running => Exit::Done,
        Verdict::Fine | Verdict::Waits => Exit::No,
        Verdict::DnsFails => Exit::Dns,
        Verdict::Broken => Exit::Policy,
    })
}

/// What a server has left. A source whose file tells nothing is in error, whatever was
/// known of it, and keeps nobody from the others.
fn left(now: i64, mut files: Vec<SourceFile>, unread: Vec<UnreadSource>) -> Status {
    let lost: BTreeSet<String> = unread.iter().map(|file| file.source.clone()).collect();
    files.extend(unread.into_iter().map(|UnreadSource { source, changed, error }| {
        let since = changed.unwrap_or(now);
        let failing = Failing { since, kind: FaultKind::File, reason: error.to_string() };
        let state = SourceState { failing: Some(failing), ..SourceState::default() };
        SourceFile { source, identity: Identity::default(), state }
    }));
    files.sort_by(|one, two| one.source.cmp(&two.source));
    let mut status = Status::of_files(now, files);
    for source in status.sources.iter_mut().filter(|it| lost.contains(&it.source)) {
        // The next start looks for it in the history: it need not be without anything.
        source.health = Health::Broken;
    }
    status
}
