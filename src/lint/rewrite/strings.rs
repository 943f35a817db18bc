//! Character-strings as zone files write them (RFC 1035 section 5.1).

use std::ops::Range;

/// Octets of one character-string at most (RFC 1035 section 3.3).
pub(super) const STRING_OCTETS: usize = 255;

/// What an entry of a zone file has outside of and between quotes.
#[derive(Clone, Debug, Default)]
pub(super) struct Quoting {
    /// The quoted strings, quotes included.
    quoted: Vec<Range<usize>>,
    /// The other tokens.
    plain: Vec<Range<usize>>,
    /// Parentheses, and whether each opens.
    parentheses: Vec<(usize, bool)>,
}

impl Quoting {
    /// Reads an entry.
    pub(super) fn read(text: &[u8], entry: Range<usize>) -> Quoting {
        let mut quoting = Quoting::default();
        let octet = |at: usize| text.get(at).filter(|_| at < entry.end).copied();
        let mut at = entry.start;
        while let Some(first) = octet(at) {
            let start = at;
            match first {
                b'"' => {
                    at = behind(at + 1, &octet, |octet| octet == b'"') + 1;
                    quoting.quoted.push(start..at);
                }
                b'(' | b')' => {
                    quoting.parentheses.push((at, first == b'('));
                    at += 1;
                }
                b';' => {
                    while octet(at).is_some_and(|octet| octet != b'\n') {
                        at += 1;
                    }
                }
                _ if is_blank(first) => at += 1,
                _ => {
                    at = behind(at, &octet, |octet| {
                        is_blank(octet) || matches!(octet, b'"' | b'(' | b')' | b';')
                    });
                    quoting.plain.push(start..at);
                }
            }
        }
        quoting
    }

    /// Whether the octet at a place of the file stands between quotes.
    pub(super) fn is_quoted(&self, at: usize) -> bool {
        self.quoted.iter().any(|string| string.start < at && at < string.end)
    }

    /// The token that the octet at a place of the file belongs to, with its quotes.
    pub(super) fn around(&self, at: usize) -> Range<usize> {
        let mut tokens = self.quoted.iter().chain(&self.plain);
        tokens.find(|token| token.contains(&at)).cloned().unwrap_or(at..at + 1)
    }

    /// How many parentheses of a region close what was opened before it, and how
    /// many open what is closed behind it.
    pub(super) fn parentheses(&self, region: Range<usize>) -> (usize, usize) {
        let inside = self.parentheses.iter().filter(|(at, _)| region.contains(at));
        inside.fold((0, 0), |(closed, open), (_, opens)| match (opens, open) {
            (true, open) => (closed, open + 1),
            (false, 0) => (closed + 1, 0),
            (false, open) => (closed, open - 1),
        })
    }
}

/// The first place from `at` on whose octet, unless it is escaped, is an end.
fn behind(
    mut at: usize,
    octet: &impl Fn(usize) -> Option<u8>,
    is_end: impl Fn(u8) -> bool,
) -> usize {
    while let Some(found) = octet(at) {
        match found {
            b'\\' => at += 2,
            found if is_end(found) => break,
            _ => at += 1,
        }
    }
    at
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// Octets as they are written inside a string; `None` where they would need
/// quotes that are not there.
pub(super) fn escape(octets: &[u8], quoted: bool) -> Option<Vec<u8>> {
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"=:/.-_~?+%{}".contains(octet);
    if !quoted {
        return octets.iter().all(plain).then(|| octets.to_vec());
    }
    let mut text = Vec::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'"' | b'\\' => text.extend([b'\\', octet]),
            b' '..=b'~' => text.push(octet),
            _ => text.extend(format!("\\{octet:03}").bytes()),
        }
    }
    Some(text)
}

/// A record in as many quoted strings as it needs, broken between terms, each
/// blank at the start of the next string. A term longer than a string is cut.
pub(super) fn in_strings(record: &[u8]) -> Vec<Vec<u8>> {
    let mut strings: Vec<Range<usize>> = vec![Range::default()];
    let mut add = |term: Range<usize>| {
        let mut start = term.start;
        while start < term.end {
            let end = term.end.min(start + STRING_OCTETS);
            match strings.last_mut() {
                Some(open) if end - open.start <= STRING_OCTETS => open.end = end,
                _ => strings.push(start..end),
            }
            start = end;
        }
    };
    let mut start = 0;
    for (at, octet) in record.iter().enumerate() {
        if *octet == b' ' {
            add(start..at);
            start = at;
        }
    }
    add(start..record.len());
    let quoted = |string: Range<usize>| {
        let text = escape(record.get(string).unwrap_or_default(), true).unwrap_or_default();
        [b"\"", text.as_slice(), b"\""].concat()
    };
    strings.into_iter().map(quoted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_parentheses_are_told_apart() {
        let text = b"a TXT ( \"b(\\\"\"c\\)\"d\" ; \"e( \n \"f\" )";
        let quoting = Quoting::read(text, 0..text.len());
        let shown = |ranges: &[Range<usize>]| -> Vec<String> {
            let slice = |range: &Range<usize>| &text[range.clone()];
            ranges.iter().map(|range| String::from_utf8_lossy(slice(range)).into_owned()).collect()
        };
        assert_eq!(shown(&quoting.quoted), ["\"b(\\\"\"", "\"d\"", "\"f\""]);
        assert_eq!(shown(&quoting.plain), ["a", "TXT", "c\\)"]);
        assert_eq!(quoting.parentheses(0..text.len()), (0, 0));
        assert_eq!(quoting.parentheses(0..10), (0, 1));
        assert_eq!(quoting.parentheses(10..text.len()), (1, 0));
        let at = |needle: &str| String::from_utf8_lossy(text).find(needle).unwrap();
        assert!(!quoting.is_quoted(at("c\\)")) && quoting.is_quoted(at("f\"")));
    }

    #[test]
    fn strings_break_between_terms() {
        let record = format!("v=spf1 {} {} -all", "a".repeat(247), "b".repeat(300));
        let strings = in_strings(record.as_bytes());
        let lengths: Vec<usize> = strings.iter().map(|string| string.len() - 2).collect();
        assert_eq!(lengths, [254, 255, 51]);
        assert!(strings[1].starts_with(b"\" b") && strings[2].ends_with(b"b -all\""));
        assert_eq!(in_strings(b"a\"\\\xff"), [b"\"a\\\"\\\\\\255\"".to_vec()]);
        assert_eq!(in_strings(b""), [b"\"\"".to_vec()]);
    }
}
