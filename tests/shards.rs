//! Static zones of any sets of ranges: every client meets one policy, and it
//! says whether the client is in the set. DNS is the zone file, read by the
//! library's reader of zone files, which knows nothing of how it was made.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

use std::net::IpAddr;

use proptest::prelude::*;
use spfc::addr::{Address, AddressSet, IP4_MAPPED, Prefix, Range};
use spfc::dns::{Published, Step, ZoneFile};
use spfc::eval::{Message, Options, RecordStore, check_host};
use spfc::image::ZoneMechanism;
use spfc::limits::Limits;
use spfc::name::DomainName;
use spfc::outcome::SpfResult;
use spfc::proof::PrintedZone;
use spfc::target::{ShardLimits, ZoneApex, exists_static, shard, zone_file};

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

/// Networks that crowd: a few values of each label, of any length.
fn networks<A: Address>(label: u8) -> impl Strategy<Value = Vec<Range<A>>> {
    let crowded = proptest::collection::vec(prop_oneof![3 => 0u8..3, 1 => any::<u8>()], 16);
    let network = (crowded, 0..=A::BITS, any::<bool>()).prop_map(move |(labels, length, long)| {
        let bits = labels
            .iter()
            .fold(0u128, |bits, part| bits << label | u128::from(*part) & ((1 << label) - 1));
        let bits = bits & (u128::MAX >> (128 - A::BITS));
        let length = if long { length.max(A::BITS - label) } else { length.max(2) };
        Prefix::new(A::from_bits(bits).unwrap(), length).range()
    });
    proptest::collection::vec(network, 0..80)
}

fn sets() -> impl Strategy<Value = AddressSet> {
    let ip6 = (any::<u128>(), networks::<u128>(8)).prop_map(|(base, mut ranges)| {
        // Deep down in one network, where a label is a nibble.
        ranges.iter_mut().for_each(|range| {
            let length = range.last.distance(range.first).leading_zeros();
            if length > 64 && base & 1 == 1 {
                *range = Prefix::new(base, length as u8).range();
            }
        });
        ranges
    });
    (networks::<u32>(8), ip6).prop_map(|(ip4, ip6)| AddressSet {
        ip4: ip4.into_iter().collect(),
        ip6: ip6.into_iter().collect(),
    })
}

/// The addresses at and beside the edges of the ranges, and some others.
fn clients(set: &AddressSet, others: &[u128]) -> Vec<IpAddr> {
    fn edges<A: Address>(ranges: &[Range<A>]) -> impl Iterator<Item = IpAddr> {
        let edges = |range: &Range<A>| {
            let beside = [range.first.previous(), range.last.next()];
            [Some(range.first), Some(range.last)].into_iter().chain(beside).flatten().collect()
        };
        let all: Vec<Vec<A>> = ranges.iter().map(edges).collect();
        all.into_iter().flatten().map(|address| address.to_ip())
    }
    let ip4 = others.iter().map(|bits| (*bits as u32).to_ip());
    let ip6 = others.iter().map(|bits| bits.to_ip());
    let all = edges(set.ip4.ranges()).chain(edges(set.ip6.ranges())).chain(ip4).chain(ip6);
    let ends = [0u128, u128::MAX].map(|bits| bits.to_ip());
    let is_client = |ip: &IpAddr| match ip {
        IpAddr::V6(ip) => !IP4_MAPPED.contains(ip.to_bits()),
        IpAddr::V4(_) => true,
    };
    all.chain(ends).filter(is_client).collect()
}

/// A zone of the set, and the record that asks for it.
fn zone(set: &AddressSet, mechanism: ZoneMechanism, most: usize) -> String {
    let zone = name("z.example");
    let (mailbox, servers) = (name("hostmaster.z.example"), vec![name("ns.example.net")]);
    let apex = ZoneApex { zone, servers, mailbox, serial: 1, ttl: 300, negative_ttl: 300 };
    let mut records = apex.records();
    records.extend(match mechanism {
        ZoneMechanism::Include => {
            shard(&apex.zone, set, 300, ShardLimits { message: most, records: 1 << 20 })
                .unwrap()
                .records
        }
        ZoneMechanism::Exists => exists_static(&apex.zone, set, 300).unwrap(),
    });
    zone_file(&records)
}

fn agree(
    set: &AddressSet,
    mechanism: ZoneMechanism,
    most: usize,
    others: &[u128],
) -> Result<(), TestCaseError> {
    let text = zone(set, mechanism, most);
    let read = PrintedZone::read(text.lines()).unwrap();
    let reading = read.clients(&name("z.example"), mechanism).unwrap();
    prop_assert_eq!(&reading.addresses.ip4, &set.ip4);
    // No client has an IPv4-mapped address; what shards say of them is open.
    let mapped = [IP4_MAPPED].into_iter().collect();
    let without = |set: &AddressSet| set.ip6.difference(&mapped);
    prop_assert_eq!(without(&reading.addresses), without(set));
    let file = ZoneFile::read(text.as_bytes(), None).unwrap();
    let record = format!("v=spf1 {}:%{{ir}}.%{{v}}.z.example ~all", mechanism.as_str());
    let dns = Published::new(file, [(name("example.com"), record.into_bytes())]);
    for client in clients(set, others) {
        let message = Message::mail_from(client, "h.example.net", "x@example.com");
        let options = Options { limits: Limits::RFC7208, trace: false };
        let evaluated = match check_host(&dns, &mut RecordStore::new(), &message, &options) {
            Step::Done(evaluated) => evaluated,
            Step::Need(questions) => panic!("{questions:?}"),
        };
        let expected = if set.contains(client) { SpfResult::Pass } else { SpfResult::Softfail };
        prop_assert_eq!(evaluated.result, expected, "{}", client);
        prop_assert_eq!(evaluated.lookups.terms, 1);
        if mechanism == ZoneMechanism::Include {
            prop_assert_eq!(evaluated.lookups.void, 0);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_client_meets_the_policy_of_its_shard(
        set in sets(),
        most in prop_oneof![Just(512usize), 230usize..400, 512usize..1500],
        others in proptest::collection::vec(any::<u128>(), 0..20),
    ) {
        agree(&set, ZoneMechanism::Include, most, &others)?;
    }

    #[test]
    fn every_client_meets_the_address_of_its_wildcard(
        set in sets(),
        others in proptest::collection::vec(any::<u128>(), 0..20),
    ) {
        prop_assume!(spfc::target::exists_static_records(&set) < 20_000);
        agree(&set, ZoneMechanism::Exists, 512, &others)?;
    }
}
