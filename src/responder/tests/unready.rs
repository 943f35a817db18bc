//! Zones with domains of which nothing is known yet: compared with the reference for
//! each domain by itself, told one by one, and as they stand in replies.

use hickory_proto::op::{Message, ResponseCode};
use proptest::prelude::*;

use super::answers::{addresses, ask, labels};
use super::{CLIENT, name, opt, question, server_options, set, zone};
use crate::addr::AddressSet;
use crate::image::{Layout, NameAnswer, Order, ServedZone, ZoneMechanism};
use crate::name::DomainName;
use crate::responder::{
    BUFFER_OCTETS, Counted, Now, QueryLog, RateOptions, Rcode, Service, Transport, UdpOptions,
    Zone, Zones, rtype,
};

/// A client's name in a domain that has data, and one that does not pass there.
const HIT: &str = "7.2.0.192.in-addr.ready.test.z.example";
const MISS: &str = "7.3.0.192.in-addr.ready.test.z.example";
/// A client's name in a domain of which nothing is known.
const UNREADY: &str = "7.2.0.192.in-addr.example.org.z.example";
const NOT_READY: &str = "ServFail Nothing";

fn with_unready(trees: &[&str], unready: &[&str]) -> Zone {
    let set = set(&["192.0.2.0/24"]);
    let trees: Vec<_> = trees.iter().map(|tree| (*tree, &set)).collect();
    zone(ZoneMechanism::Exists, Order::Reversed, true, &trees)
        .with_unready(unready.iter().map(|domain| name(domain)))
}

fn expect(zone: Zone, expected: &[(&str, &str)]) {
    let zones = Zones::new([zone]).unwrap();
    for (below, expected) in expected {
        let asked = name(&format!("{below}z.example"));
        assert_eq!(&ask(&zones, &asked, rtype::A), expected, "{below}");
    }
}

#[test]
fn nothing_is_said_of_domains_of_which_nothing_is_known() {
    let trees = ["ready.test", "shop.example.org", "softfail1.ready.test", "a.b"];
    let zone = with_unready(&trees, &["Example.ORG", "deep.shop.example.org", "x.a.b", "lone"]);
    let expected = [
        ("7.2.0.192.in-addr.example.org.", NOT_READY),
        ("7.2.0.192.IN-addr.EXAMPLE.org.", NOT_READY),
        ("7.2.0.192.in-addr.softfail1.example.org.", NOT_READY),
        ("192.in-addr.example.org.", NOT_READY),
        ("in-addr.example.org.", NOT_READY),
        ("x.example.org.", NOT_READY),
        ("7.2.0.192.in-addr.lone.", NOT_READY),
        ("lone.", NOT_READY),
        // They exist, whatever becomes known: they lie above a domain.
        ("org.", "no data"),
        ("example.org.", "no data"),
        ("x.org.", "no name"),
        ("7.2.0.192.in-addr.org.", "no name"),
        // A domain below one of which nothing is known, and one below that.
        ("7.2.0.192.in-addr.shop.example.org.", "A"),
        ("7.3.0.192.in-addr.shop.example.org.", "no name"),
        ("shop.example.org.", "no data"),
        ("x.shop.example.org.", "no name"),
        ("7.2.0.192.in-addr.deep.shop.example.org.", NOT_READY),
        ("deep.shop.example.org.", NOT_READY),
        // One above.
        ("7.2.0.192.in-addr.a.b.", "A"),
        ("x.in-addr.a.b.", "no name"),
        ("y.a.b.", "no name"),
        ("7.2.0.192.in-addr.x.a.b.", NOT_READY),
        // Others.
        ("7.2.0.192.in-addr.ready.test.", "A"),
        ("7.2.0.192.in-addr.other.test.", "no name"),
        ("ns1.", "host of 1"),
        ("", "no data"),
    ];
    expect(zone, &expected);
    let zones = Zones::new([with_unready(&["ready.test"], &["example.org"])]).unwrap();
    for qtype in [rtype::A, rtype::AAAA, rtype::TXT, rtype::NS, rtype::SOA, rtype::ANY, 65] {
        for asked in [UNREADY, "example.org.z.example"] {
            assert_eq!(ask(&zones, &name(asked), qtype), NOT_READY, "{asked} {qtype}");
        }
    }
}

#[test]
fn a_zone_of_one_policy_has_its_own_name_without_it() {
    let unready = with_unready(&[], &[""]);
    let expected = [
        ("", "no data"),
        ("7.2.0.192.in-addr.", NOT_READY),
        ("in-addr.", NOT_READY),
        ("7.2.0.192.in-addr.softfail1.", NOT_READY),
        ("ns1.", "host of 1"),
    ];
    expect(unready, &expected);
    let zones = Zones::new([with_unready(&[], &[""])]).unwrap();
    assert_eq!(ask(&zones, &name("z.example"), rtype::NS), "2 at the apex");
    assert_eq!(ask(&zones, &name("z.example"), rtype::SOA), "1 at the apex");
    // Data that is there counts.
    let ready = [("7.2.0.192.in-addr.", "A"), ("7.3.0.192.in-addr.", "no name")];
    expect(with_unready(&[""], &[""]), &ready);
}

/// What the worker says to a question.
fn reply(service: &Service, asked: &str, edns: bool) -> Message {
    let opt = opt(0, 0x80, &[]);
    let additional: &[&[u8]] = if edns { &[&opt] } else { &[] };
    let message = question(asked, rtype::A, 0, additional);
    let mut buffer = vec![0; BUFFER_OCTETS];
    buffer[..message.len()].copy_from_slice(&message);
    let mut worker = service.worker(Transport::Udp);
    let octets = worker.respond(&mut buffer, message.len(), CLIENT, Now::default()).unwrap();
    Message::from_vec(&buffer[..octets]).unwrap()
}

#[test]
fn the_reply_is_no_authoritative_one_and_says_why() {
    let (sender, logged) = std::sync::mpsc::sync_channel(8);
    let log = QueryLog { one_in: 1, sender };
    let zones = Zones::new([with_unready(&["ready.test"], &["example.org"])]).unwrap();
    let service = Service::new(zones, &server_options(), Some(log)).unwrap();
    for edns in [true, false] {
        let reply = reply(&service, UNREADY, edns);
        assert_eq!(reply.metadata.response_code, ResponseCode::ServFail);
        assert!(!reply.metadata.authoritative && !reply.metadata.truncation);
        assert!(reply.answers.is_empty() && reply.authorities.is_empty());
        assert_eq!(reply.queries.len(), 1);
        let error = reply.edns.as_ref().and_then(|opt| opt.option(15_u16.into()));
        let error = error.map(|error| Vec::<u8>::try_from(error).unwrap());
        assert_eq!(error, edns.then(|| vec![0, 14]), "Not Ready");
        let question = logged.try_recv().unwrap();
        assert_eq!((question.rcode, question.passes), (Rcode::ServFail, false));
        assert_eq!(&question.name[..], name(UNREADY).wire());
    }
    assert!(reply(&service, MISS, true).metadata.authoritative);
    let counts = service.counts();
    assert_eq!((counts.get(Counted::ServFail), counts.get(Counted::Miss)), (2, 1));
}

#[test]
fn what_is_not_known_takes_no_answers_from_what_is() {
    let mut options = server_options();
    options.udp = UdpOptions { threads: 1, ..UdpOptions::default() };
    options.rate = RateOptions { per_second: 3, allow: Vec::new() };
    let zones = Zones::new([with_unready(&["ready.test"], &["example.org"])]).unwrap();
    let service = Service::new(zones, &options, None).unwrap();
    let mut worker = service.worker(Transport::Udp);
    let mut truncated = |asked: &str| {
        let message = question(asked, rtype::A, 0, &[]);
        let mut buffer = vec![0; BUFFER_OCTETS];
        buffer[..message.len()].copy_from_slice(&message);
        let now = Now { milliseconds: 5_000, seconds: 5 };
        let octets = worker.respond(&mut buffer, message.len(), CLIENT, now).unwrap();
        Message::from_vec(&buffer[..octets]).unwrap().metadata.truncation
    };
    assert_eq!([(); 5].map(|()| truncated(UNREADY)), [false, false, false, true, true]);
    assert!(!truncated(HIT) && !truncated(MISS));
    assert_eq!(service.counts().get(Counted::LimitedError), 2);
}

/// A domain: no label that ends the name of an address, and none at its start that an
/// address has.
fn domain() -> impl Strategy<Value = String> {
    let any = prop_oneof!["[bxy]", "[xy]", Just("1".to_owned()), Just("Shop".to_owned())];
    (proptest::collection::vec(any, 0..3), prop_oneof!["[xy]", Just("Shop".to_owned())])
        .prop_map(|(above, first)| [vec![first], above].concat().join("."))
}

/// What a name of a zone with domains holds, of which some have no addresses, in the
/// words of [`ask`].
fn expected(domains: &[(ServedZone, bool)], asked: &DomainName) -> String {
    let zones = || domains.iter().map(|(served, _)| served.layout.zone());
    let above = zones().any(|zone| zone.is_at_or_below(asked) && zone != asked);
    let nearest = domains
        .iter()
        .filter(|(served, _)| asked.is_at_or_below(served.layout.zone()))
        .max_by_key(|(served, _)| served.layout.zone().label_count());
    let held = match nearest {
        Some((_, false)) if !above => return NOT_READY.to_owned(),
        Some((served, true)) => served.answer(asked),
        _ => NameAnswer::NoName,
    };
    match held {
        NameAnswer::Address => "A".to_owned(),
        NameAnswer::Policy(text) => text,
        NameAnswer::NoName if !above => "no name".to_owned(),
        NameAnswer::NoData | NameAnswer::NoName => "no data".to_owned(),
    }
}

proptest! {
    #[test]
    fn every_name_holds_what_its_nearest_domain_says(
        domains in proptest::collection::btree_map(domain().prop_map(|domain| domain.to_lowercase()), (addresses(), any::<bool>()), 1..6),
        root in proptest::option::of((addresses(), any::<bool>())),
        names in proptest::collection::vec((labels(), any::<prop::sample::Index>(), 0_u8..3), 1..30),
        include: bool, forward: bool, version: bool, client: u128,
    ) {
        let mechanism = if include { ZoneMechanism::Include } else { ZoneMechanism::Exists };
        let order = if forward { Order::Forward } else { Order::Reversed };
        let domains: Vec<(String, AddressSet, bool)> = domains
            .into_iter()
            .map(|(domain, (set, ready))| (domain, set, ready))
            .chain(root.map(|(set, ready)| (String::new(), set, ready)))
            .collect();
        let ready: Vec<(&str, &AddressSet)> =
            domains.iter().filter(|(_, _, ready)| *ready).map(|(domain, set, _)| (&**domain, set)).collect();
        let unready = domains.iter().filter(|(_, _, ready)| !ready).map(|(domain, ..)| name(domain));
        let zones = Zones::new([zone(mechanism, order, version, &ready).with_unready(unready)]).unwrap();
        let reference: Vec<(ServedZone, bool)> = domains
            .iter()
            .map(|(domain, set, ready)| {
                let below = name("z.example").prefixed(&name(domain)).unwrap();
                let layout = Layout::new(&below, order, version).unwrap();
                (ServedZone { layout, mechanism, addresses: set.clone() }, *ready)
            })
            .collect();
        let mut asked: Vec<DomainName> = names
            .iter()
            .map(|(labels, domain, family)| {
                let family = ["in-addr", "ip6", ""][usize::from(*family)];
                let labels = labels.iter().map(String::as_str).chain([family]).filter(|label| !label.is_empty());
                let labels = DomainName::from_labels(labels.map(str::as_bytes)).unwrap();
                domain.get(&reference).0.layout.zone().prefixed(&labels).unwrap()
            })
            .collect();
        // Clients at every domain, those that pass there as well, and all names above.
        for (served, _) in &reference {
            let passed = served.addresses.ip4.ranges().iter().map(|range| std::net::Ipv4Addr::from(range.first).into());
            let clients = passed.chain([std::net::Ipv6Addr::from(client).into(), CLIENT]);
            asked.extend(clients.map(|client| served.layout.owner(client).unwrap()));
        }
        for asked in asked {
            for asked in std::iter::successors(Some(asked), DomainName::parent) {
                if !asked.is_at_or_below(&name("z.example")) || asked == name("z.example") {
                    break;
                }
                let qtype = if include { rtype::TXT } else { rtype::A };
                let answer = ask(&zones, &asked, qtype);
                let answer = answer.split(',').next().unwrap();
                prop_assert_eq!(answer, expected(&reference, &asked), "{}", asked);
            }
        }
    }
}
