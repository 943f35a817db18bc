//! Files of records and domains, one a line, as targets of `spfc lint`.

use std::ops::Range;
use std::sync::Arc;

use super::super::usage::{UsageError, read_domain};
use crate::lint::{File, FileRecord, Subject, Unreadable};
use crate::syntax::is_spf_record;

/// The lines of a file of records and domains; `None` for any other file.
pub(super) fn lines(text: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let begin = at + line.len() - line.trim_ascii_start().len();
        let trimmed = line.trim_ascii();
        at += line.len();
        if trimmed.is_empty() || trimmed.starts_with(b"#") {
            continue;
        }
        let one_word = !trimmed.iter().any(u8::is_ascii_whitespace);
        if !begins_as_record(trimmed) && (!one_word || trimmed.starts_with(b"$")) {
            return None;
        }
        lines.push(begin..begin + trimmed.len());
    }
    Some(lines)
}

/// What a line of a list names.
///
/// # Errors
///
/// A line that is neither a record nor a domain, or a domain without DNS.
pub(super) fn subject_of_line(line: &[u8], offline: bool) -> Result<Subject, UsageError> {
    if begins_as_record(line) {
        return Ok(Subject::record(line, None));
    }
    let domain = read_domain(&String::from_utf8_lossy(line))?;
    if offline { Err(UsageError::Offline(domain)) } else { Ok(Subject::domain(domain)) }
}

/// Whether a line is a record rather than a domain.
pub(super) fn begins_as_record(line: &[u8]) -> bool {
    is_spf_record(line) || line.len() >= 6 && line[..6].eq_ignore_ascii_case(b"v=spf1")
}

/// What each line names; a line that names nothing does not hide the others.
pub(super) fn read_list(
    shown: &str,
    text: Vec<u8>,
    lines: Vec<Range<usize>>,
) -> Vec<Result<Subject, Unreadable>> {
    let line = |range: Range<usize>| {
        let line = text.get(range.clone()).unwrap_or_default();
        if begins_as_record(line) {
            let record = FileRecord::plain(None, &text, range);
            return (record, Ok(Subject::record(line, None)));
        }
        let domain = read_domain(&String::from_utf8_lossy(line));
        let record = FileRecord {
            owner: domain.as_ref().ok().cloned(),
            octets: Box::default(),
            strings: Vec::new(),
            written: Vec::new(),
            entry: range,
        };
        (record, domain.map(Subject::domain))
    };
    let (records, subjects): (Vec<_>, Vec<_>) = lines.into_iter().map(line).unzip();
    let file = Arc::new(File::new(shown, text, records));
    let mut read = Vec::with_capacity(subjects.len());
    for (entry, subject) in subjects.into_iter().enumerate() {
        let place = file.records().get(entry).map(|record| file.place(record, None));
        read.push(match subject {
            Ok(subject) => Ok(Subject { file: Some(file.clone()), entry: Some(entry), ..subject }),
            Err(error) => {
                Err(Unreadable { path: file.path().into(), place, message: error.to_string() })
            }
        });
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lists_from_zone_files() {
        assert_eq!(lines(b"example.com\r\n\n# more\n  v=spf1 -all \n").unwrap(), [0..11, 23..34]);
        assert!(lines(b"$ORIGIN example.com.\n@ 300 IN TXT \"v=spf1 -all\"\n").is_none());
        assert!(lines(b"example.com. 300 IN TXT \"v=spf1 -all\"\n").is_none());
    }

    #[test]
    fn lines_have_their_places() {
        let text = b"a.test\nv=spf1 -all\na..b\nv=spf1 -all\n".to_vec();
        let found = lines(&text).unwrap();
        let read = read_list("list", text, found);
        assert_eq!(read.len(), 4);
        let second = read[3].as_ref().unwrap();
        let file = second.file.as_ref().unwrap();
        let record = &file.records()[second.entry.unwrap()];
        assert_eq!(file.place(record, None).start.line, 4);
        let wrong = read[2].as_ref().unwrap_err();
        assert_eq!(wrong.place.as_ref().unwrap().start.line, 3);
        assert_eq!(wrong.message, "'a..b' has an empty label");
    }
}
