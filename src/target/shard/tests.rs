//! Shards that are known, and what holds for any.

use super::*;
use crate::addr::Range;
use proptest::prelude::*;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn limits(message: usize) -> ShardLimits {
    ShardLimits { message, records: 100_000 }
}

fn set(ip4: &[&str], ip6: &[&str]) -> AddressSet {
    let ip4 = ip4.iter().map(|net| Prefix::from(net.parse::<ipnet::Ipv4Net>().unwrap()).range());
    let ip6 = ip6.iter().map(|net| Prefix::from(net.parse::<ipnet::Ipv6Net>().unwrap()).range());
    AddressSet { ip4: ip4.collect(), ip6: ip6.collect() }
}

fn texts(set: &AddressSet, most: usize) -> Vec<(String, String)> {
    let shards = shard(&name("z.example"), set, 300, limits(most)).unwrap();
    shards.records.iter().map(text).collect()
}

fn text(record: &ZoneRecord) -> (String, String) {
    match &record.data {
        ZoneData::Txt(text) => (record.name.to_string(), text.clone()),
        other => panic!("{other:?}"),
    }
}

fn line(owner: &str, text: &str) -> (String, String) {
    (format!("{owner}.z.example"), format!("v=spf1{text} -all"))
}

#[test]
fn both_families_have_their_wildcard() {
    assert_eq!(texts(&set(&[], &[]), 512), [line("*.in-addr", ""), line("*.ip6", "")]);
    assert_eq!(
        texts(&set(&["192.0.2.0/24", "192.0.2.7/32"], &[]), 512),
        [line("*.in-addr", " ip4:192.0.2.0/24"), line("*.ip6", "")]
    );
}

/// The records of IPv4 networks whose terms have `octets` of room in a message:
/// 86 octets of it are the name, the message around it, and `v=spf1 -all`.
fn ip4_texts(networks: &[&str], octets: usize) -> Vec<(String, String)> {
    let set = set(networks, &[]);
    let mut shards = Shards { records: Vec::new(), message_octets: 0 };
    family(&name("z.example"), &set.ip4, 300, limits(86 + octets), &mut shards).unwrap();
    shards.records.iter().map(text).collect()
}

#[test]
fn what_fits_no_message_becomes_records_of_children() {
    let networks = ["10.1.0.0/16", "10.2.2.0/24", "10.2.3.1/32", "192.0.2.0/24"];
    assert_eq!(
        ip4_texts(&networks, " ip4:10.1.0.0/16 ip4:192.0.2.0/24".len()),
        [
            line("*.in-addr", " ip4:192.0.2.0/24"),
            line("*.10.in-addr", " ip4:10.1.0.0/16"),
            line("*.2.10.in-addr", " ip4:10.2.2.0/24 ip4:10.2.3.1"),
        ]
    );
}

#[test]
fn a_term_wider_than_a_child_stays_or_goes_to_each() {
    // It stays before one child's, whose records are fewer.
    assert_eq!(
        ip4_texts(&["10.0.0.0/15", "10.3.0.0/16"], " ip4:10.0.0.0/15".len()),
        [
            line("*.in-addr", ""),
            line("*.10.in-addr", " ip4:10.0.0.0/15"),
            line("*.3.10.in-addr", " ip4:10.3.0.0/16"),
        ]
    );
    assert_eq!(
        ip4_texts(&["10.0.0.0/15", "10.4.0.0/15"], " ip4:10.0.0.0/15".len()),
        [
            line("*.in-addr", ""),
            line("*.10.in-addr", " ip4:10.0.0.0/15"),
            line("*.4.10.in-addr", " ip4:10.4.0.0/16"),
            line("*.5.10.in-addr", " ip4:10.5.0.0/16"),
        ]
    );
}

#[test]
fn at_full_depth_the_owner_is_the_address() {
    let addresses: Vec<String> = (0..64).map(|last| format!("192.0.2.{}/32", 4 * last)).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let records = texts(&set(&addresses, &[]), 512);
    assert!(records.contains(&line("252.2.0.192.in-addr", " ip4:192.0.2.252")), "{records:?}");
    assert!(records.iter().any(|(owner, _)| owner == "*.2.0.192.in-addr.z.example"));
}

#[test]
fn a_message_without_room_is_refused() {
    let message = |most| shard(&name("z.example"), &set(&["192.0.2.7/32"], &[]), 300, limits(most));
    assert!(matches!(message(129), Err(ShardError::Message { octets: 130, most: 129, .. })));
    assert!(message(130).is_ok());
}

#[test]
fn a_network_never_becomes_its_addresses() {
    // Room for ` ip6:2001:db8::1`, not for the shortest network around it.
    let set = set(&[], &["2001:db8::/32", "2001:db8::/64"]);
    let result = shard(&name("z.example"), &set, 300, limits(130 + 16));
    assert!(matches!(result, Err(ShardError::Message { .. })), "{result:?}");
}

#[test]
fn too_many_records_are_refused() {
    let addresses: Vec<String> = (0..128).map(|last| format!("192.0.2.{}/32", 2 * last)).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let few = ShardLimits { message: 512, records: 100 };
    let result = shard(&name("z.example"), &set(&addresses, &[]), 300, few);
    assert_eq!(result.unwrap_err(), ShardError::Records { most: 100 });
}

fn networks<A: Address>(
    bits: u128,
    lengths: std::ops::RangeInclusive<u8>,
) -> impl Strategy<Value = Vec<Range<A>>> {
    let network = (0..bits, lengths).prop_map(|(bits, length)| {
        // A few high octets, so that networks stand close.
        let address = A::from_bits(bits << (A::BITS - 20)).unwrap_or(A::MIN);
        Prefix::new(address, length).range()
    });
    proptest::collection::vec(network, 0..60)
}

proptest! {
    #[test]
    fn records_fit_and_no_owner_stands_twice(
        ip4 in networks::<u32>(1 << 12, 8..=32),
        ip6 in networks::<u128>(1 << 12, 12..=128),
        most in 200usize..600,
    ) {
        let set = AddressSet { ip4: ip4.into_iter().collect(), ip6: ip6.into_iter().collect() };
        let shards = shard(&name("z.example"), &set, 300, limits(most)).unwrap();
        prop_assert!(shards.message_octets <= most);
        let mut owners: Vec<&DomainName> = shards.records.iter().map(|record| &record.name).collect();
        let count = owners.len();
        owners.sort();
        owners.dedup();
        prop_assert_eq!(owners.len(), count);
    }
}
