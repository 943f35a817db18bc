//! Where the entries of a zone file stand (RFC 1035 section 5.1).
//!
//! The contents are read by a library that knows no places. This scanner finds
//! tokens, quotes, parentheses and comments, and nothing of what they mean.

use std::ops::Range;

use thiserror::Error;

use super::place::{Place, Writing};

/// An entry: a directive or a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) octets: Range<usize>,
    pub(super) tokens: Vec<Token>,
    /// Whether the entry begins with a blank, and so belongs to the last owner.
    pub(super) indented: bool,
}

/// The types whose data are character-strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextType {
    /// TXT.
    Txt,
    /// The obsolete type SPF, by its name or as `TYPE99`.
    Spf,
}

/// A token, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) octets: Range<usize>,
    pub(super) quoted: bool,
}

impl Entry {
    /// Whether this is a directive, such as `$TTL`.
    pub(super) fn is_directive(&self, text: &[u8]) -> bool {
        !self.indented && self.token(text, 0).starts_with(b"$")
    }

    /// The octets of a token; none where there is no such token.
    pub(super) fn token<'a>(&self, text: &'a [u8], index: usize) -> &'a [u8] {
        let token = self.tokens.get(index);
        token.and_then(|token| text.get(token.octets.clone())).unwrap_or_default()
    }

    /// The index of the type of a record: behind the owner, the TTL and the
    /// class, each of which may be left out.
    pub(super) fn type_index(&self, text: &[u8]) -> usize {
        let first = usize::from(!self.indented);
        let before_type = |index: &usize| {
            let token = self.token(text, *index);
            token.first().is_some_and(u8::is_ascii_digit)
                || [&b"IN"[..], b"CH", b"HS", b"CS"].iter().any(|c| token.eq_ignore_ascii_case(c))
        };
        first + (first..first + 2).take_while(before_type).count()
    }

    /// Which of the types with character-strings a record has; `None` for any other.
    pub(super) fn text_type(&self, text: &[u8]) -> Option<TextType> {
        let kind = self.token(text, self.type_index(text));
        let is = |name: &[u8]| !self.is_directive(text) && kind.eq_ignore_ascii_case(name);
        if is(b"TXT") || is(b"TYPE16") {
            Some(TextType::Txt)
        } else if is(b"SPF") || is(b"TYPE99") {
            Some(TextType::Spf)
        } else {
            None
        }
    }

    /// The tokens behind the type that are character-strings; none in generic
    /// data (RFC 3597 section 5).
    pub(super) fn strings(&self, text: &[u8]) -> &[Token] {
        let first = self.type_index(text) + 1;
        let tokens = self.tokens.get(first..).unwrap_or_default();
        let generic = tokens
            .first()
            .is_some_and(|token| !token.quoted && text.get(token.octets.clone()) == Some(br"\#"));
        if generic { &[] } else { tokens }
    }

    /// The place of a record with this many character-strings, in the file of
    /// this number.
    pub(super) fn place(&self, text: &[u8], file: usize, strings: usize) -> Place {
        let first = self.type_index(text) + 1;
        let found: Vec<Range<usize>> =
            self.tokens.iter().skip(first).map(|token| token.octets.clone()).collect();
        // Generic rdata (RFC 3597) has no character-strings of its own.
        let strings = if found.len() == strings { found } else { Vec::new() };
        let octets = self.octets.clone();
        Place { file, line: self.line, octets, strings, writing: Writing::ZoneFile }
    }
}

/// What is wrong with the tokens of a zone file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScanFault {
    /// A quote without its other half on the same line.
    #[error("a quoted string is not closed on its line")]
    OpenQuote,
    /// A parenthesis that is closed nowhere.
    #[error("a parenthesis is not closed")]
    OpenParenthesis,
    /// A parenthesis that was opened nowhere.
    #[error("a parenthesis is closed that was not opened")]
    StrayParenthesis,
}

/// The entries of a zone file, empty lines and comments left out.
///
/// # Errors
///
/// The first fault, with the octets before what is wrong.
pub(super) fn scan(text: &[u8]) -> Result<Vec<Entry>, (usize, ScanFault)> {
    let mut scanner = Scanner { text, at: 0, line: 1, open: Vec::new() };
    let mut entries = Vec::new();
    while let Some(entry) = scanner.entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    /// Where the parentheses begin that are open.
    open: Vec<usize>,
}

impl Scanner<'_> {
    fn entry(&mut self) -> Result<Option<Entry>, (usize, ScanFault)> {
        let mut entry: Option<Entry> = None;
        let mut indented = false;
        loop {
            let Some(&octet) = self.text.get(self.at) else {
                return match self.open.last() {
                    Some(at) => Err((*at, ScanFault::OpenParenthesis)),
                    None => Ok(entry),
                };
            };
            match octet {
                b' ' | b'\t' | b'\r' => {
                    indented = true;
                    self.at += 1;
                }
                b'(' => {
                    self.open.push(self.at);
                    self.at += 1;
                }
                b')' => {
                    self.open.pop().ok_or((self.at, ScanFault::StrayParenthesis))?;
                    self.at += 1;
                }
                b';' => self.skip_while(|octet| octet != b'\n'),
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    if self.open.is_empty() && entry.is_some() {
                        return Ok(entry);
                    }
                    indented &= !self.open.is_empty();
                }
                _ => {
                    let (line, start) = (self.line, self.at);
                    let token = if octet == b'"' { self.quoted()? } else { self.unquoted() };
                    let entry = entry.get_or_insert_with(|| Entry {
                        line,
                        octets: start..start,
                        tokens: Vec::new(),
                        indented,
                    });
                    entry.tokens.push(token);
                    entry.octets.end = self.at;
                }
            }
        }
    }

    fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) {
        while self.text.get(self.at).is_some_and(|octet| skipped(*octet)) {
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Result<Token, (usize, ScanFault)> {
        let start = self.at + 1;
        self.at = start;
        loop {
            match self.text.get(self.at) {
                None | Some(b'\n') => return Err((start - 1, ScanFault::OpenQuote)),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Token { octets: start..self.at - 1, quoted: true });
                }
                Some(b'\\') => self.skip_escape(),
                Some(_) => self.at += 1,
            }
        }
    }

    /// Skips a backslash and what it escapes, which is never the end of a line.
    fn skip_escape(&mut self) {
        self.at += 1;
        if self.text.get(self.at).is_some_and(|octet| *octet != b'\n') {
            self.at += 1;
        }
    }

    fn unquoted(&mut self) -> Token {
        let start = self.at;
        while let Some(octet) = self.text.get(self.at) {
            match octet {
                b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' | b';' | b'"' => break,
                b'\\' => self.skip_escape(),
                _ => self.at += 1,
            }
        }
        Token { octets: start..self.at, quoted: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(usize, bool, Vec<&str>)> {
        scan(text.as_bytes())
            .unwrap()
            .into_iter()
            .map(|entry| {
                let tokens = entry.tokens.iter().map(|token| &text[token.octets.clone()]).collect();
                (entry.line, entry.indented, tokens)
            })
            .collect()
    }

    #[test]
    fn finds_tokens_over_lines() {
        let text = "; nothing\n\n$TTL 60\na (TXT ; one\n \"x;\\\"y z\"\n q)\n  \n b\\ c\"d\"\n";
        assert_eq!(
            tokens(text),
            [
                (3, false, vec!["$TTL", "60"]),
                (4, false, vec!["a", "TXT", "x;\\\"y z", "q"]),
                (8, true, vec!["b\\ c", "d"]),
            ]
        );
    }

    #[test]
    fn tells_what_stays_open() {
        for (text, fault) in [
            ("a \"b\nc\"", (2, ScanFault::OpenQuote)),
            ("\n\"b\\\"", (1, ScanFault::OpenQuote)),
            ("a (\n(\n)", (2, ScanFault::OpenParenthesis)),
            ("a\n)", (2, ScanFault::StrayParenthesis)),
        ] {
            assert_eq!(scan(text.as_bytes()), Err(fault), "{text:?}");
        }
        assert!(scan(b"a \\( \\\" ; \" (").is_ok());
    }

    #[test]
    fn knows_where_the_type_stands() {
        for (text, kind) in [
            ("a TXT x", "TXT"),
            ("a 60 IN TXT x", "TXT"),
            ("a in 1h TXT x", "TXT"),
            (" TXT x", "TXT"),
            ("in 60 A 192.0.2.1", "A"),
        ] {
            let entry = &scan(text.as_bytes()).unwrap()[0];
            let found = entry.token(text.as_bytes(), entry.type_index(text.as_bytes()));
            assert_eq!(found, kind.as_bytes(), "{text}");
        }
    }

    #[test]
    fn gives_the_octets_of_strings() {
        let text = "a TXT \"v=spf1 \" -all\n";
        let place = scan(text.as_bytes()).unwrap()[0].place(text.as_bytes(), 0, 2);
        assert_eq!(&text[place.octets], "a TXT \"v=spf1 \" -all");
        let strings: Vec<&str> = place.strings.into_iter().map(|string| &text[string]).collect();
        assert_eq!(strings, ["v=spf1 ", "-all"]);
    }
}
