//! What names hold: compared with the reference that knows no octets, and told
//! one by one.

use proptest::prelude::*;

use super::{name, set, zone};
use crate::addr::{AddressSet, Range};
use crate::image::{Layout, NameAnswer, Order, ServedZone, ZoneMechanism};
use crate::name::DomainName;
use crate::responder::name::QuestionName;
use crate::responder::{Content, Rcode, Zone, Zones, answer, rtype};

/// The answer to a question, in words.
pub(super) fn ask(zones: &Zones, asked: &DomainName, qtype: u16) -> String {
    let mut read = QuestionName::default();
    assert!(read.read(&[asked.wire(), b"\0"].concat()).is_some());
    let answer = answer(zones, &read, qtype, 1);
    let zone = answer.zone.map(|(zone, _)| zone.ttls());
    match (answer.rcode, answer.content) {
        (Rcode::NoError, Content::Address) => String::from("A"),
        (Rcode::NoError, Content::Policy { client, passes: true }) => {
            let ip = if client.is_ipv4() { "ip4" } else { "ip6" };
            format!("v=spf1 {ip}:{client} -all")
        }
        (Rcode::NoError, Content::Policy { passes: false, .. }) => String::from("v=spf1 -all"),
        (Rcode::NoError, Content::Apex(records)) => format!("{} at the apex", records.len()),
        (Rcode::NoError, Content::Host(host)) => format!("host of {}", host.addresses.len()),
        (Rcode::NoError, Content::Negative(ttl)) => {
            let partial = zone.is_some_and(|ttls| ttl == ttls.partial);
            format!("no data{}", if partial { "" } else { ", for a minute" })
        }
        (Rcode::NxDomain, Content::Negative(_)) => String::from("no name"),
        (rcode, content) => format!("{rcode:?} {content:?}"),
    }
}

fn ask_for(zone: Zone, names: &[&str]) -> Vec<String> {
    let zones = Zones::new([zone]).unwrap();
    names.iter().map(|asked| ask(&zones, &name(asked), rtype::A)).collect()
}

#[test]
fn a_name_that_is_an_address_and_lies_above_others_is_not_missing() {
    let set = set(&["2008::/16"]);
    let zone = zone(ZoneMechanism::Exists, Order::Reversed, false, &[("", &set)]);
    let answers = ask_for(zone, &["8.0.0.2.z.example", "9.0.0.2.z.example", "0.0.2.z.example"]);
    // The address 2.0.0.8 may be added any time; nothing is an address of three.
    assert_eq!(answers, ["no data, for a minute", "no name", "no data"]);
}

#[test]
fn tenants_have_addresses_of_their_own() {
    let (first, second) = (set(&["192.0.2.0/24"]), set(&["198.51.100.0/24", "2001:db8::/32"]));
    let trees = [("example.com", &first), ("mail.ip6.example.com", &second), ("1.test", &second)];
    let zone = zone(ZoneMechanism::Exists, Order::Reversed, true, &trees);
    let names = [
        ("7.2.0.192.in-addr.example.com", "A"),
        ("7.2.0.192.IN-ADDR.Example.COM", "A"),
        ("7.2.0.192.in-addr.mail.ip6.example.com", "no name"),
        ("7.100.51.198.in-addr.mail.ip6.example.com", "A"),
        ("7.100.51.198.in-addr.1.test", "A"),
        ("7.100.51.198.in-addr.example.org", "no name"),
        ("in-addr.example.com", "no data"),
        ("ip6.mail.ip6.example.com", "no data"),
        // Above a tenant, although it would be below an address of another.
        ("ip6.example.com", "no data"),
        ("mail.ip6.example.com", "no data"),
        ("example.com", "no data"),
        ("com", "no data"),
        ("test", "no data"),
        ("org", "no name"),
        ("x.example.com", "no name"),
        ("7.2.0.192.in-addr", "no name"),
        ("ns1", "host of 1"),
    ];
    let asked: Vec<String> = names.iter().map(|(below, _)| format!("{below}.z.example")).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let answers = ask_for(zone, &asked);
    for ((below, expected), answer) in names.iter().zip(answers) {
        assert_eq!(&answer, expected, "{below}");
    }
}

#[test]
fn outcomes_have_names_beside_the_addresses() {
    let (pass, soft) = (set(&["192.0.2.0/24"]), set(&["198.51.100.0/24"]));
    for version in [true, false] {
        let trees = [("", &pass), ("softfail1", &soft)];
        let zone = zone(ZoneMechanism::Exists, Order::Reversed, version, &trees);
        let family = if version { "in-addr." } else { "" };
        let asked = [
            format!("7.2.0.192.{family}z.example"),
            format!("7.2.0.192.{family}softfail1.z.example"),
            format!("7.100.51.198.{family}softfail1.z.example"),
            String::from("softfail1.z.example"),
        ];
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        assert_eq!(ask_for(zone, &asked), ["A", "no name", "A", "no data"]);
    }
}

#[test]
fn the_apex_has_its_records_and_no_other_zone_is_answered() {
    let set = set(&["192.0.2.0/24"]);
    let zone = zone(ZoneMechanism::Exists, Order::Reversed, true, &[("", &set)]);
    let zones = Zones::new([zone]).unwrap();
    let of = |qtype| ask(&zones, &name("z.example"), qtype);
    assert_eq!(of(rtype::NS), "2 at the apex");
    for qtype in [rtype::SOA, rtype::ANY, rtype::TXT] {
        assert_eq!(of(qtype), "1 at the apex");
    }
    assert_eq!(of(rtype::A), "no data");
    for other in ["example", "zz.example", "z.example.org", ""] {
        assert_eq!(ask(&zones, &name(other), rtype::A), "Refused Nothing", "{other}");
    }
    let hit = name("7.2.0.192.in-addr.z.example");
    assert_eq!(ask(&zones, &hit, rtype::ANY), "A");
    assert_eq!(ask(&zones, &hit, rtype::TXT), "no data, for a minute");
    assert_eq!(ask(&zones, &hit, 252), "Refused Nothing");
    assert_eq!(ask(&zones, &hit, 250), "NotImp Nothing");
    assert_eq!(ask(&zones, &name("ns1.z.example"), rtype::AAAA), "no data");
}

#[test]
fn each_of_many_zones_is_found() {
    let set = set(&["192.0.2.0/24"]);
    let many = |names: &[String]| {
        Zones::new(names.iter().map(|zone| {
            let layout = Layout::new(&name(zone), Order::Reversed, true).unwrap();
            let tree = crate::image::Tree { name: DomainName::root(), set: 0 };
            let sets = vec![std::sync::Arc::new(crate::image::AddressIndex::new(&set))];
            let image = crate::image::ZoneImage::new(layout, ZoneMechanism::Exists, [tree], sets);
            Zone::new(&image.unwrap(), &super::options()).unwrap()
        }))
    };
    for count in [2, 40] {
        let mut names: Vec<String> = (1..count).map(|n| format!("z{n}.example")).collect();
        names.push(String::from("a.zz.example"));
        let zones = many(&names).unwrap();
        let mut read = QuestionName::default();
        for (asked, zone) in [("x.z1.example", 2), ("a.zz.example", 3), ("b.a.zz.example", 3)] {
            read.read(&[name(asked).wire(), b"\0"].concat()).unwrap();
            let (found, _) = zones.find(&read).unwrap();
            assert_eq!(found.name().label_count(), zone, "{asked}");
        }
        for asked in [&b"\x07example\0"[..], b"\x02zz\x07example\0"] {
            read.read(asked).unwrap();
            assert!(zones.find(&read).is_none());
        }
        names.push(String::from("b.c.z1.example"));
        assert!(many(&names).is_err(), "a zone in another");
    }
    assert!(many(&[String::from("z.example"), String::from("Z.example")]).is_err());
}

#[test]
fn a_zone_without_data_is_not_somebody_elses() {
    let unready = vec![name("z.example")];
    let zones = Zones::default().with_unready(unready);
    assert_eq!(ask(&zones, &name("7.2.0.192.in-addr.z.example"), rtype::A), "ServFail Nothing");
    assert_eq!(ask(&zones, &name("zz.example"), rtype::A), "Refused Nothing");
}

/// Names at, above and beside those of addresses.
pub(super) fn labels() -> impl Strategy<Value = Vec<String>> {
    let label = prop_oneof![
        8 => (0_u16..20).prop_map(|n| n.to_string()),
        4 => (0_u8..16).prop_map(|n| format!("{n:X}")),
        2 => (0_u16..400).prop_map(|n| n.to_string()),
        1 => prop_oneof![Just("00"), Just("x"), Just("in-addr"), Just("ip6"), Just("IN-addr")]
            .prop_map(str::to_owned),
    ];
    proptest::collection::vec(label, 0..6)
}

pub(super) fn addresses() -> impl Strategy<Value = AddressSet> {
    let ip4 = proptest::collection::vec((0_u32..20, 0_u32..4, 0_u32..9), 0..6);
    let ip6 = proptest::collection::vec((0_u128..20, 0_u32..120), 0..6);
    (ip4, ip6).prop_map(|(ip4, ip6)| AddressSet {
        ip4: ip4
            .into_iter()
            .map(|(octet, place, size)| {
                let first = octet << (8 * place) | octet;
                Range { first, last: first.saturating_add(size) }
            })
            .collect(),
        ip6: ip6
            .into_iter()
            .map(|(nibbles, place)| {
                let first = nibbles << place;
                Range { first, last: first.saturating_add(nibbles) }
            })
            .collect(),
    })
}

proptest! {
    #[test]
    fn every_name_holds_what_the_reference_says(
        set in addresses(),
        names in proptest::collection::vec((labels(), 0_u8..3), 1..30),
        include: bool, forward: bool, version: bool,
        clients in proptest::collection::vec(any::<u128>(), 1..4),
    ) {
        let mechanism = if include { ZoneMechanism::Include } else { ZoneMechanism::Exists };
        let order = if forward { Order::Forward } else { Order::Reversed };
        let layout = Layout::new(&name("z.example"), order, version).unwrap();
        let reference = ServedZone { layout, mechanism, addresses: set.clone() };
        let zones = Zones::new([zone(mechanism, order, version, &[("", &set)])]).unwrap();
        let mut asked: Vec<DomainName> = names
            .iter()
            .map(|(labels, family)| {
                let family = ["in-addr", "ip6", ""][usize::from(*family)].to_owned();
                let labels = labels.iter().chain(Some(&family).filter(|text| !text.is_empty()));
                name("z.example").prefixed(&DomainName::from_labels(labels.map(|label| label.as_bytes())).unwrap()).unwrap()
            })
            .collect();
        // Every name from that of an address up to the zone's.
        let ends = set.ip6.ranges().iter().flat_map(|range| [range.first, range.last.wrapping_add(1)]);
        for client in ends.chain(clients) {
            let mut owner = reference.layout.owner(std::net::Ipv6Addr::from_bits(client).into()).unwrap();
            while owner.is_at_or_below(reference.layout.zone()) {
                asked.push(owner.clone());
                owner = owner.parent().unwrap();
            }
        }
        for asked in asked.iter().filter(|asked| **asked != name("z.example")) {
            let qtype = if include { rtype::TXT } else { rtype::A };
            let answer = ask(&zones, asked, qtype);
            // What is an address may be added to the set at any time.
            if answer == "no data, for a minute" {
                prop_assert!(reference.layout.client(asked).is_some(), "{}", asked);
            } else if answer == "no data" {
                prop_assert_eq!(reference.layout.client(asked), None, "{}", asked);
            }
            let answer = answer.split(',').next().unwrap();
            match reference.answer(asked) {
                NameAnswer::Address => prop_assert_eq!(answer, "A", "{}", asked),
                NameAnswer::Policy(text) => prop_assert_eq!(answer, text, "{}", asked),
                NameAnswer::NoData => prop_assert_eq!(answer, "no data", "{}", asked),
                NameAnswer::NoName => prop_assert_eq!(answer, "no name", "{}", asked),
            }
        }
    }
}
