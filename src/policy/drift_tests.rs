//! Drift on small policies, and what holds for any.

use super::*;
use crate::dns::ZoneMap;
use crate::name::DomainName;
use crate::policy::Branch;
use proptest::prelude::*;
use proptest::sample::select;

fn reading(map: &str) -> Reading {
    let map = ZoneMap::read(map.as_bytes()).unwrap();
    Reading::read(&map, &DomainName::parse("a.test").unwrap(), None).unwrap()
}

/// The drift between two worlds of `a.test` and `b.test`.
fn between(before: [&str; 2], after: [&str; 2]) -> Drift {
    let world = |[a, b]: [&str; 2]| {
        format!(r#"{{"a.test": {{"TXT": ["{a}"]}}, "b.test": {{"TXT": ["{b}"]}}}}"#)
    };
    drift(&reading(&world(before)), &reading(&world(after)))
}

/// `+192.0.2.0/24 include:b.test b.test ip4:192.0.2.0/24`, one a range.
fn shown(drift: &Drift) -> Vec<String> {
    fn line<A: Address>(drifted: &Drifted<A>) -> String {
        let sign = match drifted.difference.change() {
            Change::Gained => '+',
            Change::Lost => '-',
            Change::Other => '~',
        };
        let Decider { branch, domain, term } = &drifted.decider;
        let Branch { include, .. } = branch;
        let words = [include.as_deref(), Some(&domain.to_string()), term.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        format!("{sign}{} {}", drifted.difference.range, words.join(" "))
    }
    drift.ip4.iter().map(line).chain(drift.ip6.iter().map(line)).collect()
}

#[test]
fn ranges_are_told_by_who_brings_or_loses_them() {
    let drift = between(
        ["v=spf1 include:b.test ip4:192.0.2.0/31 -all", "v=spf1 ip4:198.51.100.0/31 -all"],
        ["v=spf1 include:b.test ip4:192.0.2.0 -all", "v=spf1 ip6:2001:db8::/127 -all"],
    );
    assert_eq!(
        shown(&drift),
        [
            "-192.0.2.1 a.test ip4:192.0.2.0/31",
            "-198.51.100.0-198.51.100.1 include:b.test b.test ip4:198.51.100.0/31",
            "+2001:db8::-2001:db8::1 include:b.test b.test ip6:2001:db8::/127",
        ]
    );
    assert_eq!(drift.passing_ip4, Passing { before: 4, kept: 1, after: 1 });
    assert_eq!(drift.passing_ip4.lost_percent(), 75);
    assert!(drift.passing_ip4.lost_more_than(74) && !drift.passing_ip4.lost_more_than(75));
    assert_eq!(drift.passing_ip6, Passing { after: 1, ..Passing::default() });
    assert!(!drift.passing_ip6.lost_more_than(0));
    assert_eq!(drift.answers.len(), 2);
}

#[test]
fn neighbours_of_different_terms_stay_apart() {
    let before = ["v=spf1 include:b.test -all", "v=spf1 -all"];
    let after = ["v=spf1 include:b.test -all", "v=spf1 ip4:192.0.2.0/32 ip4:192.0.2.1 -all"];
    let drift = between(before, after);
    assert_eq!(drift.comparison.ip4.len(), 1);
    assert_eq!(drift.ip4.len(), 2);
}

#[test]
fn behind_a_redirect_branches_are_those_of_its_target() {
    let before = ["v=spf1 redirect=b.test", "v=spf1 -all"];
    let drift = between(before, ["v=spf1 redirect=b.test", "v=spf1 ip4:192.0.2.1 -all"]);
    assert_eq!(shown(&drift), ["+192.0.2.1 b.test ip4:192.0.2.1"]);
    assert_eq!(drift.ip4[0].decider.branch.domain.to_string(), "b.test");
}

#[test]
fn what_only_the_message_decides_has_a_term_too() {
    let before = ["v=spf1 include:b.test ip4:192.0.2.1 -all", "v=spf1 -all"];
    let after = ["v=spf1 include:b.test ip4:192.0.2.1 -all", "v=spf1 exists:%{i}.c.test -all"];
    let drift = between(before, after);
    let lines = shown(&drift);
    assert!(!lines.is_empty());
    let by_exists = |line: &String| line.ends_with("include:b.test b.test exists:%{i}.c.test");
    assert!(lines.iter().all(by_exists), "{lines:?}");
    assert_eq!(drift.passing_ip4, Passing { before: 1, kept: 1, after: 1 });
}

#[test]
fn what_changes_no_result_is_a_changed_answer() {
    let world = |texts: &str| reading(&format!(r#"{{"a.test": {{"TXT": [{texts}]}}}}"#));
    let before = world(r#""v=spf1 ip4:192.0.2.0/31 -all", "verification=1""#);
    let tokens = world(r#""verification=2", "v=spf1 ip4:192.0.2.0/31 -all""#);
    let drift_of = |after: &Reading| super::drift(&before, after);
    assert!(drift_of(&tokens).answers.is_empty());
    let other = drift_of(&world(r#""v=spf1 ip4:192.0.2.0 ip4:192.0.2.1 -all""#));
    assert_eq!((other.answers.len(), other.ip4.len()), (1, 0));
}

#[test]
fn failures_of_dns_are_no_drift() {
    let before = r#"{"a.test": {"TXT": ["v=spf1 include:b.test -all"]},
        "b.test": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]}}"#;
    let after = r#"{"a.test": {"TXT": ["v=spf1 include:b.test -all"]},
        "b.test": {"RCODE": "SERVFAIL"}}"#;
    for (one, other) in [(before, after), (after, before)] {
        let drift = drift(&reading(one), &reading(other));
        assert!(drift.failed.is_some() && drift.ip4.is_empty() && drift.answers.is_empty());
    }
    let gone = r#"{"a.test": {"TXT": ["v=spf1 include:b.test -all"]}}"#;
    let drift = drift(&reading(before), &reading(gone));
    assert_eq!((drift.errors.len(), drift.passing_ip4.lost_percent()), (1, 100));
}

#[test]
fn networks_of_64_bits_are_counted_once() {
    let set = |ranges: &[(u128, u128)]| -> RangeSet<u128> {
        ranges.iter().map(|(first, last)| Range { first: *first, last: *last }).collect()
    };
    let network = 1u128 << 64;
    assert_eq!(networks(&set(&[])), 0);
    assert_eq!(networks(&set(&[(1, 1), (5, 9), (network, network)])), 2);
    assert_eq!(networks(&set(&[(5, network + 1), (network + 7, 3 * network)])), 4);
    assert_eq!(networks(&RangeSet::all()), network);
}

/// Terms of small policies that overlap, include and ask the message.
fn term() -> impl Strategy<Value = String> {
    let ip4 = (0u8..8, 29u8..=32).prop_map(|(low, length)| format!("ip4:192.0.2.{low}/{length}"));
    let ip6 =
        (0u8..8, 125u8..=128).prop_map(|(low, length)| format!("ip6:2001:db8::{low}/{length}"));
    let other = prop_oneof![
        Just("include:b.test".to_owned()),
        Just("a:h.test".to_owned()),
        Just("exists:%{i}.c.test".to_owned()),
    ];
    (select(&["", "-", "~", "?"][..]), prop_oneof![ip4, ip6, other])
        .prop_map(|(qualifier, term)| format!("{qualifier}{term}"))
}

fn world() -> impl Strategy<Value = String> {
    let terms = || proptest::collection::vec(term(), 0..5);
    let all = || select(&["-all", "~all", "?all", ""][..]);
    let b = proptest::collection::vec(term(), 0..4).prop_map(|terms| {
        terms.into_iter().filter(|term| !term.ends_with("b.test")).collect::<Vec<_>>()
    });
    (terms(), all(), b, all(), 0u8..8).prop_map(|(a, a_all, b, b_all, host)| {
        format!(
            r#"{{"a.test": {{"TXT": ["v=spf1 {} {a_all}"]}}, "b.test": {{"TXT": ["v=spf1 {} {b_all}"]}},
                "h.test": {{"A": ["192.0.2.{host}"]}}}}"#,
            a.join(" "),
            b.join(" ")
        )
    })
}

/// The ranges of one kind, neighbours joined.
fn joined<'a, A: Address>(
    differences: impl Iterator<Item = &'a Difference<A>>,
    wanted: Change,
) -> RangeSet<A> {
    differences.filter(|it| it.change() == wanted).map(|it| it.range).collect()
}

/// An include that lowering cannot take apart is one unknown, and decides.
#[test]
fn an_include_that_stays_whole_is_named() {
    let before = r#"{"a.test": {"TXT": ["v=spf1 -all"]}}"#.to_owned();
    let after = r#"{"a.test": {"TXT": ["v=spf1 include:b.test"]},
        "b.test": {"TXT": ["v=spf1 -exists:%{i}.c.test ip4:192.0.2.0/29 -all"]}}"#
        .to_owned();
    let drift = drift(&reading(&before), &reading(&after));
    let gained = drift.ip4.iter().find(|part| part.difference.change() == Change::Gained);
    assert_eq!(gained.unwrap().decider.term.as_deref(), Some("include:b.test"));
}

proptest! {
    #[test]
    fn a_reading_does_not_drift_from_itself(world in world()) {
        let drift = drift(&reading(&world), &reading(&world));
        prop_assert_eq!(drift.comparison.verdict, Verdict::Equal);
        prop_assert!(drift.ip4.is_empty() && drift.ip6.is_empty() && drift.answers.is_empty());
        prop_assert_eq!(drift.passing_ip4.before, drift.passing_ip4.kept);
        prop_assert_eq!(drift.passing_ip6.before, drift.passing_ip6.kept);
    }

    #[test]
    fn the_parts_are_the_compared_ranges(before in world(), after in world()) {
        let drift = drift(&reading(&before), &reading(&after));
        for wanted in [Change::Gained, Change::Lost, Change::Other] {
            let parts = joined(drift.ip4.iter().map(|part| &part.difference), wanted);
            prop_assert_eq!(parts, joined(drift.comparison.ip4.iter(), wanted));
            let parts = joined(drift.ip6.iter().map(|part| &part.difference), wanted);
            prop_assert_eq!(parts, joined(drift.comparison.ip6.iter(), wanted));
        }
        let addresses = |parts: &[Drifted<u32>]| {
            parts.iter().map(|part| part.difference.range.addresses()).sum::<u128>()
        };
        let compared = drift.comparison.ip4.iter().map(|it| it.range.addresses()).sum::<u128>();
        prop_assert_eq!(addresses(&drift.ip4), compared);
        // A term that decides is one that is there.
        let named = |decider: &Decider| decider.term.is_some();
        for part in drift.ip4.iter().filter(|part| part.difference.change() != Change::Other) {
            prop_assert!(named(&part.decider), "{:?}", part);
        }
    }
}
