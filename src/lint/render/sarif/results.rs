//! Findings as SARIF results: places, fingerprints, fixes.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::lint::{FilePlace, Unreadable, rules};

use super::super::Shown;
use super::descriptors::{UNREADABLE, level};
use super::shape::{
    ArtifactChange, ArtifactLocation, Location, LogicalLocation, PhysicalLocation, Region,
    Replacement, SarifFix, SarifResult, Text,
};
use crate::escape;

/// The file of findings about a record that stands nowhere.
const RECORD: &str = "spf-record";
/// The fingerprint that GitHub reads.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// A finding as a result.
pub(super) fn result(shown: &Shown<'_>, fingerprints: &mut Fingerprints) -> SarifResult {
    let rule = shown.diagnostic.rule;
    SarifResult {
        rule_id: rule.code,
        rule_index: index_of(rule.code),
        level: level(shown.diagnostic.severity),
        message: Text { text: shown.message() },
        locations: vec![location(shown)],
        partial_fingerprints: fingerprints.next(rule.code, &shown.subject(), term(shown)),
        fixes: fix(shown).into_iter().collect(),
    }
}

/// A file that cannot be read as a result: notifications are shown nowhere.
pub(super) fn unreadable_result(
    unreadable: &Unreadable,
    fingerprints: &mut Fingerprints,
) -> SarifResult {
    let Unreadable { path, place, message } = unreadable;
    SarifResult {
        rule_id: UNREADABLE,
        rule_index: index_of(UNREADABLE),
        level: "error",
        message: Text { text: format!("{}: {}", escape::text(path), escape::text(message)) },
        locations: vec![Location {
            physical_location: physical(uri(path), place.as_ref()),
            logical_locations: Vec::new(),
        }],
        partial_fingerprints: fingerprints.next(UNREADABLE, path, message.as_bytes()),
        fixes: Vec::new(),
    }
}

/// The index of a rule; what is no rule stands behind them.
pub(super) fn index_of(code: &str) -> usize {
    rules().position(|rule| rule.code == code).unwrap_or_else(|| rules().count())
}

/// Where a finding is shown.
pub(super) fn location(shown: &Shown<'_>) -> Location {
    let domain =
        shown.diagnostic.place.domain.as_ref().map(|domain| escape::text(&domain.to_string()));
    let place = shown.place();
    let artifact = match (place, &domain) {
        (Some(place), _) => uri(&place.path),
        (None, Some(domain)) => uri(domain),
        (None, None) => RECORD.to_owned(),
    };
    let logical = |fully_qualified_name| LogicalLocation { fully_qualified_name, kind: "domain" };
    Location {
        physical_location: physical(artifact, place),
        logical_locations: domain.map(logical).into_iter().collect(),
    }
}

fn physical(uri: String, place: Option<&FilePlace>) -> PhysicalLocation {
    let beginning = Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 };
    let region = place.map_or(beginning, region);
    PhysicalLocation { artifact_location: ArtifactLocation { uri }, region }
}

fn region(place: &FilePlace) -> Region {
    let FilePlace { start, end, .. } = place;
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// The reference of a path: relative ones to the folder of the run, which for
/// GitHub is that of the repository.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for octet in path.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(octet));
            }
            _ => {
                let _ = write!(uri, "%{octet:02X}");
            }
        }
    }
    if uri.is_empty() { RECORD.to_owned() } else { uri }
}

/// The octets that are meant.
fn term<'a>(shown: &Shown<'a>) -> &'a [u8] {
    let place = &shown.diagnostic.place;
    match (&place.record, place.span) {
        (Some(record), Some(span)) => span.of(record),
        _ => &[],
    }
}

/// The edit of the file, where it is one that changes nothing else.
fn fix(shown: &Shown<'_>) -> Option<SarifFix> {
    let fix = shown.diagnostic.fix.as_ref()?;
    let place = &shown.diagnostic.place;
    let file = shown.report.file.as_deref()?;
    let owner = place.domain.as_ref();
    let edited = file.editable(owner, place.record.as_deref()?, fix.span, &fix.text)?;
    let description = match fix.text.as_str() {
        "" => "remove this".to_owned(),
        text => format!("write '{}'", escape::text(text)),
    };
    Some(SarifFix {
        description: Text { text: description },
        artifact_changes: [ArtifactChange {
            artifact_location: ArtifactLocation { uri: uri(&edited.path) },
            replacements: [Replacement {
                deleted_region: region(&edited),
                inserted_content: Text { text: fix.text.clone() },
            }],
        }],
    })
}

/// Fingerprints that stay when lines move: the rule, the name and the octets
/// that are meant. The same again is counted.
#[derive(Default)]
pub(super) struct Fingerprints {
    seen: HashMap<u64, usize>,
}

impl Fingerprints {
    fn next(&mut self, code: &str, subject: &str, term: &[u8]) -> BTreeMap<&'static str, String> {
        let subject = subject.to_ascii_lowercase();
        let hash = fnv1a([code.as_bytes(), subject.as_bytes(), term]);
        let count = self.seen.entry(hash).or_default();
        *count += 1;
        BTreeMap::from([(FINGERPRINT, format!("{hash:016x}:{count}"))])
    }
}

/// FNV-1a, 64 bits: the same in every version, and no secret.
fn fnv1a(parts: [&[u8]; 3]) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    // 0xff keeps the parts apart where they are text.
    let octets = parts.iter().flat_map(|part| part.iter().chain(&[0xff]));
    octets.fold(BASIS, |hash, octet| (hash ^ u64::from(*octet)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("./zones/a b.zone"), "zones/a%20b.zone");
        assert_eq!(uri("/tmp/z\u{e9}"), "file:///tmp/z%C3%A9");
        assert_eq!(uri("javascript:x"), "javascript%3Ax");
        assert_eq!(uri(""), RECORD);
    }

    #[test]
    fn fingerprints_are_those_of_all_versions() {
        let mut fingerprints = Fingerprints::default();
        let mut next = |subject: &str| {
            fingerprints.next("SPF001", subject, b"ipv4:").remove(FINGERPRINT).unwrap()
        };
        let first = next("Example.com");
        assert_eq!(next("example.COM"), first.replace(":1", ":2"));
        assert_ne!(next("example.org")[..16], first[..16]);
        assert_eq!(first, "9aad1a7621a15e02:1");
    }

    proptest! {
        #[test]
        fn references_hold_only_what_they_may(path: String) {
            let uri = uri(&path);
            prop_assert!(!uri.is_empty());
            let mut octets = uri.strip_prefix("file://").unwrap_or(&uri).bytes();
            let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~/%".contains(&octet);
            prop_assert!(octets.all(allowed), "{}", uri);
        }
    }
}
