//! Writing a mended record back into the text of the file that it was read
//! from: everything else in the file stays as it is, octet for octet.
//!
//! No file is written here. The serial number of a zone is not touched: when a
//! zone is published is for its owner to say.

use std::ops::Range;

use thiserror::Error;

use crate::syntax::Span;

use super::origin::{File, FileRecord};

mod hunks;
mod strings;

use hunks::{Hunk, hunks};
use strings::{Quoting, STRING_OCTETS, escape, in_strings};

/// Why a record cannot be written back. The file is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unwritable {
    /// The file does not hold the record.
    #[error("the record does not stand in the file")]
    NotThere,
    /// The file writes the record in a way that cannot be told to the octet.
    #[error("the file does not say to the octet where the record stands")]
    NotExact,
    /// The record has octets that would be no part of a line.
    #[error("the record does not fit on a line")]
    NoLine,
}

/// Octets of a file, and what takes their place.
type Written = (Range<usize>, Vec<u8>);

/// The text of a file with other octets for some of its records.
///
/// Edits inside one character-string are made in place. Where one spans
/// strings, or would make a string longer than 255 octets or empty, all strings
/// of its record are written anew, broken between terms; comments between them
/// go with the old ones, parentheses stay.
///
/// # Errors
///
/// The first record that cannot be written.
pub fn rewrite(file: &File, changes: &[(&FileRecord, &[u8])]) -> Result<Vec<u8>, Unwritable> {
    let mut edits: Vec<Written> = Vec::new();
    for (record, octets) in changes {
        edits.extend(edits_of(file.text(), record, octets)?);
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut text = Vec::with_capacity(file.text().len());
    let mut done = 0;
    for (range, written) in edits {
        let before = file.text().get(done..range.start).ok_or(Unwritable::NotExact)?;
        text.extend_from_slice(before);
        text.extend_from_slice(&written);
        done = range.end;
    }
    text.extend_from_slice(file.text().get(done..).ok_or(Unwritable::NotExact)?);
    Ok(text)
}

/// What to write where for one record.
fn edits_of(text: &[u8], record: &FileRecord, octets: &[u8]) -> Result<Vec<Written>, Unwritable> {
    let (true, Some(first), Some(last)) =
        (record.is_exact(), record.written.first(), record.written.last())
    else {
        return Err(Unwritable::NotExact);
    };
    if record.strings.is_empty() {
        let breaks = |octet: &u8| matches!(octet, b'\n' | b'\r');
        if octets.iter().any(breaks) || octets.trim_ascii() != octets || octets.is_empty() {
            return Err(Unwritable::NoLine);
        }
        return Ok(vec![(first.start..last.end, octets.to_vec())]);
    }
    if let Some(edits) = in_place(text, record, octets) {
        return Ok(edits);
    }
    let quoting = Quoting::read(text, record.entry.clone());
    let all = quoting.around(first.start).start..quoting.around(last.start).end;
    let (closed, opened) = quoting.parentheses(all.clone());
    let strings = in_strings(octets);
    let written = [vec!["(".into(); opened], strings, vec![")".into(); closed]].concat();
    Ok(vec![(all, written.join(&b' '))])
}

/// The edits, where each lies inside one string that stays as it should be.
fn in_place(text: &[u8], record: &FileRecord, octets: &[u8]) -> Option<Vec<Written>> {
    let quoting = Quoting::read(text, record.entry.clone());
    let mut lengths = record.strings.clone();
    let mut edits = Vec::new();
    for Hunk { old, new } in hunks(&record.octets, octets) {
        let new = octets.get(new)?;
        let string = string_of(record, &old)?;
        let length = lengths.get_mut(string)?;
        *length = (*length + new.len()).checked_sub(old.len())?;
        let place = record.range(Span::new(old.start, old.end));
        let quoted = quoting.is_quoted(place.start);
        edits.push((place, escape(new, quoted)?));
    }
    let grown = lengths.iter().zip(&record.strings).filter(|(new, old)| new != old);
    grown.into_iter().all(|(length, _)| (1..=STRING_OCTETS).contains(length)).then_some(edits)
}

/// The string that some octets of a record lie in.
fn string_of(record: &FileRecord, octets: &Range<usize>) -> Option<usize> {
    let mut end = 0;
    for (index, length) in record.strings.iter().enumerate() {
        let start = end;
        end += length;
        // What is put in at the end of the record belongs to the last string.
        let inside = octets.start < end || octets.start == end && end == record.octets.len();
        if *length > 0 && inside {
            return (start <= octets.start && octets.end <= end).then_some(index);
        }
    }
    None
}

#[cfg(test)]
mod tests;
