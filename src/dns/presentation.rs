//! Octets and names as printable text: the escapes of RFC 1035 section 5.1,
//! which lock files use inside their JSON strings.
//!
//! A backslash and three decimal digits stand for one octet, a backslash and
//! any other character for that character. Written text is visible ASCII and
//! blanks only; read text may hold any character, which stands for its UTF-8
//! octets.

use thiserror::Error;

use crate::name::{DomainName, NameError};

/// Why text stands for no octets or no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// A backslash at the end, or before a number that is no octet.
    #[error("has a backslash that begins no escape")]
    BadEscape,
    /// The labels make no name.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// The text of these octets.
pub(super) fn escape(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(octet)),
            _ => text.push_str(&format!("\\{octet:03}")),
        }
    }
    text
}

/// The octets of a text.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, PresentationError> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(symbol) = next_symbol(&mut rest)? {
        octets.push(symbol.octet);
    }
    Ok(octets)
}

/// The name of a text; a final dot is ignored, and the root is a single dot.
pub(super) fn read_name(text: &str) -> Result<DomainName, PresentationError> {
    if text == "." {
        return Ok(DomainName::root());
    }
    let mut labels = vec![Vec::new()];
    let mut rest = text.as_bytes();
    while let Some(symbol) = next_symbol(&mut rest)? {
        match (symbol, labels.last_mut()) {
            (Symbol { octet: b'.', escaped: false }, _) if rest.is_empty() => {}
            (Symbol { octet: b'.', escaped: false }, _) | (_, None) => labels.push(Vec::new()),
            (Symbol { octet, .. }, Some(label)) => label.push(octet),
        }
    }
    Ok(DomainName::from_labels(labels.iter().map(Vec::as_slice))?)
}

struct Symbol {
    octet: u8,
    escaped: bool,
}

fn next_symbol(rest: &mut &[u8]) -> Result<Option<Symbol>, PresentationError> {
    let Some((&first, after)) = rest.split_first() else {
        return Ok(None);
    };
    *rest = after;
    if first != b'\\' {
        return Ok(Some(Symbol { octet: first, escaped: false }));
    }
    let (&second, after) = rest.split_first().ok_or(PresentationError::BadEscape)?;
    if !second.is_ascii_digit() {
        *rest = after;
        return Ok(Some(Symbol { octet: second, escaped: true }));
    }
    let (digits, after) = rest.split_at_checked(3).ok_or(PresentationError::BadEscape)?;
    *rest = after;
    let mut value = 0u16;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return Err(PresentationError::BadEscape);
        }
        value = value * 10 + u16::from(digit - b'0');
    }
    let octet = u8::try_from(value).map_err(|_| PresentationError::BadEscape)?;
    Ok(Some(Symbol { octet, escaped: true }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn escapes_what_cannot_be_printed() {
        assert_eq!(escape(b"v=spf1 \\ \"\xff\n"), "v=spf1 \\\\ \"\\255\\010");
        assert_eq!(unescape("a\\;b\\065").unwrap(), b"a;bA");
        assert_eq!(unescape("ü").unwrap(), "ü".as_bytes());
    }

    #[test]
    fn refuses_broken_escapes() {
        for text in ["\\", "\\25", "\\256", "\\2x5"] {
            assert_eq!(unescape(text), Err(PresentationError::BadEscape), "{text}");
        }
        assert_eq!(read_name("a..b"), Err(NameError::EmptyLabel.into()));
        assert_eq!(read_name(""), Err(NameError::EmptyLabel.into()));
    }

    #[test]
    fn keeps_escaped_dots_inside_labels() {
        let name = read_name("a\\.b.example.").unwrap();
        assert_eq!(name.labels().collect::<Vec<_>>(), [&b"a.b"[..], b"example"]);
        assert!(read_name(".").unwrap().is_root());
        assert_eq!(read_name("a\\.").unwrap().label_count(), 1);
    }

    proptest! {
        #[test]
        fn octets_survive(octets in vec(any::<u8>(), 0..300)) {
            let text = escape(&octets);
            prop_assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)));
            prop_assert_eq!(unescape(&text).unwrap(), octets);
        }

        #[test]
        fn names_survive(labels in vec(vec(any::<u8>(), 1..20), 0..10)) {
            let name = DomainName::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(read_name(&name.to_string()).unwrap(), name);
        }

        #[test]
        fn never_panics(text in "[a\\\\.0-9ü ]{0,40}") {
            let _ = unescape(&text);
            let _ = read_name(&text);
        }
    }
}
