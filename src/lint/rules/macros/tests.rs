//! How long names come to, against what they are expanded to.

use std::net::IpAddr;

use proptest::prelude::*;

use super::length::{Side, expansion};
use super::*;
use crate::name::DomainName;
use crate::syntax::{MacroValues, parse_record};

fn of(spec: &str) -> Expansion {
    let record = parse_record(format!("v=spf1 exists:{spec}").as_bytes()).record;
    let domain = DomainName::parse("mail.example.com").unwrap();
    expansion(&record, &domain_spec(&record.terms()[0]).unwrap().0, &domain, None)
}

#[test]
fn known_parts_are_counted() {
    let cases = [
        ("%{ir}.x.example", 63 + 10),
        ("%{i2}.x.example", 7 + 10),
        ("%{v}.%{d}", 7 + 1 + 16),
        ("%{d2}", 11),
        ("%{d1r}", 4),
        ("%{d2-}", 16),
        ("%{p}.x.example", 253 + 10),
        ("%{p2}.x.example", 127 + 10),
        ("%%%_%-.x.example", 5 + 10),
    ];
    for (spec, octets) in cases {
        let found = of(spec);
        assert_eq!(
            (found.fixed, found.chosen, found.by_sender),
            (octets, Some(0), false),
            "{spec}"
        );
    }
}

#[test]
fn what_a_sender_writes_is_bounded_by_labels_only() {
    assert_eq!(of("%{h}.x.example").most(), None);
    assert_eq!(of("%{l1r-}.x.example").most(), None);
    assert_eq!(of("%{s1}.x.example").most(), Some(73));
    assert_eq!(of("%{h3}.x.example").most(), Some(191 + 10));
    assert_eq!(of("%{o}.x.example").most(), Some(253 + 10));
    assert_eq!(of("%{O}.x.example").most(), None);
}

#[test]
fn the_address_is_cut_off_where_it_stands_left() {
    assert_eq!(of("%{ir}.%{h}.x.example").address, Some(Side::BeforeSender));
    assert_eq!(of("%{h}.%{ir}.x.example").address, Some(Side::BehindSender));
    assert_eq!(of("%{h}.%{ir}.%{l}.x.example").address, Some(Side::BeforeSender));
    assert_eq!(of("%{h}.x.example").address, None);
}

/// Labels of a domain, up to the longest.
fn labels() -> impl Strategy<Value = String> {
    "([a-z]{1,63}\\.){0,2}[a-z]{1,20}"
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(7208),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_expansion_is_longer_than_it_can_be(
        spec in "([a-z]{1,5}\\.|%\\{[sldoivhp][1-9]?r?[-.]{0,2}\\}){1,5}\\.com",
        ip: u128, ip4: bool, own: bool,
        local_part in "[a-z.-]{1,40}", sender in labels(), domain in labels(), helo in labels(), host in labels(),
    ) {
        let name = DomainName::parse(&domain).unwrap();
        let sent = DomainName::parse(&sender).unwrap();
        let record = parse_record(format!("v=spf1 exists:{spec}").as_bytes()).record;
        let string = domain_spec(&record.terms()[0]).unwrap().0;
        let ip = if ip4 { IpAddr::V4((ip as u32).into()) } else { IpAddr::V6(ip.into()) };
        let values = MacroValues {
            local_part: local_part.as_bytes(),
            sender_domain: sender.as_bytes(),
            domain: domain.as_bytes(),
            ip,
            helo: helo.as_bytes(),
            validated_name: host.as_bytes(),
            receiver: b"",
            time: 0,
        };
        let mut expanded = Vec::new();
        values.expand(record.text(), record.parts(&string), &mut expanded);
        let found = expansion(&record, &string, &name, own.then_some(&sent));
        if let Some(most) = found.most() {
            // A label over 63 octets makes no name.
            prop_assert!(most >= expanded.len() || expanded.split(|octet| *octet == b'.').any(|label| label.len() > 63));
        }
    }
}
