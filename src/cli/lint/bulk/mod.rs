//! `spfc lint --jobs`: many targets at once, each reported as it ends.
//!
//! Nothing grows with the number of targets: lists are read a line at a time,
//! reports are written and dropped, and answers are shared within a bound. What
//! goes wrong with one target stops no other. One thread reads, one asks and
//! lints, one writes: neither a slow list nor a slow reader holds up answers.

mod list;
mod results;

use std::thread;
use std::time::Instant;

use tokio::sync::mpsc::channel;

use super::{LintArgs, options};
use crate::cli::dns::Dns;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::global::Format;
use crate::cli::output::Session;
use crate::cli::progress::Progress;
use crate::dns::{Bounds, Lookup, Step};
use crate::lint::lint;

use list::{Job, Lists};
use results::{Outcome, Results};

const COMMAND: &str = "lint --jobs";
/// Octets of answers that targets share, about.
const KEPT_OCTETS: usize = 32 << 20;

/// Lints the targets of `args`, `jobs` of them at once, with as many questions
/// that wait for an answer.
///
/// # Errors
///
/// Mistakes of the caller that concern the run as a whole, and output that
/// nobody reads.
pub(super) fn run(args: &LintArgs, jobs: usize, session: &Session) -> Result<Exit, CliError> {
    let format = session.global.format_of(COMMAND, &[Format::Human, Format::Json])?;
    session.global.published_only(COMMAND)?;
    let lists = Lists::open(&args.targets, &args.file, args.offline, session)?;
    let dns = if args.offline { Dns::nothing() } else { Dns::open_for_many(session)? };
    let options = options(args, dns.recorded());
    let progress = Progress::counting(!session.global.quiet, || lists.count());
    let results = Results::new(session, format, progress, args.fail_on.into());
    let mut targets = lists.read(jobs)?;
    let program = |job: &Job, lookup: &dyn Lookup| match job {
        Err(_) => Step::Done(None),
        Ok(subject) => match lint(lookup, subject, &options) {
            Ok(report) => Step::Done(Some(report)),
            Err(questions) => Step::Need(questions),
        },
    };
    let finish = |job: Job, result| match (job, result) {
        (Err(error), _) => Outcome::NoTarget(error),
        (Ok(_), Ok(report)) => Outcome::Linted(report),
        (Ok(subject), Err(error)) => Outcome::Failed(subject.label, error),
    };
    // A target waits for its last answer alone: with twice as many of them there is
    // always another question to ask.
    let bounds = Bounds { programs: 2 * jobs, questions: jobs, kept_octets: KEPT_OCTETS };
    let begun = Instant::now();
    let (asked, exit) = thread::scope(|scope| {
        let (sender, receiver) = channel(jobs);
        let written = scope.spawn(move || results.write(receiver));
        let asked = dns.run_each(bounds, &mut targets, &sender, program, finish);
        drop(sender);
        (asked, written.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    dns.say_asked(asked, begun);
    exit
}
