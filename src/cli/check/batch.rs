//! Many messages through one run: a line in, a line out, in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use crate::cli::dns::Dns;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::global::Format;
use crate::cli::output::Session;
use crate::cli::progress::Progress;
use crate::cli::style::{BAD, DIM, of_result, paint};
use crate::cli::usage::UsageError;
use crate::documents::{self, BatchLine, CheckDocument, MessageLine, SCHEMA};
use crate::escape;
use crate::eval::{Evaluation, Message, RecordStore};
use crate::outcome::SpfResult;

use super::{CheckArgs, Identities, evaluate, message, met, reading};

/// Octets of one line at most.
const LINE_OCTETS: u64 = 1 << 20;

/// Checks each line's message and writes its result.
pub(super) fn run(args: &CheckArgs, session: &Session, format: Format) -> Result<Exit, CliError> {
    let Some(path) = args.batch.as_deref() else { return Ok(Exit::Done) };
    let mut batch = Batch {
        args,
        session,
        dns: Dns::open(session)?.silent(),
        records: RecordStore::default(),
        format,
        exit: Exit::Done,
        bad: Vec::new(),
    };
    let progress = Progress::spinner(!session.global.quiet && !io::stdout().is_terminal());
    let mut input = open(path)?;
    let mut lines = 0;
    while let Some(line) = next_line(&mut *input).map_err(|error| CliError::read(path, error))? {
        lines += 1;
        progress.say(|| format!("checking message {lines}"));
        if !line.trim_ascii().is_empty() {
            batch.line(lines, &line)?;
        }
    }
    match batch.bad.first() {
        Some(&first) => Err(UsageError::Batch { count: batch.bad.len(), lines, first }.into()),
        None => Ok(batch.exit),
    }
}

struct Batch<'a> {
    args: &'a CheckArgs,
    session: &'a Session,
    dns: Dns,
    records: RecordStore,
    format: Format,
    exit: Exit,
    /// The numbers of the lines that were no messages.
    bad: Vec<usize>,
}

impl Batch<'_> {
    fn line(&mut self, number: usize, line: &[u8]) -> Result<(), CliError> {
        let message = match read_message(line, self.args) {
            Ok(message) => message,
            Err(why) => {
                self.bad.push(number);
                return self.write_bad(format!("line {number}: {why}"));
            }
        };
        let reading = reading(self.session, &message)?;
        let evaluation = evaluate(&mut self.dns, &mut self.records, &message, reading.as_ref())?;
        if met(self.args.expect, evaluation.result) == Exit::No {
            self.exit = Exit::No;
        }
        let text = match self.format {
            Format::Json => {
                let document = Box::new(CheckDocument::new(&message, &evaluation));
                json_line(&BatchLine::Checked(document))?
            }
            _ => human_line(&message, &evaluation),
        };
        self.session.print(&text)
    }

    fn write_bad(&self, error: String) -> Result<(), CliError> {
        let text = match self.format {
            Format::Json => json_line(&BatchLine::Bad { schema: SCHEMA, result: None, error })?,
            _ => format!("{} {}\n", paint(BAD, "error:"), escape::message(&error)),
        };
        self.session.print(&text)
    }
}

fn json_line(line: &BatchLine) -> Result<String, CliError> {
    documents::line(line).map_err(|error| CliError::write("-", error))
}

/// The message of a line, or why there is none.
fn read_message(line: &[u8], args: &CheckArgs) -> Result<Message, String> {
    let line: MessageLine = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let ip = line.ip.parse().map_err(|_| format!("'{}' is no IP address", line.ip))?;
    let identities = Identities {
        domain: line.domain.as_deref(),
        sender: line.sender.as_deref().map(str::as_bytes),
        helo: line.helo.as_deref().map(str::as_bytes),
    };
    message(ip, &identities, args).map_err(|error| error.to_string())
}

/// `softfail   192.0.2.1  a@example.com  ~all of example.com`
fn human_line(message: &Message, evaluation: &Evaluation) -> String {
    let longest = SpfResult::Permerror.as_str().len();
    let result = evaluation.result.as_str();
    let pad = longest.saturating_sub(result.len());
    let sender = escape::octets(&message.sender());
    let why = match (&evaluation.problem, evaluation.matched()) {
        (Some(problem), _) => escape::message(&problem.to_string()),
        (None, Some(term)) => format!("{} of {}", escape::text(&term.term()), term.domain()),
        (None, None) => String::new(),
    };
    let ip = message.ip().to_string();
    let why = if why.is_empty() { why } else { format!("  {}", paint(DIM, why)) };
    format!("{}{:pad$}  {ip:15}  {sender}{why}\n", paint(of_result(evaluation.result), result), "")
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, CliError> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|error| CliError::read(path, error))?;
    Ok(Box::new(BufReader::new(file)))
}

/// The next line without its end; `None` behind the last. A line over
/// [`LINE_OCTETS`] is an error: no message needs one.
fn next_line(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut bounded = input.take(LINE_OCTETS + 1);
    if bounded.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 > LINE_OCTETS {
        return Err(io::Error::other("a line of over 1 MiB"));
    }
    Ok(Some(line))
}
