//! SPF107: character-strings that receivers join without the blank that was
//! meant to stand between them.
//!
//! Also says, for the rules on grammar and on sizes, where strings break and
//! which terms are joined badly.

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind, Place};
use crate::lint::registrable::is_top_label;
use crate::lint::rule::Severity;
use crate::policy::Graph;
use crate::syntax::{Modifier, Span, TermKind, parse_record};

/// Octets of a term that are looked at, and pieces of it: a hostile record is
/// one long term in strings of one octet.
const MOST_OCTETS: usize = 512;
const MOST_PIECES: usize = 8;

/// A break between two character-strings at which a blank is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint::rules) struct Joint {
    /// The octets of the record before the break.
    pub(in crate::lint::rules) at: usize,
    /// What receivers read as one term.
    pub(in crate::lint::rules) term: Span,
    /// Receivers read a term that breaks no rule of the grammar.
    pub(in crate::lint::rules) legal: bool,
}

/// The octets of the policy's own record before each break between two of its
/// character-strings. None where nobody has said how it is split.
pub(in crate::lint::rules) fn boundaries(facts: &Facts) -> Vec<usize> {
    let Some(record) = facts.record_place(Graph::ROOT).record else { return Vec::new() };
    let domain = facts.subject.domain.as_ref();
    let file = facts.subject.file.as_deref();
    let written = file.and_then(|file| file.record(domain, &record));
    let strings = match written.filter(|written| !written.strings.is_empty()) {
        Some(written) => written.strings.clone(),
        None => match facts.texts.iter().find(|text| text.octets == record) {
            Some(text) => text.txt.given(),
            None => return Vec::new(),
        },
    };
    let ends = strings.iter().scan(0usize, |end, octets| {
        *end += octets;
        Some(*end)
    });
    let mut ends: Vec<usize> = ends.filter(|end| (1..record.len()).contains(end)).collect();
    ends.dedup();
    ends
}

/// The breaks of the policy's own record at which a blank is missing.
pub(in crate::lint::rules) fn joints(facts: &Facts) -> Vec<Joint> {
    match facts.record_place(Graph::ROOT).record {
        Some(record) => missing_blanks(&record, &boundaries(facts)),
        None => Vec::new(),
    }
}

/// The terms of the policy's own record that break the grammar because a blank
/// is missing between two strings: their mistakes are no others'.
pub(in crate::lint::rules) fn joined_badly(facts: &Facts) -> Vec<Span> {
    joints(facts).into_iter().filter(|joint| !joint.legal).map(|joint| joint.term).collect()
}

pub(super) fn badly_joined_strings(facts: &Facts) -> Vec<Finding> {
    let Some(record) = facts.record_place(Graph::ROOT).record else { return Vec::new() };
    let finding = |joint: Joint| {
        let term = joint.term.of(&record).escape_ascii().to_string();
        let (severity, kind, consequence) = match joint.legal {
            false => (Severity::Error, FixKind::Declared, "which is permerror"),
            true => (Severity::Warning, FixKind::Offered, "which is not what either says"),
        };
        let place = Place { span: Some(joint.term), ..facts.record_place(Graph::ROOT) };
        let message =
            format!("two strings of the record join to '{term}' without a blank, {consequence}");
        Finding::new(place, message)
            .severity(severity)
            .help("put a blank at the end of the first string or at the start of the second")
            .fix(kind, Span::new(joint.at, joint.at), " ")
    };
    joints(facts).into_iter().map(finding).collect()
}

fn missing_blanks(record: &[u8], boundaries: &[usize]) -> Vec<Joint> {
    let mut joints: Vec<Joint> = Vec::new();
    for (index, &at) in boundaries.iter().enumerate() {
        let (Some(before), Some(behind)) = (record.get(..at), record.get(at..)) else { break };
        let start = before.iter().rposition(|octet| *octet == b' ').map_or(0, |blank| blank + 1);
        let end = behind.iter().position(|octet| *octet == b' ').map_or(record.len(), |n| at + n);
        // The version and what is glued to it are the rules' on missing records.
        if start == at || end == at || start == 0 {
            continue;
        }
        let from = joints.last().map_or(start, |joint| joint.at.max(start));
        let later = boundaries[index + 1..].iter().copied().take_while(|later| *later < end);
        let ends = later.take(MOST_PIECES).chain([end]);
        let left = &record[from..at];
        let mut rights = ends.map(|end| &record[at..end]);
        let Some(right) = rights.find(|right| is_term(right)) else {
            continue;
        };
        let term = Span::new(start, end);
        let legal = end - start <= MOST_OCTETS
            && parse_record(&[b"v=spf1 ", term.of(record)].concat()).errors.is_empty();
        if is_term(left) && (!legal || plainly_two(left, right)) {
            joints.push(Joint { at, term, legal });
        }
    }
    joints
}

/// Whether a piece is a whole term, and not one that any text could be.
fn is_term(piece: &[u8]) -> bool {
    if piece.len() > MOST_OCTETS {
        return false;
    }
    let parse = parse_record(&[b"v=spf1 ", piece].concat());
    let unknown = |kind: &TermKind| matches!(kind, TermKind::Modifier(Modifier::Unknown { .. }));
    let one = matches!(parse.record.terms(), [term] if !unknown(&term.kind));
    one && parse.errors.is_empty()
}

/// Whether two terms that read as one legal term were meant as two: the second
/// begins as no part of a name does, or the name ends in no top label any more.
fn plainly_two(left: &[u8], right: &[u8]) -> bool {
    let signs = right.first().is_some_and(|first| b"+-~?".contains(first))
        || right.iter().any(|octet| b":=".contains(octet));
    let top = |text: &[u8]| text.rsplit(|octet| *octet == b'.').next().map(<[u8]>::to_vec);
    let joined = [left, right].concat();
    let named = left.contains(&b'.') && left.iter().any(|octet| b":=".contains(octet));
    let spoiled = || {
        top(left).is_some_and(|label| is_top_label(&label))
            && top(&joined).is_some_and(|label| !is_top_label(&label))
    };
    signs || (named && spoiled())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The missing blanks of a record whose strings are given with `|` between.
    fn found(record: &str) -> Vec<(usize, bool)> {
        let strings: Vec<&str> = record.split('|').collect();
        let ends = strings.iter().scan(0, |end, string| {
            *end += string.len();
            Some(*end)
        });
        let joined = strings.concat();
        let ends: Vec<usize> = ends.filter(|end| *end < joined.len()).collect();
        let joints = missing_blanks(joined.as_bytes(), &ends);
        joints.into_iter().map(|joint| (joint.at, joint.legal)).collect()
    }

    #[test]
    fn blanks_are_missed_between_whole_terms_only() {
        for (record, expected) in [
            ("v=spf1 ip4:192.0.2.1|ip4:192.0.2.2 -all", vec![(20, false)]),
            ("v=spf1 ip4:192.0.2.0/24|include:x.example -all", vec![(23, false)]),
            ("v=spf1 mx|-all", vec![(9, false)]),
            ("v=spf1 a|mx|~all", vec![(8, false), (10, false)]),
            ("v=spf1 include:_spf.example.com|-all", vec![(31, true)]),
            ("v=spf1 include:a.example|include:b.example -all", vec![(24, true)]),
            ("v=spf1 include:a.com|mx -all", vec![(20, true)]),
            ("v=spf1 include:a.com|ip4:192.0.2.1 -all", vec![(20, false)]),
            ("v=spf1 include:a.com| -all", vec![]),
            ("v=spf1 include:a.com |-all", vec![]),
            ("v=spf1 ip4:192.0.2.0/2|4 -all", vec![]),
            ("v=spf1 ip4:192.0.2.1|0 -all", vec![]),
            ("v=spf1 include:_spf.exam|ple.com -all", vec![]),
            ("v=spf1 include:_spf.example.c|a -all", vec![]),
            ("v=spf1 include:a.example|mx -all", vec![]),
            ("v=spf1 ip6:2001:db8::|a -all", vec![]),
            ("v=spf1 -al|l", vec![]),
            ("v=sp|f1 -all", vec![]),
            ("v=spf1|-all", vec![]),
        ] {
            assert_eq!(found(record), expected, "{record}");
        }
    }

    #[test]
    fn many_small_strings_end_soon() {
        let long = format!("v=spf1 {}", vec!["a"; 20_000].join("|"));
        assert!(found(&long).len() < 20_000);
    }
}
