//! What terms do, on small policies.

use super::*;
use crate::dns::ZoneMap;
use crate::name::DomainName;
use crate::policy::{WalkOptions, count_lookups, walk};

fn of(records: &[(&str, &str)]) -> Option<Effects> {
    let mut map = serde_json::Map::new();
    for (domain, text) in records {
        map.insert((*domain).to_owned(), serde_json::json!({ "TXT": [text] }));
    }
    map.insert("h.example".to_owned(), serde_json::json!({ "A": ["192.0.2.7"] }));
    let zones = ZoneMap::read(&serde_json::to_vec(&map).unwrap()).unwrap();
    let domain = DomainName::parse(records[0].0).unwrap();
    let graph = walk(&zones, &domain, &WalkOptions::default()).unwrap();
    effects(&graph, &count_lookups(&graph)[&Graph::ROOT])
}

fn terms(record: &str) -> Vec<Effect> {
    of(&[("x.example", record)]).unwrap().terms
}

fn deciders(terms: &[usize], instead: Option<Qualifier>) -> Deciders {
    Deciders { terms: terms.to_vec(), instead }
}

#[test]
fn each_kind_of_redundancy() {
    let found = terms("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.0/24 -ip4:192.0.2.1 a:h.example ~all");
    let expected = [
        Effect::Idle(deciders(&[1], None)),
        Effect::Counts,
        Effect::Shadowed(deciders(&[0], Some(Qualifier::Pass))),
        Effect::Shadowed(deciders(&[0], None)),
        Effect::Counts,
    ];
    assert_eq!(found, expected);
    let found = terms("v=spf1 ip4:192.0.2.1 ?ip4:192.0.2.1/32 a:gone.example ip6:::ffff:1.2.3.4");
    let nobody = Effect::MatchesNobody;
    assert_eq!(found, [Effect::Counts, Effect::Repeats(0), nobody.clone(), nobody]);
}

/// Each deletion alone keeps the meaning too, not only all together.
#[test]
fn chains_of_redundant_terms_stay_sound_in_parts() {
    let found = terms("v=spf1 ip4:192.0.2.1 ~ip4:192.0.2.0/31 ip4:192.0.2.1 ip4:192.0.2.0/30 ~all");
    // Without the third term the first is idle, but it says ~ with it.
    assert_eq!(found[0], Effect::Counts);
    assert_eq!(found[2], Effect::Repeats(0));
    let found = terms("v=spf1 ip4:192.0.2.1 ~ip4:192.0.2.1 ip4:192.0.2.0/24 ~all");
    assert_eq!(found[..2], [Effect::Counts, Effect::Repeats(0)]);
}

#[test]
fn covers_of_everyone_keep_what_makes_them() {
    let found = terms("v=spf1 ?ip4:0.0.0.0/1 ?ip4:128.0.0.0/1 ?ip6:::/0 -all");
    assert_eq!(found, vec![Effect::Counts; 4]);
}

#[test]
fn clients_are_not_sent_into_too_many_lookups() {
    let hosts: String = (0..11).map(|number| format!(" a:h{number}.example")).collect();
    let record = format!("v=spf1 ip4:192.0.2.1{hosts} ip4:192.0.2.0/24 ~ip4:198.51.100.1 ~all");
    let found = terms(&record);
    assert_eq!(found[0], Effect::Counts);
    assert!(found[found.len() - 2].is_redundant());
}

#[test]
fn loops_and_errors_are_unknown() {
    let records = [
        ("x.example", "v=spf1 ip4:192.0.2.1 include:y.example ip4:192.0.2.0/24 ~all"),
        ("y.example", "v=spf1 include:z.example ip4:192.0.2.0/25 -all"),
        ("z.example", "v=spf1 include:y.example -all"),
    ];
    assert_eq!(of(&records).unwrap().terms, vec![Effect::Counts; 4]);
    let gone = ("x.example", "v=spf1 ip4:192.0.2.1 include:gone.example ip4:192.0.2.0/24 ~all");
    assert_eq!(of(&[gone]).unwrap().terms, vec![Effect::Counts; 4]);
}

#[test]
fn failures_of_dns_are_unknown() {
    let zones = serde_json::json!({
        "x.example": {
            "TXT": ["v=spf1 ip4:192.0.2.1 a:f.example ip4:192.0.2.0/24 ip6:2001:db8::1 ~all"],
        },
        "f.example": { "AAAA": ["2001:db8::1"], "RCODE": { "A": "SERVFAIL" } },
    });
    let zones = ZoneMap::read(&serde_json::to_vec(&zones).unwrap()).unwrap();
    let domain = DomainName::parse("x.example").unwrap();
    let graph = walk(&zones, &domain, &WalkOptions::default()).unwrap();
    let found = effects(&graph, &LookupCount::default()).unwrap().terms;
    assert_eq!(found[..3], [Effect::Counts, Effect::Counts, Effect::Counts]);
    assert!(matches!(found[3], Effect::Shadowed(_)));
}

#[test]
fn overlaps_name_the_term_that_differs() {
    let record =
        "v=spf1 -ip4:192.0.2.5 ip4:192.0.2.16/28 exists:%{i}.example ip4:192.0.2.0/24 ~all";
    let found = of(&[("x.example", record)]).unwrap().overlaps;
    let expected =
        Overlap { term: 3, other: 0, differs: true, range: "192.0.2.5".to_owned(), more: 1 };
    assert_eq!(found, [expected]);
}

#[test]
fn addresses_count_for_the_term_that_passes_them() {
    let record = "v=spf1 ip4:192.0.2.0/25 -ip4:192.0.2.128 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all";
    assert_eq!(of(&[("x.example", record)]).unwrap().passed_ip4, [128, 0, 127, 0, 0]);
}

/// Many wide includes over many ranges are given up, not waited for.
#[test]
fn extreme_policies_are_given_up() {
    let ranges: String =
        (0..20_000).map(|n| format!(" ip4:10.{}.{}.1", n / 256, n % 256)).collect();
    let mut records = vec![("x.example".to_owned(), String::new())];
    for number in 0..300 {
        records[0].1 += &format!(" include:y{number}.example");
        let text = format!("v=spf1 ip4:11.0.0.{} include:z.example -all", number % 256);
        records.push((format!("y{number}.example"), text));
    }
    records[0].1 = format!("v=spf1{} ~all", records[0].1);
    records.push(("z.example".to_owned(), format!("v=spf1{ranges} -all")));
    let borrowed: Vec<(&str, &str)> =
        records.iter().map(|(domain, text)| (domain.as_str(), text.as_str())).collect();
    assert!(of(&borrowed).is_none());
}
