//! How clients go through policies, and that those who pass are those whom the
//! decision map passes.

use std::collections::HashSet;

use super::*;
use crate::addr::{IP4_MAPPED, Range, RangeSet};
use crate::dns::ZoneMap;
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::{Decisions, End, Known, WalkOptions, lower, walk};
use proptest::prelude::*;

fn graph(zones: &ZoneMap, domain: &str) -> Graph {
    let domain = DomainName::parse(domain).unwrap();
    walk(zones, &domain, &WalkOptions::default()).unwrap()
}

/// A world of these records; `%` stands for names with addresses.
fn world(records: &[(&str, &str)]) -> ZoneMap {
    let mut map = serde_json::Map::new();
    for (domain, text) in records {
        map.insert((*domain).to_owned(), serde_json::json!({ "TXT": [text] }));
    }
    for number in 0..16 {
        let addresses = serde_json::json!({
            "A": [format!("192.0.2.{number}")], "AAAA": [format!("2001:db8::{number}")],
        });
        map.insert(format!("h{number}.example"), addresses);
    }
    ZoneMap::read(&serde_json::to_vec(&map).unwrap()).unwrap()
}

/// The course of the first record's policy.
fn of(records: &[(&str, &str)]) -> Course {
    course(&graph(&world(records), records[0].0))
}

fn hosts(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!(" a:h{number}.example")).collect()
}

#[test]
fn the_eleventh_lookup_is_over_the_limit() {
    let ten = format!("v=spf1{} -all", hosts(0..10));
    assert_eq!(of(&[("x.example", &ten)]).terms_over, None);
    let eleven = format!("v=spf1 ip4:192.0.2.99{} -all", hosts(0..11));
    let over = of(&[("x.example", &eleven)]).terms_over.unwrap();
    assert_eq!((over.node, over.term, over.via), (Graph::ROOT, 11, 11));
}

#[test]
fn lookups_that_no_client_makes_do_not_count() {
    let many = format!("v=spf1 include:y.example{} -all", hosts(0..11));
    let everyone = [("x.example", many.as_str()), ("y.example", "v=spf1 +all")];
    assert_eq!(of(&everyone).terms_over, None);
    // IPv6 clients go on behind a cover of IPv4 alone.
    let half = [("x.example", many.as_str()), ("y.example", "v=spf1 ip4:0.0.0.0/0 -all")];
    assert!(of(&half).terms_over.is_some());
    // Who fails inside an include has met only what stands before.
    let inner = format!("v=spf1 -ip4:0.0.0.0/0 -ip6:::/0{} -all", hosts(0..11));
    let early = [("x.example", "v=spf1 include:y.example -all"), ("y.example", inner.as_str())];
    assert_eq!(of(&early).terms_over, None);
}

#[test]
fn what_stands_behind_too_many_lookups_is_reached_too() {
    let many = format!("v=spf1{} include:gone.example -all", hosts(0..12));
    let course = of(&[("x.example", &many)]);
    assert_eq!(course.visits.len(), 14);
    assert!(matches!(course.default, Some(DefaultResult::All(_))));
}

#[test]
fn wide_and_deep_policies_are_seen_once_beyond_the_limit() {
    let mut records = Vec::new();
    for level in 0..12 {
        let next = format!(" include:l{}.example", level + 1).repeat(10);
        records.push((format!("l{level}.example"), format!("v=spf1{next} -all")));
    }
    records.push(("l12.example".to_owned(), "v=spf1 -all".to_owned()));
    let borrowed: Vec<(&str, &str)> =
        records.iter().map(|(domain, text)| (domain.as_str(), text.as_str())).collect();
    let course = of(&borrowed);
    assert!(course.terms_over.is_some());
    assert!(course.visits.len() < 500);
}

#[test]
fn loops_are_marked_where_they_close() {
    let records = [
        ("x.example", "v=spf1 include:y.example -all"),
        ("y.example", "v=spf1 include:z.example -all"),
        ("z.example", "v=spf1 ip4:192.0.2.1 redirect=y.example"),
    ];
    let course = of(&records);
    let closing: Vec<_> = course.visits.iter().filter(|visit| visit.loops).collect();
    assert_eq!(closing.len(), 1);
    assert_eq!((closing[0].node, closing[0].own, closing[0].via), (NodeId(2), false, 0));
}

#[test]
fn voids_count_for_each_family() {
    let gone = "v=spf1 a:g1.example a:g2.example a:g3.example -all";
    let course = of(&[("x.example", gone)]);
    assert_eq!(course.void_over_ip4.unwrap().term, 2);
    assert_eq!(course.void_over_ip6.unwrap().term, 2);
    let covered = "v=spf1 a:g1.example -ip6:::/0 a:g2.example a:g3.example -all";
    let course = of(&[("x.example", covered)]);
    assert!(course.void_over_ip4.is_some() && course.void_over_ip6.is_none());
    let dynamic = "v=spf1 exists:%{i}.a.example ptr a:g1.example -all";
    let course = of(&[("x.example", dynamic)]);
    assert!(course.void_over_ip4.is_none() && course.dynamic);
    assert_eq!(course.perhaps_void_over.unwrap().term, 2);
}

#[test]
fn what_a_match_decides_goes_through_includes() {
    let records = [
        ("x.example", "v=spf1 ?include:y.example include:y.example ~all"),
        ("y.example", "v=spf1 include:z.example -all"),
        ("z.example", "v=spf1 ip4:192.0.2.1 all"),
    ];
    let decides: HashSet<_> = of(&records)
        .visits
        .iter()
        .filter(|visit| visit.node == NodeId(2))
        .map(|visit| visit.decides)
        .collect();
    assert_eq!(decides, HashSet::from([Some(Qualifier::Neutral)]));
}

/// The addresses that the decision map of the same graph passes; `None` where
/// it has an error or a dynamic term.
fn passed_by_map(graph: &Graph) -> Option<(RangeSet<u32>, RangeSet<u128>)> {
    let mut decisions = Decisions::default();
    let levels = Ceilings::DEFAULT.levels;
    let map = lower(graph, &Known::new(), levels, &mut decisions).map;
    let clear = map.decisions().into_iter().all(|id| {
        let decision = decisions.get(id);
        decision.dynamic.is_empty() && matches!(decision.end, End::Outcome(_))
    });
    let passes = |id| decisions.get(id).end == End::Outcome(Qualifier::Pass);
    let ip4 = map.ip4.ranges().filter(|(_, id, _)| passes(*id)).map(|(range, ..)| range);
    let ip6: RangeSet<u128> =
        map.ip6.ranges().filter(|(_, id, _)| passes(*id)).map(|(range, ..)| range).collect();
    let mapped: RangeSet<u128> = [IP4_MAPPED].into_iter().collect::<RangeSet<u128>>();
    clear.then(|| (ip4.collect(), ip6.difference(&mapped)))
}

const TERMS: [&str; 12] = [
    "ip4:0.0.0.0/1",
    "-ip4:192.0.0.0/8",
    "~ip4:192.0.2.0/24",
    "ip4:192.0.2.4/30",
    "ip6:2001:db8::/32",
    "-ip6:2001:db8::/48",
    "include:r1.example",
    "-include:r2.example",
    "?include:r3.example",
    "a:h4.example",
    "-a:h5.example/28//120",
    "include:r3.example",
];
const LAST: [&str; 5] = ["-all", "+all", "~all", "", "redirect=r3.example"];

prop_compose! {
    fn record()(terms in proptest::collection::vec(0..TERMS.len(), 0..6), last in 0..LAST.len())
        -> (Vec<usize>, usize) { (terms, last) }
}

/// Only records further down are included, so that there is no loop.
fn text(number: usize, (terms, last): &(Vec<usize>, usize)) -> String {
    let further = |term: &&str| match term.find(".example").filter(|_| term.contains('r')) {
        Some(dot) => term[..dot].ends_with(|digit: char| digit > char::from(b'0' + number as u8)),
        None => true,
    };
    let leads_on =
        |term: &&str| !(term.contains("include") || term.contains("redirect")) || further(term);
    let terms = terms.iter().map(|index| TERMS[*index]).chain([LAST[*last]]).filter(leads_on);
    std::iter::once("v=spf1").chain(terms).collect::<Vec<_>>().join(" ")
}

proptest! {
    #[test]
    fn who_passes_is_who_the_map_passes(records in proptest::collection::vec(record(), 4)) {
        let texts: Vec<(String, String)> = records.iter().enumerate()
            .map(|(number, record)| (format!("r{number}.example"), text(number, record))).collect();
        let borrowed: Vec<(&str, &str)> = texts.iter().map(|(d, t)| (d.as_str(), t.as_str())).collect();
        let graph = graph(&world(&borrowed), "r0.example");
        let course = course(&graph);
        if let (Some((ip4, ip6)), None) = (passed_by_map(&graph), course.terms_over) {
            prop_assert_eq!(course.passes.ip4.addresses(), ip4, "{:?}", borrowed);
            prop_assert_eq!(course.passes.ip6.addresses(), ip6, "{:?}", borrowed);
        }
    }
}

#[test]
fn ranges_of_everyone_leave_out_mapped_addresses() {
    let course = of(&[("x.example", "v=spf1 ip6:::/0 -all")]);
    assert!(course.passes.all_of_ip6() && !course.passes.all_of_ip4());
    let all: RangeSet<u128> = [Range::ALL].into_iter().collect();
    assert_ne!(course.passes.ip6.addresses(), all);
}
