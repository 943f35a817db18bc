//! Where records stand in the files that they were read from.
//!
//! Offsets, lines and columns only. Reading files, and knowing what their
//! formats mean, is for others.

use std::ops::Range;
use std::sync::Arc;

use crate::name::DomainName;
use crate::syntax::Span;

/// A file with the SPF records, and what may be meant to be one, that it holds.
#[derive(Clone, Debug)]
pub struct File {
    path: Arc<str>,
    text: Box<[u8]>,
    records: Vec<FileRecord>,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// A record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// The name that it is for; `None` for a record without one.
    pub owner: Option<DomainName>,
    /// Its octets, character-strings joined.
    pub octets: Box<[u8]>,
    /// The octets of each of its character-strings; empty where the format of
    /// the file knows none.
    pub strings: Vec<usize>,
    /// Where each of the octets begins in the file, and where the last one ends:
    /// one more than there are octets, rising.
    pub offsets: Vec<usize>,
    /// The octets of the file that make up the whole entry.
    pub entry: Range<usize>,
}

/// A place in a file, fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// The file, as the user named it.
    pub path: Arc<str>,
    /// The first character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Octets of the file before it.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters; each octet that is no UTF-8 counts as one.
    pub column: usize,
}

impl File {
    /// A file with its records, in any order.
    pub fn new(
        path: impl Into<Arc<str>>,
        text: impl Into<Box<[u8]>>,
        records: Vec<FileRecord>,
    ) -> File {
        let text = text.into();
        let ends = text.iter().enumerate().filter(|(_, octet)| **octet == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        File { path: path.into(), text, records, lines }
    }

    /// The file, as the user named it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The octets of the file.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The records, in the order of the file.
    pub fn records(&self) -> &[FileRecord] {
        &self.records
    }

    /// The record of this owner with these octets.
    pub fn record(&self, owner: Option<&DomainName>, octets: &[u8]) -> Option<&FileRecord> {
        let same =
            |record: &&FileRecord| record.owner.as_ref() == owner && *record.octets == *octets;
        self.records.iter().find(same)
    }

    /// Where octets of a record stand; all of its entry without a span.
    pub fn place(&self, record: &FileRecord, span: Option<Span>) -> FilePlace {
        let range = match span {
            None => record.entry.clone(),
            Some(span) => record.range(span),
        };
        self.range_place(range)
    }

    /// The lines and columns of some octets of the file.
    pub fn range_place(&self, octets: Range<usize>) -> FilePlace {
        FilePlace {
            path: self.path.clone(),
            start: self.position(octets.start),
            end: self.position(octets.end.max(octets.start)),
        }
    }

    fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        // The first line begins at 0, so at least one begins at or before the offset.
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        let characters =
            before.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len());
        Position { offset, line, column: 1 + characters.sum::<usize>() }
    }
}

impl FileRecord {
    /// The octets of the file that hold the octets of a span.
    pub fn range(&self, span: Span) -> Range<usize> {
        let at = |octet: u32| {
            self.offsets.get(octet as usize).or(self.offsets.last()).copied().unwrap_or_default()
        };
        let start = at(span.start);
        // What stands between two character-strings belongs to neither.
        let end = match (span.end as usize).checked_sub(1).and_then(|last| self.offsets.get(last)) {
            Some(last) if span.end > span.start => self.octet_end(*last, at(span.end)),
            _ => start,
        };
        start..end.max(start)
    }

    /// Where the octet that begins at `start` ends, `next` being where the one
    /// behind it begins: earlier where a string ends between them.
    fn octet_end(&self, start: usize, next: usize) -> usize {
        let mut ends = self.strings.iter().scan(0, |at, octets| {
            *at += octets;
            Some(*at)
        });
        let breaks = ends.any(|end| {
            end > 0 && self.offsets.get(end - 1) == Some(&start) && end < self.octets.len()
        });
        if breaks { start + 1 } else { next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a TXT "v=spf1 " "-all"` with a line before it that is not ASCII.
    fn file() -> File {
        let text = "; \u{e9}\na TXT \"v=spf1 \" \"-all\"\n";
        let base = text.find("v=").unwrap();
        let second = text.find("-all").unwrap();
        let offsets = (base..base + 7).chain(second..=second + 4).collect();
        let record = FileRecord {
            owner: None,
            octets: Box::from(&b"v=spf1 -all"[..]),
            strings: vec![7, 4],
            offsets,
            entry: text.find("a TXT").unwrap()..text.len() - 1,
        };
        File::new("a.zone", text.as_bytes(), vec![record])
    }

    fn shown(file: &File, span: Option<Span>) -> (String, (usize, usize), (usize, usize)) {
        let place = file.place(&file.records()[0], span);
        let text = &file.text()[place.start.offset..place.end.offset];
        let at = |position: Position| (position.line, position.column);
        (String::from_utf8_lossy(text).into_owned(), at(place.start), at(place.end))
    }

    #[test]
    fn octets_have_lines_and_columns() {
        let file = file();
        assert_eq!(shown(&file, Some(Span::new(0, 6))), ("v=spf1".to_owned(), (2, 8), (2, 14)));
        assert_eq!(shown(&file, Some(Span::new(7, 11))), ("-all".to_owned(), (2, 18), (2, 22)));
        assert_eq!(shown(&file, Some(Span::new(11, 11))).1, (2, 22));
        assert_eq!(shown(&file, None), ("a TXT \"v=spf1 \" \"-all\"".to_owned(), (2, 1), (2, 23)));
        assert_eq!(file.range_place(4..4).start.column, 4);
        assert_eq!(file.range_place(900..901).start, file.range_place(file.text().len()..0).end);
    }

    #[test]
    fn a_span_that_ends_with_a_string_ends_before_its_quote() {
        assert_eq!(shown(&file(), Some(Span::new(6, 7))).0, " ");
        assert_eq!(shown(&file(), Some(Span::new(0, 11))).0, "v=spf1 \" \"-all");
    }

    #[test]
    fn records_are_found_by_owner_and_octets() {
        let file = file();
        assert!(file.record(None, b"v=spf1 -all").is_some());
        assert!(file.record(None, b"v=spf1 ~all").is_none());
        assert!(file.record(Some(&DomainName::root()), b"v=spf1 -all").is_none());
    }
}
