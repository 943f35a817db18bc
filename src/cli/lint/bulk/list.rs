//! The targets of a bulk run: arguments, and lists of domains and records that
//! are read a line at a time, on a thread of their own, as they are wanted.
//!
//! Files are lists here, and nothing else: whether a file is a zone file cannot
//! be seen before its end.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::mpsc::{Receiver, channel};

use super::super::list::{begins_as_record, subject_of_line};
use super::super::subjects::note_file_of_that_name;
use crate::cli::error::{CliError, shown};
use crate::cli::output::Session;
use crate::cli::target::Target;
use crate::cli::usage::UsageError;
use crate::dns::SourceError;
use crate::escape;
use crate::lint::Subject;

/// Octets of a line at most: those of the longest TXT record.
const LINE_OCTETS: u64 = 65_535;

/// One target, or why a line names none.
pub(super) type Job = Result<Subject, LineError>;

/// A line that names no target, with its place.
#[derive(Debug, Error)]
#[error("{place}: {fault}")]
pub(super) struct LineError {
    place: Place,
    fault: LineFault,
}

/// What is wrong with a line.
#[derive(Debug, Error)]
enum LineFault {
    /// It is no domain, or one where none can be asked for.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// Several words, or characters that no mail domain has.
    #[error("'{0}' is neither a domain nor an SPF record")]
    Neither(String),
    /// A line that is longer than any record.
    #[error("the line is over {LINE_OCTETS} octets")]
    Long,
    /// The list cannot be read on.
    #[error("cannot read on: {0}")]
    Read(io::Error),
}

/// A line of a list.
#[derive(Clone, Debug)]
struct Place {
    list: Arc<str>,
    line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.list, self.line)
    }
}

/// All targets of a run, not yet read.
pub(super) struct Lists {
    inputs: Vec<Input>,
    offline: bool,
}

enum Input {
    Target(Box<Subject>),
    List { name: Arc<str>, file: Option<File> },
}

impl Lists {
    /// Reads the arguments and opens all lists.
    ///
    /// # Errors
    ///
    /// An argument that is no target, a file that cannot be opened or is known
    /// by its name to be no list.
    pub(super) fn open(
        targets: &[String],
        files: &[String],
        offline: bool,
        session: &Session,
    ) -> Result<Lists, CliError> {
        if targets.is_empty() && files.is_empty() {
            return Err(UsageError::NothingToLint.into());
        }
        let mut inputs = Vec::new();
        for target in targets {
            inputs.push(match Target::read(target) {
                Target::File(path, _) => {
                    let suffix = path.extension().map(|suffix| suffix.to_ascii_lowercase());
                    if suffix.is_some_and(|suffix| suffix != "txt") {
                        return Err(UsageError::NoList(shown(&path)).into());
                    }
                    list(&path)?
                }
                Target::Record(record) => Input::Target(Box::new(Subject::record(record, None))),
                Target::Domain(domain) => {
                    note_file_of_that_name(&domain, session);
                    Input::Target(Box::new(subject_of_line(domain.as_bytes(), offline)?))
                }
            });
        }
        for file in files {
            inputs.push(list(Path::new(file))?);
        }
        Ok(Lists { inputs, offline })
    }

    /// How many targets there are; `None` where that is not known before the end.
    pub(super) fn count(&self) -> Option<u64> {
        let mut count = 0;
        for input in &self.inputs {
            count += match input {
                Input::Target(_) => 1,
                Input::List { file, .. } => lines_of(file.as_ref()?)?,
            };
        }
        Some(count)
    }

    /// Reads all targets in their order, `ahead` of them before they are taken.
    ///
    /// # Errors
    ///
    /// The operating system gives no thread.
    pub(super) fn read(self, ahead: usize) -> Result<Receiver<Job>, CliError> {
        let (sender, receiver) = channel(ahead.max(1));
        let read = move || {
            // Nobody listens any more: the run has ended.
            let mut give = |subject| sender.blocking_send(subject).is_ok();
            for input in self.inputs {
                let going = match input {
                    Input::Target(subject) => give(Ok(*subject)),
                    Input::List { name, file: Some(file) } => {
                        read_list(&mut BufReader::new(file), &name, self.offline, &mut give)
                    }
                    Input::List { name, file: None } => {
                        read_list(&mut io::stdin().lock(), &name, self.offline, &mut give)
                    }
                };
                if !going {
                    return;
                }
            }
        };
        // Not waited for: it may be waiting for a line that never comes.
        std::thread::Builder::new().spawn(read).map_err(SourceError::Runtime)?;
        Ok(receiver)
    }
}

fn list(path: &Path) -> Result<Input, CliError> {
    if path == Path::new("-") {
        return Ok(Input::List { name: "standard input".into(), file: None });
    }
    let file = File::open(path).map_err(|error| CliError::read(path, error))?;
    // A folder can be opened, but not read.
    let folder = file.metadata().is_ok_and(|metadata| metadata.is_dir());
    if folder {
        return Err(CliError::read(path, io::ErrorKind::IsADirectory.into()));
    }
    Ok(Input::List { name: shown(path).into(), file: Some(file) })
}

/// The lines of a file that name targets, if it can be read twice.
fn lines_of(file: &File) -> Option<u64> {
    use std::io::Seek;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut reader = BufReader::new(file);
    let mut count = 0;
    let mut line = Vec::new();
    while next_line(&mut reader, &mut line).ok()?.is_some() {
        count += u64::from(!is_skipped(&line));
    }
    reader.rewind().ok()?;
    Some(count)
}

/// Gives each target of a list, until nobody takes them: then `false`.
fn read_list(
    reader: &mut dyn BufRead,
    name: &Arc<str>,
    offline: bool,
    give: &mut dyn FnMut(Job) -> bool,
) -> bool {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let at = |fault| LineError { place: Place { list: name.clone(), line: number }, fault };
        let subject = match next_line(reader, &mut line) {
            Ok(None) => return true,
            Ok(Some(Line::Whole)) if is_skipped(&line) => continue,
            Ok(Some(Line::Whole)) => read_line(&line, offline),
            Ok(Some(Line::Long)) => Err(LineFault::Long),
            Err(error) => return give(Err(at(LineFault::Read(error)))),
        };
        if !give(subject.map_err(at)) {
            return false;
        }
    }
}

fn read_line(line: &[u8], offline: bool) -> Result<Subject, LineFault> {
    let line = line.trim_ascii();
    let of_mail_domain = |character: char| {
        character.is_ascii_alphanumeric() || !character.is_ascii() || "-_.".contains(character)
    };
    let text = String::from_utf8_lossy(line);
    if !begins_as_record(line) && !text.chars().all(of_mail_domain) {
        let begin: String = text.chars().take(60).collect();
        return Err(LineFault::Neither(escape::text(&begin)));
    }
    Ok(subject_of_line(line, offline)?)
}

/// Blank lines and comments.
fn is_skipped(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), [] | [b'#', ..])
}

enum Line {
    Whole,
    /// Cut: the rest was passed by.
    Long,
}

/// Reads the next line with its end; `None` behind the last.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<Line>> {
    line.clear();
    // One more for the line feed.
    if (&mut *reader).take(LINE_OCTETS + 1).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 <= LINE_OCTETS || line.ends_with(b"\n") {
        return Ok(Some(Line::Whole));
    }
    reader.skip_until(b'\n')?;
    Ok(Some(Line::Long))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The labels of a list's targets, and its errors.
    fn read(text: &[u8]) -> Vec<Result<String, String>> {
        let mut found = Vec::new();
        let mut give = |subject: Job| {
            found.push(subject.map(|s| s.label).map_err(|error| error.to_string()));
            true
        };
        assert!(read_list(&mut &*text, &"list".into(), false, &mut give));
        found
    }

    #[test]
    fn lines_are_domains_or_records() {
        let text = "a.test\r\n\n# no\n v=spf1 -all \nBÜCHER.test\na..b\nhttps://c.test/\n1,d.test\n_e.test";
        let found = read(text.as_bytes());
        let expected = [
            Ok("a.test"),
            Ok("v=spf1 -all"),
            Ok("xn--bcher-kva.test"),
            Err("list:6: 'a..b' has an empty label"),
            Err("list:7: 'https://c.test/' is neither a domain nor an SPF record"),
            Err("list:8: '1,d.test' is neither a domain nor an SPF record"),
            Ok("_e.test"),
        ];
        let expected: Vec<_> =
            expected.map(|line| line.map(str::to_owned).map_err(str::to_owned)).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_long_line_is_passed_by() {
        let fits = LINE_OCTETS as usize - "v=spf1 ".len();
        for (octets, whole) in [(fits, true), (fits + 1, false), (1_000_000, false)] {
            let text = format!("v=spf1 {}\na.test\n", "x".repeat(octets));
            let found = read(text.as_bytes());
            assert_eq!((found.len(), found[0].is_ok()), (2, whole), "{octets}");
            assert_eq!(found[1], Ok("a.test".to_owned()));
        }
    }

    #[test]
    fn reading_stops_when_nobody_listens() {
        let mut count = 0;
        let mut give = |_| {
            count += 1;
            count < 2
        };
        assert!(!read_list(&mut &b"a.test\nb.test\nc.test\n"[..], &"list".into(), true, &mut give));
        assert_eq!(count, 2);
    }

    proptest! {
        #[test]
        fn any_octets_are_targets_or_errors(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let lines = text.split(|octet| *octet == b'\n');
            let wanted = lines.filter(|line| !is_skipped(line)).count();
            let found = read(&text);
            prop_assert_eq!(found.len(), wanted);
            for error in found.into_iter().filter_map(Result::err) {
                prop_assert!(!error.chars().any(escape::is_hostile), "{}", error);
            }
        }
    }
}
