//! Hybrid records: the busiest, the widest or the named ranges of the zone stand
//! in the record itself, so that receivers that fail on macros still pass them.
//!
//! The zone keeps these ranges too, so that a term may go from the record at any
//! time. Nothing here says that the result is right: the proof reads it again.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::addr::{Address, AddressSet, Family, IP4_MAPPED, Prefix, RangeSet};
use crate::image::ServedSet;
use crate::outcome::Qualifier;
use crate::target::{OutputRecord, inlined};

use super::CompileError;

/// Which ranges of the zone stand in the record too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlineOptions {
    /// How many ranges are chosen, besides those that are named.
    pub ranges: usize,
    /// Ranges that are named; each has to lie in the zone.
    pub named: Vec<IpNet>,
    /// Messages that came from each client: the busiest ranges are chosen.
    /// Without it, the widest are.
    pub messages: Option<BTreeMap<IpAddr, u64>>,
}

/// What stands in the record besides the zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlinedRanges {
    /// The terms, in the order of their addresses, IPv4 first.
    pub terms: Vec<String>,
    /// How many ranges were chosen, the named ones not counted.
    pub chosen: usize,
    /// Messages of clients in these terms.
    pub carried: u64,
    /// Messages of clients in the zone.
    pub passed: u64,
    /// All messages that were counted.
    pub counted: u64,
}

/// A prefix of the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Ip4(Prefix<u32>),
    Ip6(Prefix<u128>),
}

/// Puts ranges of the first zone of passing addresses before its term.
///
/// # Errors
///
/// A named range that is not in the zone, and terms that the record has no room
/// for.
pub(super) fn inline(
    records: &mut Vec<OutputRecord>,
    sets: &[ServedSet],
    options: &InlineOptions,
    most: usize,
) -> Result<InlinedRanges, CompileError> {
    let passing = sets.iter().find(|set| set.outcome == Qualifier::Pass);
    let unreadable = |why: &dyn ToString| CompileError::Unreadable(why.to_string());
    let Some(set) = passing.filter(|_| options.ranges > 0 || !options.named.is_empty()) else {
        return match options.named.first() {
            Some(range) => Err(CompileError::NotInZone { range: *range }),
            None => Ok(InlinedRanges::default()),
        };
    };
    let addresses = set.read().map_err(|error| unreadable(&error))?;
    let named = named(&options.named, &addresses)?;
    let mut parts = chosen(&addresses, &named, options);
    let count = parts.len();
    parts.splice(0..0, named);
    let written = |parts: &[Part]| inlined(records, &set.layout, &terms(&union(parts)));
    let whole = written(&parts).ok_or_else(|| unreadable(&"no record asks for its names"))?;
    let over = |records: &[OutputRecord]| {
        let largest = records.iter().max_by_key(|record| record.message_octets);
        largest.filter(|record| record.message_octets > most).cloned()
    };
    if let Some(record) = over(&whole) {
        let fits = |parts: &[Part]| written(parts).is_some_and(|records| over(&records).is_none());
        return Err(CompileError::InlineTooLong {
            ranges: parts.len(),
            fit: most_that_fit(&parts, fits),
            name: record.name,
            octets: record.message_octets,
            most,
        });
    }
    *records = whole;
    let standing = union(&parts);
    let messages = |holds: &dyn Fn(IpAddr) -> bool| -> u64 {
        let clients = options.messages.iter().flatten();
        let held = clients.filter(|(client, _)| holds(**client)).map(|(_, count)| *count);
        held.fold(0, u64::saturating_add)
    };
    Ok(InlinedRanges {
        terms: terms(&standing),
        chosen: count,
        carried: messages(&|client| standing.contains(client)),
        passed: messages(&|client| addresses.contains(client)),
        counted: messages(&|_| true),
    })
}

/// How many of the first parts fit. Fewer parts are hardly ever longer, so a
/// search by halves finds the most; what it finds does fit.
fn most_that_fit(parts: &[Part], fits: impl Fn(&[Part]) -> bool) -> usize {
    let (mut fit, mut over) = (0, parts.len());
    while over - fit > 1 {
        let middle = fit + (over - fit) / 2;
        if fits(&parts[..middle]) { fit = middle } else { over = middle }
    }
    fit
}

/// The named ranges; IPv4-mapped ones are IPv4 (RFC 7208 section 5).
fn named(ranges: &[IpNet], zone: &AddressSet) -> Result<Vec<Part>, CompileError> {
    let in_zone = |range: &IpNet| {
        let part = part(*range);
        match part {
            Part::Ip4(prefix) if holds(&zone.ip4, prefix) => Ok(part),
            Part::Ip6(prefix) if holds(&zone.ip6, prefix) => Ok(part),
            _ => Err(CompileError::NotInZone { range: *range }),
        }
    };
    ranges.iter().map(in_zone).collect()
}

fn part(range: IpNet) -> Part {
    match range {
        IpNet::V4(net) => Part::Ip4(Prefix::from(net)),
        IpNet::V6(net) => match net.addr().to_ipv4_mapped().zip(net.prefix_len().checked_sub(96)) {
            Some((address, length)) => Part::Ip4(Prefix::new(address.to_bits(), length)),
            None => Part::Ip6(Prefix::from(net)),
        },
    }
}

fn holds<A: Address>(set: &RangeSet<A>, prefix: Prefix<A>) -> bool {
    let both = |first, last| set.ranges().iter().any(|it| it.contains(first) && it.contains(last));
    both(prefix.first(), prefix.last())
}

/// The ranges with the most messages, or the widest, without those that are named.
fn chosen(zone: &AddressSet, named: &[Part], options: &InlineOptions) -> Vec<Part> {
    let messages = options.messages.as_ref();
    let mut parts = counted(&zone.ip4, messages, Part::Ip4);
    parts.extend(counted(&zone.ip6, messages, Part::Ip6));
    parts.retain(|(part, count)| {
        let mapped = matches!(part, Part::Ip6(it) if IP4_MAPPED.contains(it.first()) && IP4_MAPPED.contains(it.last()));
        !mapped && !named.contains(part) && (messages.is_none() || *count > 0)
    });
    parts.sort_unstable_by_key(|(part, count)| (Reverse(*count), part.narrowness(), *part));
    parts.into_iter().take(options.ranges).map(|(part, _)| part).collect()
}

/// The maximal prefixes of a set with the messages that came from each.
fn counted<A: Address>(
    set: &RangeSet<A>,
    messages: Option<&BTreeMap<IpAddr, u64>>,
    wrap: fn(Prefix<A>) -> Part,
) -> Vec<(Part, u64)> {
    let mut counted: Vec<(Prefix<A>, u64)> = set.prefixes().map(|prefix| (prefix, 0)).collect();
    for (client, count) in messages.into_iter().flatten() {
        let Some(address) = A::from_ip(*client) else { continue };
        let after = counted.partition_point(|(prefix, _)| prefix.first() <= address);
        let before = after.checked_sub(1).and_then(|at| counted.get_mut(at));
        if let Some((_, sum)) = before.filter(|(prefix, _)| address <= prefix.last()) {
            *sum = sum.saturating_add(*count);
        }
    }
    counted.into_iter().map(|(prefix, count)| (wrap(prefix), count)).collect()
}

impl Part {
    /// Bits of the prefix in the measure of IPv6: a host has a /64 there, so an
    /// IPv4 prefix is as wide as an IPv6 one of twice its length.
    fn narrowness(self) -> u8 {
        match self {
            Part::Ip4(prefix) => 2 * prefix.length(),
            Part::Ip6(prefix) => prefix.length(),
        }
    }
}

fn union(parts: &[Part]) -> AddressSet {
    let ip4 = parts.iter().filter_map(|part| match part {
        Part::Ip4(prefix) => Some(prefix.range()),
        Part::Ip6(_) => None,
    });
    let ip6 = parts.iter().filter_map(|part| match part {
        Part::Ip6(prefix) => Some(prefix.range()),
        Part::Ip4(_) => None,
    });
    AddressSet { ip4: ip4.collect(), ip6: ip6.collect() }
}

fn terms(set: &AddressSet) -> Vec<String> {
    let ip4 = set.ip4.prefixes().map(|prefix| format!("{}:{prefix}", Family::Ip4.as_str()));
    let ip6 = set.ip6.prefixes().map(|prefix| format!("{}:{prefix}", Family::Ip6.as_str()));
    ip4.chain(ip6).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::Range;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn zone(ranges: &[&str]) -> AddressSet {
        let parts: Vec<Part> = ranges.iter().map(|range| part(range.parse().unwrap())).collect();
        union(&parts)
    }

    fn texts(parts: &[Part]) -> Vec<String> {
        parts.iter().flat_map(|part| terms(&union(&[*part]))).collect()
    }

    fn options(ranges: usize, messages: Option<&[(&str, u64)]>) -> InlineOptions {
        let read = |list: &[(&str, u64)]| {
            list.iter().map(|(client, count)| (client.parse().unwrap(), *count)).collect()
        };
        InlineOptions { ranges, named: Vec::new(), messages: messages.map(read) }
    }

    #[test]
    fn the_widest_of_both_families_come_first() {
        let zone = zone(&[
            "192.0.2.0/24",
            "198.51.100.1/32",
            "203.0.113.0/24",
            "2001:db8::/47",
            "2001:db8:8::/64",
            "::ffff:0:0:0/112",
        ]);
        let chosen = |ranges| texts(&chosen(&zone, &[], &options(ranges, None)));
        assert_eq!(chosen(2), ["ip6:2001:db8::/47", "ip4:192.0.2.0/24"]);
        assert_eq!(chosen(9).len(), 6);
        assert_eq!(chosen(9)[3..5], ["ip4:198.51.100.1", "ip6:2001:db8:8::/64"]);
    }

    #[test]
    fn the_busiest_have_mail_and_are_not_named_already() {
        let zone = zone(&["192.0.2.0/24", "198.51.100.1/32", "203.0.113.0/24", "2001:db8::/32"]);
        let mail =
            [("192.0.2.255", 5), ("198.51.100.1", 9), ("2001:db8::1", 4), ("2001:db8:f::", 2)];
        let options = options(3, Some(&mail));
        assert_eq!(
            texts(&chosen(&zone, &[], &options)),
            ["ip4:198.51.100.1", "ip6:2001:db8::/32", "ip4:192.0.2.0/24"]
        );
        let named = [part("198.51.100.1/32".parse().unwrap())];
        assert_eq!(texts(&chosen(&zone, &named, &options)).len(), 2);
    }

    #[test]
    fn addresses_that_are_no_client_are_never_chosen() {
        let ip6 = [Range { first: 0xffff_0000_0000, last: 0xffff_0000_00ff }].into_iter().collect();
        let zone = AddressSet { ip6, ..AddressSet::default() };
        assert_eq!(chosen(&zone, &[], &options(1, None)), []);
        // Named, they are the IPv4 addresses that they stand for.
        let range = "::ffff:192.0.2.0/120".parse().unwrap();
        assert_eq!(texts(&[part(range)]), ["ip4:192.0.2.0/24"]);
        assert!(matches!(named(&[range], &zone), Err(CompileError::NotInZone { .. })));
    }

    proptest! {
        #[test]
        fn what_is_chosen_is_the_zones(
            ip4 in vec((any::<u32>(), 8u8..=32), 0..12),
            ip6 in vec((any::<u128>(), 8u8..=128), 0..12),
            mail in vec((any::<prop::sample::Index>(), 1u64..9), 0..20),
            ranges in 0usize..9,
        ) {
            let zone = AddressSet {
                ip4: ip4.iter().map(|(ip, length)| Prefix::new(*ip, *length).range()).collect(),
                ip6: ip6.iter().map(|(ip, length)| Prefix::new(*ip, *length).range()).collect(),
            };
            let mut clients: Vec<IpAddr> = ip4.iter().map(|(ip, _)| ip.to_ip()).collect();
            clients.extend(ip6.iter().map(|(ip, _)| ip.to_ip()));
            let mut messages = BTreeMap::new();
            for (client, count) in mail.iter().filter(|_| !clients.is_empty()) {
                *messages.entry(*client.get(&clients)).or_insert(0) += count;
            }
            for messages in [None, Some(messages)] {
                let options = InlineOptions { ranges, named: Vec::new(), messages };
                let parts = chosen(&zone, &[], &options);
                prop_assert!(parts.len() <= ranges);
                let chosen = union(&parts);
                prop_assert!(chosen.ip4.difference(&zone.ip4).is_empty());
                prop_assert!(chosen.ip6.difference(&zone.ip6).is_empty());
                // Terms are disjoint: they are the maximal prefixes of their union.
                prop_assert_eq!(terms(&chosen).len(), parts.len());
            }
        }

        #[test]
        fn the_most_that_fit_are_found(parts in 1usize..60, room in 0usize..60) {
            let parts = vec![Part::Ip4(Prefix::new(0, 32)); parts];
            prop_assume!(room < parts.len());
            prop_assert_eq!(most_that_fit(&parts, |parts| parts.len() <= room), room);
        }
    }
}
