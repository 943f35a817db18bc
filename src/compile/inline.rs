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
pub struct Inlined {
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
) -> Result<Inlined, CompileError> {
    let passing = sets.iter().find(|set| set.outcome == Qualifier::Pass);
    let unreadable = |why: &dyn ToString| CompileError::Unreadable(why.to_string());
    let Some(set) = passing.filter(|_| options.ranges > 0 || !options.named.is_empty()) else {
        return match options.named.first() {
            Some(range) => Err(CompileError::NotInZone { range: *range }),
            None => Ok(Inlined::default()),
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
    Ok(Inlined {
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
