//! A record on one line of a terminal, cut around the octets that are meant.

use std::fmt::Write;

use crate::syntax::Span;

/// Octets shown before the meant ones when a long record is cut.
const CONTEXT_COLUMNS: usize = 24;
/// Stands for what was cut off.
const CUT: &str = "...";

/// A line of a record with another one that marks octets in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The record, or a part of it, in printable ASCII.
    pub(super) line: String,
    /// Blanks, then a caret under each column that is meant; empty when the
    /// whole record is.
    pub(super) marks: String,
}

/// Cuts a line of at most about `width` columns out of `record`.
pub(super) fn excerpt(record: &[u8], span: Option<Span>, width: usize) -> Excerpt {
    let width = width.max(2 * CUT.len() + CONTEXT_COLUMNS + 8);
    let room = width - 2 * CUT.len();
    let length = record.len();
    let meant = span.map_or((0, 0), |span| {
        ((span.start as usize).min(length), (span.end as usize).min(length))
    });
    let whole = columns(record) <= width;
    let from = if whole { 0 } else { back(record, meant.0, room) };
    let to = if whole { length } else { forward(record, from, room) };
    let mut line = String::new();
    if from > 0 {
        line.push_str(CUT);
    }
    let mut marks = " ".repeat(line.len());
    for (at, &octet) in record.iter().enumerate().take(to).skip(from) {
        let before = line.len();
        push(octet, &mut line);
        let mark = if (meant.0..meant.1).contains(&at) { "^" } else { " " };
        if at < meant.1 || at == meant.0 {
            marks.push_str(&mark.repeat(line.len() - before));
        }
    }
    if to < length {
        line.push_str(CUT);
    }
    let mut marks = match span {
        None => String::new(),
        Some(_) if meant.0 >= meant.1 => {
            " ".repeat(marks.trim_end().len().max(prefix(record, from, meant.0))) + "^"
        }
        Some(_) => marks.trim_end().to_owned(),
    };
    if marks.trim().is_empty() {
        marks.clear();
    }
    Excerpt { line, marks }
}

/// Columns in front of the octet at `at` in a line that begins at `from`.
fn prefix(record: &[u8], from: usize, at: usize) -> usize {
    let cut = if from > 0 { CUT.len() } else { 0 };
    cut + columns(record.get(from..at).unwrap_or_default())
}

/// Where a line begins that shows the octet at `start` with some before it;
/// near the end of the record more of them fit.
fn back(record: &[u8], start: usize, room: usize) -> usize {
    let behind = columns(&record[start..]).min(room);
    let before = CONTEXT_COLUMNS.max(room - behind);
    let mut used = 0;
    let mut from = start;
    while from > 0 && used + width_of(record[from - 1]) <= before {
        from -= 1;
        used += width_of(record[from]);
    }
    from
}

/// Where a line of `room` columns ends that begins at `from`.
fn forward(record: &[u8], from: usize, room: usize) -> usize {
    let mut used = 0;
    let mut to = from;
    while to < record.len() && used + width_of(record[to]) <= room {
        used += width_of(record[to]);
        to += 1;
    }
    to
}

fn columns(octets: &[u8]) -> usize {
    octets.iter().map(|octet| width_of(*octet)).sum()
}

fn width_of(octet: u8) -> usize {
    if is_shown(octet) { 1 } else { 4 }
}

fn is_shown(octet: u8) -> bool {
    matches!(octet, b' '..=b'~')
}

fn push(octet: u8, line: &mut String) {
    if is_shown(octet) {
        line.push(char::from(octet));
    } else {
        let _ = write!(line, "\\x{octet:02x}");
    }
}

/// Text as a terminal may have it: all but printable ASCII escaped.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for &octet in text.as_bytes() {
        push(octet, &mut shown);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(record: &[u8], span: (usize, usize), width: usize) -> (String, String) {
        let excerpt = excerpt(record, Some(Span::new(span.0, span.1)), width);
        (excerpt.line, excerpt.marks)
    }

    /// The columns above the carets.
    fn above(line: &str, marks: &str) -> String {
        line.chars().zip(marks.chars()).filter(|(_, mark)| *mark == '^').map(|(c, _)| c).collect()
    }

    #[test]
    fn marks_the_octets_that_are_meant() {
        assert_eq!(
            shown(b"v=spf1 a -all", (7, 8), 80),
            ("v=spf1 a -all".to_owned(), "       ^".to_owned())
        );
        assert_eq!(shown(b"v=spf1 \x1b[2J", (7, 8), 80).0, "v=spf1 \\x1b[2J");
        assert_eq!(shown(b"v=spf1 \x1b[2J", (7, 8), 80).1, "       ^^^^");
        assert_eq!(shown(b"v=spf1 include:", (15, 15), 80).1, format!("{}^", " ".repeat(15)));
        assert_eq!(excerpt(b"v=spf1", None, 80).marks, "");
    }

    #[test]
    fn cuts_long_records_around_the_octets() {
        let mut record = b"v=spf1 ".to_vec();
        record.extend(b"ip4:192.0.2.1 ".repeat(40));
        let start = record.len();
        record.extend(b"ptr ");
        record.extend(b"ip4:192.0.2.1 ".repeat(40));
        let (line, marks) = shown(&record, (start, start + 3), 80);
        assert!(line.starts_with("...") && line.ends_with("...") && line.len() <= 80, "{line}");
        assert_eq!(above(&line, &marks), "ptr");
        let end = record.len();
        let (line, marks) = shown(&record, (end - 4, end - 1), 80);
        assert!(line.starts_with("...") && !line.ends_with("..."), "{line}");
        assert_eq!(above(&line, &marks), "2.1");
    }

    proptest! {
        #[test]
        fn any_octets_stay_on_one_printable_line(
            record in proptest::collection::vec(any::<u8>(), 0..400),
            start in 0usize..420, length in 0usize..50, width in 0usize..200,
        ) {
            let (line, marks) = shown(&record, (start, start + length), width);
            prop_assert!(line.bytes().all(is_shown));
            prop_assert!(line.len() <= width.max(38) + 3);
            prop_assert!(marks.bytes().all(|octet| matches!(octet, b' ' | b'^')));
            prop_assert!(marks.len() <= line.len() + 1);
            prop_assert!(marks.ends_with('^') || marks.is_empty());
        }
    }
}
