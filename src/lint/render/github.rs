//! For GitHub Actions: a workflow command for each finding, which GitHub shows
//! as an annotation of the line that is meant.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step; the log has
//! all of them.

use std::fmt::Write;

use crate::escape;
use crate::lint::{FilePlace, Severity, Unreadable};

use super::{Run, Shown};

/// What files that cannot be read are called.
const UNREADABLE: &str = "unreadable file";

/// All findings of a run, a line each; nothing where there are none.
pub fn github(run: &Run<'_>) -> String {
    let mut out = String::new();
    for shown in run.findings() {
        let Shown { diagnostic, .. } = shown;
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let title = format!("{} {}", diagnostic.rule.code, diagnostic.rule.name);
        write_command(command, shown.place(), &title, &shown.message(), &mut out);
    }
    for Unreadable { path, place, message } in run.unreadable {
        let message = escape::text(message);
        match place {
            Some(place) => write_command("error", Some(place), UNREADABLE, &message, &mut out),
            None => {
                let message = format!("{}: {message}", escape::text(path));
                write_command("error", None, UNREADABLE, &message, &mut out);
            }
        }
    }
    out
}

fn write_command(
    command: &str,
    place: Option<&FilePlace>,
    title: &str,
    message: &str,
    out: &mut String,
) {
    let _ = write!(out, "::{command} ");
    if let Some(FilePlace { path, start, end }) = place {
        let path = escape::text(path.strip_prefix("./").unwrap_or(path));
        let _ = write!(out, "file={},line={},col={}", property(&path), start.line, start.column);
        let _ = write!(out, ",endLine={},endColumn={},", end.line, end.column);
    }
    let _ = writeln!(out, "title={}::{}", property(title), data(message));
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Position;
    use proptest::prelude::*;

    /// What GitHub's runner makes of an escaped text.
    fn decoded(text: &str) -> String {
        let escapes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
        escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// The properties and the text of a command, as GitHub's runner reads them.
    fn read(line: &str) -> (Vec<(String, String)>, String) {
        let line = line.strip_prefix("::error ").unwrap().strip_suffix('\n').unwrap();
        let (properties, text) = line.split_once("::").unwrap();
        let property = |property: &str| {
            let (key, value) = property.split_once('=').unwrap();
            (key.to_owned(), decoded(value))
        };
        (properties.split(',').map(property).collect(), decoded(text))
    }

    proptest! {
        #[test]
        fn any_text_reads_back(
            path in "(.|%|:|,|=|::|\u{2028}|\x1b){1,9}",
            title in "(.|%|\r|\n|:|,|=|::error ){1,9}",
            message in "(.|%25|%0A|\r|\n|::error|::|\u{2028}){0,9}",
        ) {
            let at = |column| Position { offset: 0, line: 3, column };
            let place = FilePlace { path: path.as_str().into(), start: at(7), end: at(9) };
            let mut out = String::new();
            write_command("error", Some(&place), &title, &message, &mut out);
            prop_assert!(!out.trim_end_matches('\n').contains(['\r', '\n']), "{}", out);
            let (properties, text) = read(&out);
            prop_assert_eq!(text, message);
            let shown = escape::text(path.strip_prefix("./").unwrap_or(&path));
            let expected = [
                ("file", shown.as_str()), ("line", "3"), ("col", "7"), ("endLine", "3"),
                ("endColumn", "9"), ("title", title.as_str()),
            ];
            let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
            prop_assert_eq!(properties, expected);
        }
    }
}
