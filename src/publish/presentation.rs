//! Names and character-strings in the presentation format of zone files
//! (RFC 1035 section 5.1), with everything escaped that any reader of it could
//! give a meaning to.

use super::names::is_plain;
use crate::dns::Txt;
use crate::name::DomainName;
use crate::target::{decimal_escape, quoted_string};

/// A name with its final dot. A first label that is a wildcard stays one.
pub(super) fn absolute(name: &DomainName) -> String {
    escaped_name(name, decimal_escape)
}

/// A name with its final dot, what is not plain written by `escape`.
pub(super) fn escaped_name(name: &DomainName, escape: impl Fn(&mut String, u8)) -> String {
    let mut text = String::new();
    for (index, label) in name.labels().enumerate() {
        let wildcard = index == 0 && label == b"*";
        for &octet in label {
            match wildcard || is_plain(octet) {
                true => text.push(char::from(octet.to_ascii_lowercase())),
                false => escape(&mut text, octet),
            }
        }
        text.push('.');
    }
    if text.is_empty() {
        text.push('.');
    }
    text
}

/// The character-strings of a record, each in quotation marks; `None` where it
/// has none, which has no presentation.
pub(super) fn quoted(txt: &Txt) -> Option<String> {
    quoted_strings(txt, " ", decimal_escape)
}

/// The same, with another separator, and octets that are not printable written
/// by `escape`.
pub(super) fn quoted_strings(
    txt: &Txt,
    separator: &str,
    escape: impl Fn(&mut String, u8),
) -> Option<String> {
    let strings: Vec<String> = txt.strings().map(|string| quoted_string(string, &escape)).collect();
    (!strings.is_empty()).then(|| strings.join(separator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_nothing_that_means_something() {
        let name = DomainName::from_labels([&b"A.b;\xff"[..], b"*", b"c d"]).unwrap();
        assert_eq!(absolute(&name), "a\\046b\\059\\255.\\042.c\\032d.");
        let wildcard = DomainName::parse("*.example.com").unwrap();
        assert_eq!(absolute(&wildcard), "*.example.com.");
        assert_eq!(absolute(&DomainName::root()), ".");
    }

    #[test]
    fn strings_stay_apart() {
        let txt = Txt::new([&b"a\"\\;"[..], b"", b"\n%{i}"]);
        assert_eq!(quoted(&txt).unwrap(), "\"a\\\"\\\\;\" \"\" \"\\010%{i}\"");
        assert_eq!(quoted(&Txt::new([[0u8; 0]; 0])), None);
    }
}
