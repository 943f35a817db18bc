//! What records ask zones, and which records no zone can be served for.

use proptest::prelude::*;

use super::*;
use crate::syntax::{MacroValues, target_name};

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn terms(record: &str) -> ZoneTerms {
    read_zone_terms(record, None).unwrap()
}

fn refused(record: &str) -> String {
    read_zone_terms(record, None).unwrap_err().to_string()
}

#[test]
fn a_record_tells_its_zone() {
    for (record, order, version, by_domain) in [
        ("v=spf1 exists:%{ir}.%{v}.Z.Example -all", Order::Reversed, true, false),
        ("exists:%{i}.z.example", Order::Forward, false, false),
        ("?exists:%{IR}.z.example", Order::Reversed, false, false),
        ("V=SPF1 mx exists:%{iR}.%{v}.%{d}.z.example -all", Order::Reversed, true, true),
        (" EXISTS:%{i}.%{v}.z.example. ", Order::Forward, true, false),
    ] {
        let read = read_zone_terms(record, None);
        if record.contains("%{IR}") {
            assert!(read.unwrap_err().to_string().contains("exactly %{ir} or %{i}"));
            continue;
        }
        let terms = read.unwrap_or_else(|error| panic!("{record}: {error}"));
        assert_eq!(terms.layout, Layout::new(&name("z.example"), order, version).unwrap());
        assert_eq!((terms.mechanism, terms.by_domain), (ZoneMechanism::Exists, by_domain));
        assert!(terms.outcomes[0].name.is_root());
    }
    let several = terms(
        "v=spf1 ~exists:%{ir}.%{v}.softfail1.z.example ip4:192.0.2.1 exists:%{ir}.%{v}.z.example -all",
    );
    let outcomes: Vec<_> =
        several.outcomes.iter().map(|it| (it.name.to_string(), it.qualifier)).collect();
    let softfail = ("softfail1".to_owned(), Qualifier::Softfail);
    assert_eq!(outcomes, [(".".to_owned(), Qualifier::Pass), softfail]);
    assert_eq!(several.layout.zone(), &name("z.example"));
    let of_domains = terms("-exists:%{ir}.%{v}.fail1.%{d}.z.example");
    assert_eq!(of_domains.outcomes[0].name, name("fail1"));
}

#[test]
fn one_of_several_zones_is_named() {
    let record = "v=spf1 exists:%{ir}.%{v}.a.example exists:%{ir}.list.example.net -all";
    assert!(refused(record).contains("'name' says which is meant"), "{}", refused(record));
    let named = |zone: &str| read_zone_terms(record, Some(&name(zone)));
    assert!(named("A.example").unwrap().layout.version());
    assert!(!named("list.example.net").unwrap().layout.version());
    let error = |zone: &str| named(zone).unwrap_err();
    assert_eq!(error("b.example"), RecordFault::NotAsked(name("b.example")));
    assert!(matches!(error("example.net"), RecordFault::OtherZone { .. }));
}

#[test]
fn records_that_cannot_be_served_are_refused() {
    for (record, reason) in [
        ("v=spf1 exists:%{ir}.%{v} -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:a.%{ir}.%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{v}.%{ir}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.x.%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.%{v}.%{d}%{d}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.%%.%{v}.z.example -all", "is none of %{ir}.ZONE"),
        ("v=spf1 exists:%{ir}.%{v}z.example -all", "is none of %{ir}.ZONE"),
        ("exists:%{ir4}.%{v}.z.example", "the record has a mistake: bad macro transformer"),
        ("exists:%{i4r}.%{v}.z.example", "has %{i4r}, where zones are served for exactly"),
        ("exists:%{ir-}.z.example", "has %{ir-}, where"),
        ("exists:%{IR}.z.example", "has %{IR}, where"),
        ("exists:%{ir}.%{vr}.z.example", "for exactly %{v}"),
        ("exists:%{ir}.%{v}.%{d2}.z.example", "for exactly %{d}"),
        ("exists:%{ir}.%{d}.z.example", "has %{d} without %{v}"),
        ("exists:%{ir}.%{v}.example", "less than two labels"),
        ("exists:%{ir}.%{v}.a!b.example", "other characters"),
        ("exists:%{ir}.%{v}..example", "has an empty label"),
        ("v=spf1 mx -all", "asks for a name with the client's address"),
        ("v=spf1 exists:%{ir -all", "the record has a mistake"),
        ("v=spf1 a:%{ir}.%{v}.z.example -all", "asks for a name with the client's address"),
        (
            "v=spf1 exists:%{ir}.%{v}.z.example include:%{ir}.%{v}.b.z.example -all",
            "differ in mechanism",
        ),
        ("v=spf1 exists:%{ir}.%{v}.z.example exists:%{i}.%{v}.b.z.example", "differ in mechanism"),
        ("v=spf1 exists:%{ir}.%{v}.z.example ~exists:%{ir}.%{v}.z.example", "twice"),
        ("v=spf1 exists:%{ir}.%{v}.z.example include:x.z.example -all", "does not hold"),
        ("v=spf1 exists:%{ir}.%{v}.z.example redirect=x.z.example", "does not hold"),
        ("v=spf1 exists:%{ir}.%{v}.z.example a:%{d}.z.example -all", "does not hold"),
    ] {
        assert!(refused(record).contains(reason), "{record}: {}", refused(record));
    }
    // A server of the zone may send mail.
    terms("v=spf1 exists:%{ir}.%{v}.z.example a:ns1.z.example exists:%{h}.example.net -all");
    let long = vec!["a".repeat(60); 3].join(".");
    assert!(refused(&format!("exists:%{{ir}}.{long}.example")).contains("is over 253 octets"));
}

/// The name that a term of a record asks for.
fn asked(record: &str, client: &str, helo: &str) -> DomainName {
    let parse = parse_record(record.as_bytes());
    let TermKind::Directive(directive) = parse.record.terms()[0].kind else { panic!("a term") };
    let Mechanism::Exists(spec) = directive.mechanism else { panic!("an exists") };
    let values = MacroValues {
        local_part: b"postmaster",
        sender_domain: b"example.com",
        domain: b"example.com",
        ip: client.parse().unwrap(),
        helo: helo.as_bytes(),
        validated_name: b"unknown",
        receiver: b"unknown",
        time: 0,
    };
    let mut expanded = Vec::new();
    values.expand(parse.record.text(), parse.record.parts(&spec.0), &mut expanded);
    target_name(&expanded).unwrap()
}

/// Why no macro that the sender chooses is served.
#[test]
fn a_helo_of_217_octets_puts_a_listed_address_in_place_of_the_own() {
    let zone = "macros.spf.mail-senders.example.com";
    let record = format!("v=spf1 exists:%{{ir}}.%{{v}}.%{{h}}.{zone} -all");
    let padding = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "x".repeat(7));
    let helo = format!("7.2.0.192.in-addr.{padding}");
    assert_eq!(helo.len(), 217);
    let stranger = asked(&record, "198.51.100.1", &helo);
    assert_eq!(stranger, asked(&record, "192.0.2.7", &padding));
    let said = refused(&record);
    assert!(said.contains("has %{h} in its name: names over 253 octets lose labels"), "{said}");
    for letter in ["h", "l", "s", "o", "p", "H", "l1r-"] {
        for text in [
            format!("exists:%{{ir}}.%{{v}}.%{{{letter}}}.{zone}"),
            format!("include:%{{{letter}}}.%{{ir}}.%{{v}}.{zone}"),
            format!("v=spf1 exists:%{{ir}}.%{{v}}.{zone} exists:%{{{letter}}}.{zone} -all"),
            format!("v=spf1 exists:%{{ir}}.%{{v}}.{zone} exp=%{{{letter}}}.{zone} -all"),
        ] {
            assert!(refused(&text).contains("lose labels from the left"), "{text}");
        }
    }
    // Without it, the name of any client fits, whatever the HELO.
    let record = format!("v=spf1 exists:%{{ir}}.%{{v}}.{zone} -all");
    let layout = terms(&record).layout;
    for client in ["198.51.100.1", "2001:db8::1"] {
        assert_eq!(asked(&record, client, &helo), layout.owner(client.parse().unwrap()).unwrap());
    }
}

proptest! {
    #[test]
    fn what_a_layout_asks_reads_back(
        labels in proptest::collection::vec("[a-z_][a-z0-9-]{0,9}", 2..5),
        forward: bool,
        version: bool,
        include: bool,
    ) {
        let order = if forward { Order::Forward } else { Order::Reversed };
        let layout = Layout::new(&name(&labels.join(".")), order, version).unwrap();
        let mechanism = if include { ZoneMechanism::Include } else { ZoneMechanism::Exists };
        let term = format!("{}:{}", mechanism.as_str(), layout.domain_spec());
        for text in [term.clone(), format!("v=spf1 a {term} -all")] {
            // A name may end in no top label.
            if let Ok(terms) = read_zone_terms(&text, None) {
                prop_assert_eq!(&terms.layout, &layout);
                prop_assert_eq!(terms.mechanism, mechanism);
            } else {
                prop_assert!(!layout.zone().labels().last().unwrap()[0].is_ascii_alphabetic()
                    || layout.zone().labels().last().unwrap().ends_with(b"-"));
            }
        }
    }

    #[test]
    fn no_record_makes_it_panic(text in "(v=spf1 )?([~-]?(exists|include|a):(%\\{[a-z]{1,2}[0-9]?[.-]?\\}|[a-z0-9.%]{0,3}){0,6} ?){0,3}") {
        let _ = read_zone_terms(&text, None);
        let _ = read_zone_terms(&text, Some(&name("z.example")));
    }
}
