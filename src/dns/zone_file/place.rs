//! Where records stand in the files that hold them, down to the octet.
//!
//! What a record says is for others to read; here is only said which octets of
//! a file stand for which octets of the record.

use std::ops::Range;

use crate::dns::Txt;

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file: 0 for the one that was read, then those that it includes, in
    /// the order in which they were read.
    pub file: usize,
    /// The line on which the entry begins, from 1.
    pub line: usize,
    /// The octets of the entry: in a zone file from the first token to the last.
    pub octets: Range<usize>,
    /// The octets of each character-string of a TXT record, without quotes and
    /// with escapes as they are written; none where the file writes them in a
    /// form of its own.
    pub strings: Vec<Range<usize>>,
    /// How the character-strings are written.
    pub writing: Writing,
}

/// How character-strings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// With the escapes of RFC 1035 section 5.1.
    ZoneFile,
    /// In YAML without quotes, semicolons escaped as OctoDNS wants it.
    YamlPlain,
    /// In YAML between single quotes.
    YamlSingle,
    /// In YAML between double quotes.
    YamlDouble,
}

/// An octet of a record and the octets of the file that stand for it.
pub(in crate::dns) type Written = (u8, Range<usize>);

impl Place {
    /// The octets of the file that stand for each octet of the record, its
    /// character-strings joined; none where that cannot be told to the octet.
    pub fn written(&self, file: &[u8], record: &Txt) -> Option<Vec<Range<usize>>> {
        let mut written = Vec::new();
        for string in &self.strings {
            written.append(&mut decode(file, string.clone(), self.writing)?);
        }
        let same = written.iter().map(|(octet, _)| octet).eq(record.joined().iter());
        same.then(|| written.into_iter().map(|(_, octets)| octets).collect())
    }
}

/// The octets that stand between `range`, each with its place.
fn decode(file: &[u8], range: Range<usize>, writing: Writing) -> Option<Vec<Written>> {
    // Also refuses what lies outside of the file.
    file.get(range.clone())?;
    match writing {
        Writing::ZoneFile => zone_file(file, range),
        Writing::YamlPlain => Some(octodns_value(plain(file, range))),
        Writing::YamlSingle => Some(octodns_value(single(file, range))),
        Writing::YamlDouble => Some(octodns_value(double(file, range)?)),
    }
}

fn plain(file: &[u8], range: Range<usize>) -> Vec<Written> {
    let octet = |at: usize| Some((*file.get(at)?, at..at + 1));
    range.filter_map(octet).collect()
}

/// A backslash before three digits or any other octet (RFC 1035 section 5.1).
fn zone_file(file: &[u8], range: Range<usize>) -> Option<Vec<Written>> {
    let text = file.get(..range.end)?;
    let mut at = range.start;
    let mut written = Vec::with_capacity(range.len());
    while let Some(&octet) = text.get(at) {
        let (octet, length) = match (octet, text.get(at + 1)) {
            (b'\\', Some(digit)) if digit.is_ascii_digit() => {
                (decimal(text.get(at + 1..at + 4)?)?, 4)
            }
            (b'\\', escaped) => (*escaped?, 2),
            (octet, _) => (octet, 1),
        };
        written.push((octet, at..at + length));
        at += length;
    }
    Some(written)
}

fn decimal(digits: &[u8]) -> Option<u8> {
    std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?.parse().ok()
}

/// Two single quotes are one (YAML 1.2.2 section 7.3.2).
fn single(file: &[u8], range: Range<usize>) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::with_capacity(range.len());
    let mut half = false;
    for (octet, place) in plain(file, range) {
        half = match written.last_mut() {
            Some(last) if half && octet == b'\'' => {
                last.1.end = place.end;
                false
            }
            _ => {
                written.push((octet, place));
                octet == b'\''
            }
        };
    }
    written
}

/// The escapes of double-quoted scalars (YAML 1.2.2 section 5.7). A character
/// of several octets stands at the place of its escape with all of them.
fn double(file: &[u8], range: Range<usize>) -> Option<Vec<Written>> {
    let text = file.get(..range.end)?;
    let mut at = range.start;
    let mut written = Vec::with_capacity(range.len());
    while let Some(&octet) = text.get(at) {
        if octet != b'\\' {
            written.push((octet, at..at + 1));
            at += 1;
            continue;
        }
        let (character, length) = yaml_escape(text.get(at + 1..)?)?;
        let mut buffer = [0; 4];
        let octets = character.encode_utf8(&mut buffer).bytes();
        written.extend(octets.map(|octet| (octet, at..at + 1 + length)));
        at += 1 + length;
    }
    Some(written)
}

/// The character of an escape, and its octets behind the backslash. Line breaks
/// are none of these: a scalar over several lines is not told to the octet.
fn yaml_escape(behind: &[u8]) -> Option<(char, usize)> {
    let digits = |count: usize| {
        let digits = std::str::from_utf8(behind.get(1..=count)?).ok()?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        Some((char::from_u32(number)?, 1 + count))
    };
    let character = match behind.first()? {
        b'x' => return digits(2),
        b'u' => return digits(4),
        b'U' => return digits(8),
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        same @ (b' ' | b'"' | b'/' | b'\\') => char::from(*same),
        _ => return None,
    };
    Some((character, 1))
}

/// A value as OctoDNS reads it: a backslash before a semicolon only escapes it,
/// and a value between quotes is one of several strings, which it joins.
pub(in crate::dns) fn octodns_value(written: Vec<Written>) -> Vec<Written> {
    let mut joined: Vec<Written> = Vec::with_capacity(written.len());
    for (octet, place) in written {
        match joined.last_mut() {
            Some(last) if octet == b';' && last.0 == b'\\' => {
                *last = (b';', last.1.start..place.end);
            }
            _ => joined.push((octet, place)),
        }
    }
    let is_quote = |written: Option<&Written>| written.is_some_and(|(octet, _)| *octet == b'"');
    if joined.len() < 2 || !is_quote(joined.first()) || !is_quote(joined.last()) {
        return joined;
    }
    joined.pop();
    joined.remove(0);
    let mut rest = joined.as_slice();
    let mut value = Vec::with_capacity(rest.len());
    while let Some((first, behind)) = rest.split_first() {
        rest = match behind {
            [blank, quote, behind @ ..] if (first.0, blank.0, quote.0) == (b'"', b' ', b'"') => {
                behind
            }
            behind => {
                value.push(first.clone());
                behind
            }
        };
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, writing: Writing) -> Option<(Vec<u8>, Vec<&str>)> {
        let written = decode(text.as_bytes(), 0..text.len(), writing)?;
        let places = written.iter().map(|(_, place)| &text[place.clone()]).collect();
        Some((written.into_iter().map(|(octet, _)| octet).collect(), places))
    }

    #[test]
    fn each_octet_has_what_stands_for_it() {
        let found =
            |octets: &[u8], places: &[&'static str]| Some((octets.to_vec(), places.to_vec()));
        let zone = Writing::ZoneFile;
        assert_eq!(read("a\\\"\\032\\\\", zone), found(b"a\" \\", &["a", "\\\"", "\\032", "\\\\"]));
        assert_eq!(read("\\256", zone), None);
        assert_eq!(read("\\25", zone), None);
        assert_eq!(read("a\\", zone), None);
        assert_eq!(read("a\\;''", Writing::YamlSingle), found(b"a;'", &["a", "\\;", "''"]));
        assert_eq!(read("a\\;b", Writing::YamlPlain), found(b"a;b", &["a", "\\;", "b"]));
        assert_eq!(
            read("\\x41\\\\;\\u00e9", Writing::YamlDouble),
            found("A;é".as_bytes(), &["\\x41", "\\\\;", "\\u00e9", "\\u00e9"])
        );
        assert_eq!(read("a\\q", Writing::YamlDouble), None);
        assert!(decode(b"a", 0..2, zone).is_none());
    }

    proptest! {
        #[test]
        fn never_panics(octets in proptest::collection::vec(any::<u8>(), 0..60), text in "[\\\\'\";a0-9xuU]{0,20}") {
            for writing in [Writing::ZoneFile, Writing::YamlPlain, Writing::YamlSingle, Writing::YamlDouble] {
                let _ = decode(&octets, 0..octets.len(), writing);
                let _ = decode(text.as_bytes(), 0..text.len(), writing);
            }
        }
    }
}
