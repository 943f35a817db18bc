//! Where records stand in the files that they were read from.
//!
//! Offsets, lines and columns only. Reading files, and knowing what their
//! formats mean, is for others; what could not be read is only told here.

use std::ops::Range;
use std::sync::Arc;

use crate::name::DomainName;
use crate::syntax::Span;

/// Octets that a character-string holds (RFC 1035 section 3.3).
const STRING_OCTETS: usize = 255;

/// A file with the SPF records, and what may be meant to be one, that it holds.
#[derive(Clone, Debug)]
pub struct File {
    path: Arc<str>,
    text: Box<[u8]>,
    records: Vec<FileRecord>,
    /// The records' indices, by owner and octets.
    order: Vec<usize>,
    /// Where each line begins.
    lines: Vec<usize>,
    included: Vec<Arc<File>>,
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
    /// The octets of the file that stand for each of the octets, escapes
    /// included; empty where that cannot be told, and then the record cannot be
    /// edited in its place.
    pub written: Vec<Range<usize>>,
    /// The octets of the file that make up the whole entry.
    pub entry: Range<usize>,
}

/// A file, or a line of one, that cannot be read as what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The file, as the user named it.
    pub path: Arc<str>,
    /// Where it cannot be read; `None` where it cannot be opened at all.
    pub place: Option<FilePlace>,
    /// What is wrong with it. May hold any text.
    pub message: String,
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
        let mut order: Vec<usize> = (0..records.len()).collect();
        let key = |index: &usize| records.get(*index).map(|record| (&record.owner, &record.octets));
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        File { path: path.into(), text, records, order, lines, included: Vec::new() }
    }

    /// The same with the files that it includes, one zone with it.
    pub fn including(self, included: Vec<Arc<File>>) -> File {
        File { included, ..self }
    }

    /// The files that it includes.
    pub fn included(&self) -> &[Arc<File>] {
        &self.included
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

    /// The record of this owner with these octets, the first where there are
    /// several. What it includes is not looked at.
    pub fn record(&self, owner: Option<&DomainName>, octets: &[u8]) -> Option<&FileRecord> {
        let before =
            |record: &FileRecord| (record.owner.as_ref(), &*record.octets) < (owner, octets);
        self.first_behind(before)
            .filter(|record| record.owner.as_ref() == owner && *record.octets == *octets)
    }

    /// Some record of this owner. What it includes is not looked at.
    pub fn record_of(&self, owner: Option<&DomainName>) -> Option<&FileRecord> {
        let found = self.first_behind(|record| record.owner.as_ref() < owner)?;
        (found.owner.as_ref() == owner).then_some(found)
    }

    /// All records of this owner, in the order of the file. What it includes is
    /// not looked at.
    pub fn records_of(&self, owner: Option<&DomainName>) -> impl Iterator<Item = &FileRecord> {
        let of = |index: &usize| self.records.get(*index).and_then(|record| record.owner.as_ref());
        let first = self.order.partition_point(|index| of(index) < owner);
        let sorted = self.order.get(first..).unwrap_or_default();
        let mut own: Vec<usize> =
            sorted.iter().copied().take_while(|index| of(index) == owner).collect();
        own.sort_unstable();
        own.into_iter().filter_map(|index| self.records.get(index))
    }

    /// The octets of all records of this owner, in this file and those that it
    /// includes.
    pub fn texts_of(&self, owner: &DomainName) -> impl Iterator<Item = &[u8]> {
        let files = std::iter::once(self).chain(self.included.iter().map(Arc::as_ref));
        files.flat_map(move |file| file.records_of(Some(owner))).map(|record| &*record.octets)
    }

    fn first_behind(&self, before: impl Fn(&FileRecord) -> bool) -> Option<&FileRecord> {
        let is_before = |index: &usize| self.records.get(*index).is_some_and(&before);
        self.records.get(*self.order.get(self.order.partition_point(is_before))?)
    }

    /// Where octets of the record with this owner and these octets stand, in
    /// this file or one that it includes; without octets, some record of the owner.
    pub fn find(
        &self,
        owner: Option<&DomainName>,
        octets: Option<&[u8]>,
        span: Option<Span>,
    ) -> Option<FilePlace> {
        let files = std::iter::once(self).chain(self.included.iter().map(Arc::as_ref));
        let place = |file: &File| {
            let record = match octets {
                Some(octets) => file.record(owner, octets)?,
                None => file.record_of(owner)?,
            };
            Some(file.place(record, span))
        };
        files.filter_map(place).next()
    }

    /// Where octets of a record of this file or an included one stand, if `text`
    /// can take their place as it is: with nothing to escape, and inside of one
    /// character-string that may hold it.
    pub fn editable(
        &self,
        owner: Option<&DomainName>,
        octets: &[u8],
        span: Span,
        text: &str,
    ) -> Option<FilePlace> {
        let mut files = std::iter::once(self).chain(self.included.iter().map(Arc::as_ref));
        let (file, record) = files.find_map(|file| Some((file, file.record(owner, octets)?)))?;
        let plain =
            |octet: u8| octet == b' ' || octet.is_ascii_graphic() && !b"\"'\\;#".contains(&octet);
        let (start, end) = (span.start as usize, span.end as usize);
        let string = record.string_at(start, end)?;
        // A character-string without quotes ends with its first blank.
        let first = record.written.get(string.start)?.start;
        let quoted = first.checked_sub(1).and_then(|before| file.text.get(before));
        let quoted = record.strings.is_empty() || quoted == Some(&b'"');
        let longest = string.len() - (end - start) + text.len();
        let fits = record.strings.is_empty() || longest <= STRING_OCTETS;
        let fit = text.bytes().all(plain) && (quoted || !text.contains(' ')) && fits;
        fit.then(|| file.place(record, Some(span)))
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
    /// A record that stands in its file as it is: nothing is quoted or escaped.
    pub fn plain(owner: Option<DomainName>, text: &[u8], entry: Range<usize>) -> FileRecord {
        let octets = text.get(entry.clone()).unwrap_or_default();
        let written = entry.clone().take(octets.len()).map(|at| at..at + 1).collect();
        FileRecord { owner, octets: octets.into(), strings: Vec::new(), written, entry }
    }

    /// Whether the file says for each octet where it stands.
    pub fn is_exact(&self) -> bool {
        self.written.len() == self.octets.len()
    }

    /// The octets of the character-string that holds all of these octets; `None`
    /// where they lie in several, or where the file does not tell them.
    fn string_at(&self, start: usize, end: usize) -> Option<Range<usize>> {
        if !self.is_exact() || start > end || end > self.octets.len() {
            return None;
        }
        if self.strings.is_empty() {
            return Some(0..self.octets.len());
        }
        let mut at = 0;
        let mut strings = self.strings.iter().map(|octets| {
            at += octets;
            at - octets..at
        });
        strings.find(|string| string.start <= start && end <= string.end && !string.is_empty())
    }

    /// The octets of the file that hold the octets of a span; the whole entry
    /// where that cannot be told. What stands between two character-strings
    /// belongs to neither.
    pub fn range(&self, span: Span) -> Range<usize> {
        let (first, last) = (self.written.first(), self.written.last());
        let (true, Some(first), Some(last)) = (self.is_exact(), first, last) else {
            return self.entry.clone();
        };
        let start = match self.written.get(span.start as usize) {
            Some(octet) => octet.start,
            None => last.end,
        };
        let behind = span.end.checked_sub(1).filter(|_| span.end > span.start);
        let end = match behind.map(|at| self.written.get(at as usize)) {
            Some(Some(octet)) => octet.end,
            Some(None) => last.end,
            None => start,
        };
        start.max(first.start)..end.max(start)
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
        let written = (base..base + 7).chain(second..second + 4).map(|at| at..at + 1).collect();
        let record = FileRecord {
            owner: None,
            octets: Box::from(&b"v=spf1 -all"[..]),
            strings: vec![7, 4],
            written,
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
        assert!(file.record_of(None).is_some());
        assert!(file.record_of(Some(&DomainName::root())).is_none());
        let above = File::new("b.zone", &b""[..], Vec::new()).including(vec![Arc::new(file)]);
        assert!(above.record(None, b"v=spf1 -all").is_none());
        let found = above.find(None, Some(b"v=spf1 -all"), Some(Span::new(0, 2))).unwrap();
        assert_eq!((&*found.path, found.start.line, found.start.column), ("a.zone", 2, 8));
    }

    #[test]
    fn the_records_of_an_owner_stand_in_the_order_of_the_file() {
        let (a, b) = (DomainName::parse("a.test").unwrap(), DomainName::parse("b.test").unwrap());
        let record =
            |owner: &DomainName, at| FileRecord::plain(Some(owner.clone()), b"3210", at..at + 1);
        let records = vec![record(&b, 0), record(&a, 1), record(&b, 2), record(&b, 3)];
        let file = File::new("z", &b"3210"[..], records);
        let of = |owner| file.texts_of(owner).collect::<Vec<_>>();
        assert_eq!((of(&a), of(&b)), (vec![&b"2"[..]], vec![&b"3"[..], b"1", b"0"]));
        assert!(of(&DomainName::root()).is_empty() && file.records_of(None).next().is_none());
    }

    #[test]
    fn records_that_are_not_told_to_the_octet_are_entries() {
        let mut file = file();
        file.records[0].written.clear();
        assert!(!file.records[0].is_exact());
        assert_eq!(shown(&file, Some(Span::new(0, 6))).0, "a TXT \"v=spf1 \" \"-all\"");
    }

    #[test]
    fn edits_stay_inside_of_a_string() {
        let file = file();
        let edit = |start, end, text: &str| {
            let place = file.editable(None, b"v=spf1 -all", Span::new(start, end), text)?;
            Some((place.start.offset, place.end.offset))
        };
        let second = String::from_utf8_lossy(&file.text).find("-all").unwrap();
        assert_eq!(edit(7, 8, "~"), Some((second, second + 1)));
        assert_eq!(edit(11, 11, " x y"), Some((second + 4, second + 4)));
        assert_eq!(edit(5, 8, "x"), None);
        assert_eq!(edit(7, 8, "\""), None);
        assert_eq!(edit(7, 8, &"x".repeat(253)), None);
        assert_eq!(edit(7, 12, "x"), None);
    }

    #[test]
    fn plain_records_stand_as_they_are() {
        let record = FileRecord::plain(None, b"# x\nv=spf1 -all\n", 4..15);
        assert_eq!(&*record.octets, b"v=spf1 -all");
        assert_eq!(record.range(Span::new(7, 11)), 11..15);
        assert_eq!(record.range(Span::new(11, 11)), 15..15);
        assert_eq!(record.range(Span::new(40, 41)), 15..15);
    }
}
