//! Values in header fields (RFC 5322 section 3.2).
//!
//! What came from the client or from DNS cannot end the field, the value or
//! the comment that it stands in: every octet but visible ASCII and blanks
//! becomes `?`, and what has a meaning there is escaped.

/// The octets as one word: a dot-atom if they are one, else a quoted-string.
pub(super) fn word(octets: &[u8]) -> String {
    if is_dot_atom(octets) { text(octets) } else { quoted_string(octets) }
}

/// The octets as a quoted-string (RFC 5322 section 3.2.4).
pub(super) fn quoted_string(octets: &[u8]) -> String {
    let mut quoted = String::with_capacity(octets.len() + 2);
    quoted.push('"');
    escape(octets, &['"', '\\'], &mut quoted);
    quoted.push('"');
    quoted
}

/// The octets as a comment (RFC 5322 section 3.2.2).
pub(super) fn comment(octets: &[u8]) -> String {
    let mut comment = String::with_capacity(octets.len() + 2);
    comment.push('(');
    escape(octets, &['(', ')', '\\'], &mut comment);
    comment.push(')');
    comment
}

/// Whether the octets are a dot-atom (RFC 5322 section 3.2.3).
pub(super) fn is_dot_atom(octets: &[u8]) -> bool {
    let atext =
        |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(octet);
    octets.split(|octet| *octet == b'.').all(|atom| !atom.is_empty() && atom.iter().all(atext))
}

/// The octet as it may stand in a header field.
pub(super) fn visible(octet: u8) -> char {
    if octet.is_ascii_graphic() || octet == b' ' { char::from(octet) } else { '?' }
}

fn text(octets: &[u8]) -> String {
    octets.iter().copied().map(visible).collect()
}

fn escape(octets: &[u8], special: &[char], out: &mut String) {
    for character in octets.iter().copied().map(visible) {
        if special.contains(&character) {
            out.push('\\');
        }
        out.push(character);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a quoted-string or comment that `text` begins with: what it says,
    /// and what is behind it.
    pub(in crate::eval) fn read_delimited(
        text: &str,
        open: char,
        close: char,
    ) -> Option<(String, &str)> {
        let mut said = String::new();
        let inner = text.strip_prefix(open)?;
        let mut characters = inner.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => said.push(characters.next()?.1),
                _ if character == close => return Some((said, &inner[at + 1..])),
                _ if character == open => return None,
                _ => said.push(character),
            }
        }
        None
    }

    /// Reads a dot-atom or quoted-string that ends at a semicolon, a blank or the end.
    pub(in crate::eval) fn read_word(text: &str) -> Option<(String, &str)> {
        if text.starts_with('"') {
            return read_delimited(text, '"', '"');
        }
        let end = text.find([';', ' ']).unwrap_or(text.len());
        is_dot_atom(&text.as_bytes()[..end]).then(|| (text[..end].to_owned(), &text[end..]))
    }

    pub(in crate::eval) fn shown(octets: &[u8]) -> String {
        text(octets)
    }

    #[test]
    fn quotes_only_what_has_to_be() {
        assert_eq!(word(b"mx.example.com"), "mx.example.com");
        assert_eq!(word(b"a@b"), "\"a@b\"");
        assert_eq!(word(b""), "\"\"");
        assert_eq!(word(b"a..b"), "\"a..b\"");
        assert_eq!(word(b"a\"\r\nX: y\\"), r#""a\"??X: y\\""#);
        assert_eq!(comment(b"(\\)\r\n"), r"(\(\\\)??)");
    }

    proptest! {
        #[test]
        fn words_and_comments_read_back(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            let (said, rest) = read_word(&word(&octets)).map(|(said, rest)| (said, rest.to_owned())).unwrap();
            prop_assert_eq!(said, shown(&octets));
            prop_assert_eq!(rest, "");
            let written = comment(&octets);
            let (said, rest) = read_delimited(&written, '(', ')').unwrap();
            prop_assert_eq!(said, shown(&octets));
            prop_assert_eq!(rest, "");
        }
    }
}
