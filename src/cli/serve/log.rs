//! The log: lines of text or JSON on standard error. Nothing that happens to it
//! stops the server.

use std::fmt::Write;
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use tracing::Level;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::MakeWriterExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::config::LogFormat;
use crate::escape;
use crate::responder::{LoggedQuestion, QueryLog};

/// Questions that wait to be written; more are left out and counted.
const WAITING: usize = 1_024;

/// Lines of the server's own that wait to be written; more are left out, so that whoever reads the log
/// too slowly holds up nobody who answers, and no signal.
const LINES: usize = 4_096;

/// What lines of questions are known by.
const QUESTION: &str = "spfc::question";

/// How long the end waits for questions that are not yet written.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(5);

/// Writes the lines that wait when it is dropped.
#[derive(Debug)]
pub(super) struct Log {
    _guard: WorkerGuard,
}

/// The thread that writes questions, where there is one.
#[derive(Debug)]
pub(super) struct Questions {
    thread: Option<JoinHandle<()>>,
}

impl Questions {
    /// Lets all be written that were asked, unless nobody reads the log; who answers has
    /// to be gone.
    pub(super) fn end(self) {
        let begun = Instant::now();
        let waits = || self.thread.as_ref().is_some_and(|thread| !thread.is_finished());
        while waits() && begun.elapsed() < PATIENCE {
            sleep(LOOK);
        }
    }
}

/// Starts the log, which is written by a thread of its own as long as what this
/// gives is there. Only this program has a say in it, and not the libraries that
/// it uses: what they remark on packets would be a line for each.
pub(super) fn start(format: LogFormat, verbose: bool, quiet: bool) -> Log {
    let level = match (quiet, verbose) {
        (true, _) => Level::ERROR,
        (false, false) => Level::INFO,
        (false, true) => Level::DEBUG,
    };
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES).lossy(true).finish(io::stderr());
    // The thread of questions waits for the log itself: so they take no place from what
    // the server has to say, however many they are.
    let writer = io::stderr.with_filter(|line| line.target() == QUESTION).or_else(writer);
    let log = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_max_level(level)
        .with_ansi(false)
        .with_target(false)
        // What cannot be written would be told on standard error, which is what
        // cannot be written to, and would end the thread.
        .log_internal_errors(false);
    // A log that was started before stays.
    let own = Targets::new().with_target("spfc", level);
    let _ = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(log.finish().with(own)),
        LogFormat::Json => tracing::subscriber::set_global_default(log.json().finish().with(own)),
    };
    Log { _guard: guard }
}

/// Writes one in so many questions, on a thread of its own: who answers never
/// waits for the log. Gives where they go, which is nowhere where none is logged.
///
/// # Errors
///
/// There is no thread to be had.
pub(super) fn questions(one_in: u32) -> io::Result<(Option<QueryLog>, Questions)> {
    if one_in == 0 {
        return Ok((None, Questions { thread: None }));
    }
    let (sender, questions) = sync_channel(WAITING);
    let thread = thread::Builder::new().name("query-log".to_owned());
    let thread = thread.spawn(move || write_all(&questions))?;
    Ok((Some(QueryLog { one_in, sender }), Questions { thread: Some(thread) }))
}

fn write_all(questions: &Receiver<LoggedQuestion>) {
    for question in questions {
        let LoggedQuestion { client, transport, name, qtype, rcode, passes, limited } = question;
        tracing::info!(
            target: QUESTION,
            %client,
            transport = ?transport,
            name = presented(&name),
            qtype,
            rcode = ?rcode,
            passes,
            limited,
            "question"
        );
    }
}

/// A name of labels behind their lengths as text, with all that is not plain
/// written out.
fn presented(wire: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = wire;
    while let [length, behind @ ..] = rest {
        let Some((label, after)) = behind.split_at_checked(usize::from(*length)) else { break };
        for octet in label {
            match octet {
                b'.' => text.push_str("\\."),
                b' ' | b'"' => {
                    let _ = write!(text, "\\{octet:03}");
                }
                octet => text.push_str(&escape::octets(&[*octet])),
            }
        }
        if !label.is_empty() {
            text.push('.');
        }
        rest = after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_written_out() {
        assert_eq!(
            presented(b"\x017\x0b_spf.a \"\\b\x1b\x03com\0"),
            "7._spf\\.a\\032\\034\\\\b\\027.com."
        );
        assert_eq!(presented(b"\x03com"), "com.");
        assert_eq!(presented(b"\x09com"), "");
    }

    proptest! {
        #[test]
        fn names_stay_in_their_line(wire in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(presented(&wire).chars().all(|c| c.is_ascii_graphic()));
        }
    }
}
