//! The ranges that changed, by what changed and by whom: how they stand in the
//! database, and how much they are.
//!
//! A range is an octet for its family, 4 or 6, and its two ends in network order.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::HistoryError;
use super::version::{Change, ProviderCount, RangeChange};

/// The first and the last address of a range.
pub(super) type Ends = (IpAddr, IpAddr);

/// The ranges of a version's changes by change and provider, sorted.
///
/// # Errors
///
/// [`HistoryError::Range`] for what is no range.
pub(super) fn grouped(
    changes: &[RangeChange],
) -> Result<BTreeMap<(Change, &str), Vec<Ends>>, HistoryError> {
    let mut groups: BTreeMap<(Change, &str), Vec<Ends>> = BTreeMap::new();
    for &RangeChange { change, ref provider, first, last } in changes {
        if !is_range(first, last) {
            return Err(HistoryError::Range { first, last });
        }
        groups.entry((change, provider)).or_default().push((first, last));
    }
    for ranges in groups.values_mut() {
        ranges.sort_unstable();
    }
    Ok(groups)
}

/// How much changed by which provider, sorted by change and provider. What is no range
/// counts nothing.
pub fn count_changes(changes: &[RangeChange]) -> Vec<ProviderCount> {
    let groups = grouped(changes).unwrap_or_default();
    let counts = groups.into_iter().map(|((change, provider), ranges)| {
        let (ip4, ip6) = counts(&ranges);
        ProviderCount {
            change,
            provider: provider.to_owned(),
            ranges: ranges.len() as u64,
            ip4,
            ip6,
        }
    });
    counts.collect()
}

fn is_range(first: IpAddr, last: IpAddr) -> bool {
    first.is_ipv4() == last.is_ipv4() && first <= last
}

/// The ranges as octets.
pub(super) fn encode(ranges: &[Ends]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(ranges.len() * 9);
    for (first, last) in ranges {
        octets.push(if first.is_ipv4() { 4 } else { 6 });
        for end in [first, last] {
            match end {
                IpAddr::V4(address) => octets.extend(address.octets()),
                IpAddr::V6(address) => octets.extend(address.octets()),
            }
        }
    }
    octets
}

/// The ranges that were encoded; none where these are other octets.
pub(super) fn decode(mut octets: &[u8]) -> Option<Vec<Ends>> {
    let mut ranges = Vec::with_capacity(octets.len() / 9);
    while let Some((family, rest)) = octets.split_first() {
        let (first, rest) = address(*family, rest)?;
        let (last, rest) = address(*family, rest)?;
        if !is_range(first, last) {
            return None;
        }
        ranges.push((first, last));
        octets = rest;
    }
    Some(ranges)
}

fn address(family: u8, octets: &[u8]) -> Option<(IpAddr, &[u8])> {
    match family {
        4 => {
            let (address, rest) = octets.split_first_chunk::<4>()?;
            Some((Ipv4Addr::from(*address).into(), rest))
        }
        6 => {
            let (address, rest) = octets.split_first_chunk::<16>()?;
            Some((Ipv6Addr::from(*address).into(), rest))
        }
        _ => None,
    }
}

/// How many IPv4 addresses the ranges have, and how many IPv6 networks of 64
/// bits they touch, each range counted alone.
pub(super) fn counts(ranges: &[Ends]) -> (u128, u128) {
    let (mut ip4, mut ip6) = (0_u128, 0_u128);
    for ends in ranges {
        match *ends {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                let more = u32::from(last).saturating_sub(u32::from(first));
                ip4 = ip4.saturating_add(u128::from(more) + 1);
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                let more = (u128::from(last) >> 64).saturating_sub(u128::from(first) >> 64);
                ip6 = ip6.saturating_add(more + 1);
            }
            _ => {}
        }
    }
    (ip4, ip6)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn ends(first: &str, last: &str) -> Ends {
        (first.parse().unwrap(), last.parse().unwrap())
    }

    #[test]
    fn counts_addresses_and_networks() {
        let ranges = [
            ends("192.0.2.0", "192.0.2.255"),
            ends("0.0.0.0", "255.255.255.255"),
            ends("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"),
            ends("2001:db8::1", "2001:db8::2"),
            ends("2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::"),
        ];
        assert_eq!(counts(&ranges), (256 + (1 << 32), 4));
        let all = ends("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        assert_eq!(counts(&[all, all]), (0, 1 << 65));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (first, last) in [("192.0.2.1", "192.0.2.0"), ("0.0.0.0", "::"), ("::2", "::1")] {
            let (first, last) = ends(first, last);
            let change = RangeChange { change: Change::Lost, provider: "p".into(), first, last };
            assert!(matches!(grouped(&[change]), Err(HistoryError::Range { .. })));
            assert_eq!(decode(&encode(&[(first, last)])), None);
        }
        assert_eq!(decode(&[5, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(decode(&[4, 0, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn any_ranges_come_back(pairs in vec(any::<(bool, u128, u128)>(), 0..20)) {
            let ranges: Vec<Ends> = pairs.into_iter().map(|(ip4, one, other)| {
                let (first, last) = (one.min(other), one.max(other));
                match ip4 {
                    true => (Ipv4Addr::from((first >> 96) as u32).into(),
                             Ipv4Addr::from((last >> 96) as u32).into()),
                    false => (Ipv6Addr::from(first).into(), Ipv6Addr::from(last).into()),
                }
            }).collect();
            prop_assert_eq!(decode(&encode(&ranges)), Some(ranges));
        }

        #[test]
        fn any_octets_are_ranges_or_none(octets in vec(prop_oneof![Just(4_u8), Just(6), any::<u8>()], 0..80)) {
            if let Some(ranges) = decode(&octets) {
                prop_assert_eq!(encode(&ranges), octets);
            }
        }
    }
}
