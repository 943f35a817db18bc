//! Domain names: labels of any octets, at most 63 octets a label and 253 a name.
//!
//! A name keeps the case it was written in and compares without it
//! (RFC 4343). Nothing here asks DNS, and nothing knows SPF.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use thiserror::Error;

/// The longest label, in octets (RFC 1035 section 2.3.4).
pub const MAX_LABEL_OCTETS: usize = 63;
/// The longest name in text form without a final dot, in octets
/// (RFC 7208 section 7.3, from the 255 octets of RFC 1035 section 2.3.4).
pub const MAX_NAME_OCTETS: usize = 253;

/// A domain name, without the root's empty label.
#[derive(Clone)]
pub struct DomainName {
    /// Each label behind an octet with its length, as on the wire.
    wire: Box<[u8]>,
}

/// Why octets are no domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum NameError {
    /// Two dots in a row, or a dot at the start.
    #[error("has an empty label")]
    EmptyLabel,
    /// A label over 63 octets.
    #[error("has a label over {MAX_LABEL_OCTETS} octets")]
    LongLabel,
    /// A name over 253 octets.
    #[error("is over {MAX_NAME_OCTETS} octets")]
    LongName,
    /// Unicode text that UTS #46 cannot map to A-labels.
    #[error("cannot be converted to A-labels (UTS #46)")]
    NotIdna,
}

impl DomainName {
    /// The root: no label at all.
    pub fn root() -> DomainName {
        DomainName { wire: Box::default() }
    }

    /// Reads labels separated by dots; one final dot is ignored. No escapes:
    /// every octet but the dot is part of a label.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<DomainName, NameError> {
        let text = text.as_ref();
        let text = text.strip_suffix(b".").unwrap_or(text);
        if text.is_empty() {
            return Ok(DomainName::root());
        }
        if text.len() > MAX_NAME_OCTETS {
            return Err(NameError::LongName);
        }
        let mut wire = Vec::with_capacity(text.len() + 1);
        wire.push(0);
        let mut length_at = 0;
        for &octet in text {
            if octet == b'.' {
                close_label(&mut wire, length_at)?;
                length_at = wire.len();
                wire.push(0);
            } else {
                wire.push(octet);
            }
        }
        close_label(&mut wire, length_at)?;
        Ok(DomainName { wire: wire.into() })
    }

    /// Reads what a person typed: in any case, with or without a final dot,
    /// in Unicode (converted to A-labels by UTS #46). Octets outside the
    /// letters, digits and hyphens of host names stay as they are.
    pub fn from_user(text: &str) -> Result<DomainName, NameError> {
        let text = text.trim();
        if text.is_ascii() {
            return DomainName::parse(text.to_ascii_lowercase());
        }
        let ascii = idna::domain_to_ascii(text).map_err(|_| NameError::NotIdna)?;
        DomainName::parse(ascii)
    }

    /// Builds a name from its labels, the most specific first.
    pub fn from_labels<'a>(
        labels: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<DomainName, NameError> {
        let mut wire = Vec::new();
        for label in labels {
            let length_at = wire.len();
            wire.push(0);
            wire.extend_from_slice(label);
            close_label(&mut wire, length_at)?;
        }
        if wire.len() > MAX_NAME_OCTETS + 1 {
            return Err(NameError::LongName);
        }
        Ok(DomainName { wire: wire.into() })
    }

    /// The labels, the most specific first.
    pub fn labels(&self) -> Labels<'_> {
        Labels { rest: &self.wire }
    }

    /// How many labels the name has.
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.wire.is_empty()
    }

    /// The octets of the name in text form, without a final dot.
    pub fn octets(&self) -> usize {
        self.wire.len().saturating_sub(1)
    }

    /// The octets of the name in a DNS message, uncompressed, the root's included.
    pub fn wire_octets(&self) -> usize {
        self.wire.len() + 1
    }

    /// The labels, each behind its length, without the root's empty one.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The name without its first label; `None` for the root.
    pub fn parent(&self) -> Option<DomainName> {
        let first = usize::from(*self.wire.first()?);
        let wire = self.wire.get(1 + first..)?.into();
        Some(DomainName { wire })
    }

    /// The name with one more label in front.
    pub fn child(&self, label: &[u8]) -> Result<DomainName, NameError> {
        DomainName::from_labels(std::iter::once(label).chain(self.labels()))
    }

    /// The name with the labels of `prefix` in front.
    pub fn prefixed(&self, prefix: &DomainName) -> Result<DomainName, NameError> {
        DomainName::from_labels(prefix.labels().chain(self.labels()))
    }

    /// Whether this name is `other` or below it.
    pub fn is_at_or_below(&self, other: &DomainName) -> bool {
        let Some(extra) = self.wire.len().checked_sub(other.wire.len()) else {
            return false;
        };
        let mut at = 0;
        while at < extra {
            at += 1 + usize::from(self.wire[at]);
        }
        at == extra && self.wire[extra..].eq_ignore_ascii_case(&other.wire)
    }

    /// The text form in lower case.
    pub fn to_lowercase(&self) -> DomainName {
        DomainName { wire: self.wire.to_ascii_lowercase().into() }
    }

    /// The name as text octets, the labels joined by dots and nothing escaped:
    /// what a macro expands to. A label that holds a dot looks like two.
    pub fn to_text_octets(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.wire.len());
        for (index, label) in self.labels().enumerate() {
            if index > 0 {
                text.push(b'.');
            }
            text.extend_from_slice(label);
        }
        text
    }
}

fn close_label(wire: &mut [u8], length_at: usize) -> Result<(), NameError> {
    let length = wire.len() - length_at - 1;
    if length == 0 {
        return Err(NameError::EmptyLabel);
    }
    if length > MAX_LABEL_OCTETS {
        return Err(NameError::LongLabel);
    }
    wire[length_at] = length as u8;
    Ok(())
}

/// Iterates over the labels of a [`DomainName`].
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&length, rest) = self.rest.split_first()?;
        let (label, rest) = rest.split_at_checked(usize::from(length))?;
        self.rest = rest;
        Some(label)
    }
}

/// The text form without a final dot; the root is `.`. Dots inside labels,
/// backslashes and octets that are not visible ASCII are escaped
/// (RFC 1035 section 5.1), so that any name is safe to print.
impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for (index, label) in self.labels().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            for &octet in label {
                match octet {
                    b'.' | b'\\' => write!(f, "\\{}", char::from(octet))?,
                    0x21..=0x7e => write!(f, "{}", char::from(octet))?,
                    _ => write!(f, "\\{octet:03}")?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

// Length octets are at most 63 and so below every letter: folding the case of
// the whole wire form never touches them.
impl PartialEq for DomainName {
    fn eq(&self, other: &Self) -> bool {
        self.wire.eq_ignore_ascii_case(&other.wire)
    }
}

impl Eq for DomainName {}

impl Hash for DomainName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut folded = [0u8; MAX_NAME_OCTETS + 1];
        let folded = &mut folded[..self.wire.len()];
        folded.copy_from_slice(&self.wire);
        folded.make_ascii_lowercase();
        state.write(folded);
    }
}

/// The order of RFC 4034 section 6.1: by labels from the root down, without case.
impl Ord for DomainName {
    // Lists of many thousands of tenants are sorted by it, so it copies no label.
    fn cmp(&self, other: &Self) -> Ordering {
        let own: Vec<&[u8]> = self.labels().collect();
        let others: Vec<&[u8]> = other.labels().collect();
        let mut pairs = own.iter().rev().zip(others.iter().rev());
        match pairs.find(|(own, other)| !own.eq_ignore_ascii_case(other)) {
            Some((own, other)) => {
                own.iter().map(u8::to_ascii_lowercase).cmp(other.iter().map(u8::to_ascii_lowercase))
            }
            None => own.len().cmp(&others.len()),
        }
    }
}

impl PartialOrd for DomainName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::str::FromStr for DomainName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        DomainName::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn compares_without_case_and_keeps_it() {
        assert_eq!(name("Example.COM."), name("example.com"));
        assert_eq!(name("Example.COM").to_string(), "Example.COM");
    }

    #[test]
    fn knows_what_is_below() {
        assert!(name("a.Example.com").is_at_or_below(&name("example.com")));
        assert!(name("example.com").is_at_or_below(&name("example.com")));
        assert!(!name("badexample.com").is_at_or_below(&name("example.com")));
        assert!(!name("com").is_at_or_below(&name("example.com")));
        assert!(name("com").is_at_or_below(&DomainName::root()));
    }

    #[test]
    fn refuses_what_is_no_name() {
        assert_eq!(DomainName::parse("a..b"), Err(NameError::EmptyLabel));
        assert_eq!(DomainName::parse(".a"), Err(NameError::EmptyLabel));
        assert_eq!(DomainName::parse("a".repeat(64)), Err(NameError::LongLabel));
        assert!(DomainName::parse("a".repeat(63)).is_ok());
        let long = vec!["a".repeat(49); 6].join(".");
        assert_eq!(long.len(), 299);
        assert_eq!(DomainName::parse(long), Err(NameError::LongName));
    }

    #[test]
    fn reads_unicode_and_trailing_dots() {
        assert_eq!(
            DomainName::from_user(" Bücher.Example. ").unwrap(),
            name("xn--bcher-kva.example")
        );
        assert_eq!(
            DomainName::from_user("_SPF.Example.com.").unwrap().to_string(),
            "_spf.example.com"
        );
    }

    #[test]
    fn escapes_hostile_labels() {
        let hostile = DomainName::from_labels([&b"a.b\\\x07\xff"[..], b"c"]).unwrap();
        assert_eq!(hostile.to_string(), "a\\.b\\\\\\007\\255.c");
    }

    proptest! {
        #[test]
        fn labels_survive(labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 0..10)) {
            let built = DomainName::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(built.labels().map(<[u8]>::to_vec).collect::<Vec<_>>(), labels);
        }

        #[test]
        fn the_order_is_by_labels_from_the_last(a in "([aAb_]{1,2}(\\.[aAb_]{1,2}){0,3})?", b in "([aAb_]{1,2}(\\.[aAb_]{1,2}){0,3})?") {
            let read = |text: &str| match text {
                "" => DomainName::root(),
                text => DomainName::parse(text).unwrap(),
            };
            let (a, b) = (read(&a), read(&b));
            let folded = |name: &DomainName| -> Vec<Vec<u8>> {
                let labels: Vec<_> = name.labels().map(<[u8]>::to_ascii_lowercase).collect();
                labels.into_iter().rev().collect()
            };
            prop_assert_eq!(a.cmp(&b), folded(&a).cmp(&folded(&b)));
            prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        }

        #[test]
        fn never_panics(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(parsed) = DomainName::parse(&octets) {
                prop_assert!(parsed.octets() <= MAX_NAME_OCTETS);
                let _ = parsed.to_string();
            }
        }
    }
}
