//! Sets of addresses as sorted ranges.

use std::net::IpAddr;

use super::{Address, Prefix, Range};

/// A set of addresses of one family: ranges in rising order, neither
/// overlapping nor touching.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RangeSet<A> {
    ranges: Vec<Range<A>>,
}

impl<A> Default for RangeSet<A> {
    fn default() -> Self {
        RangeSet { ranges: Vec::new() }
    }
}

impl<A: Address> RangeSet<A> {
    /// Every address of the family.
    pub fn all() -> Self {
        RangeSet { ranges: vec![Range::ALL] }
    }

    /// The ranges, in rising order.
    pub fn ranges(&self) -> &[Range<A>] {
        &self.ranges
    }

    /// Whether no address is in the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `address` is in the set.
    pub fn contains(&self, address: A) -> bool {
        let after = self.ranges.partition_point(|range| range.first <= address);
        after > 0 && self.ranges[after - 1].contains(address)
    }

    /// Whether some address of `range` is in the set.
    pub fn meets(&self, range: Range<A>) -> bool {
        let before = self.ranges.partition_point(|own| own.last < range.first);
        self.ranges.get(before).is_some_and(|own| own.first <= range.last)
    }

    /// How many addresses the set has, at most `u128::MAX`.
    pub fn addresses(&self) -> u128 {
        self.ranges.iter().fold(0, |sum: u128, range| sum.saturating_add(range.addresses()))
    }

    /// The fewest prefixes that are together the set, in rising order.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix<A>> {
        self.ranges.iter().flat_map(|range| range.prefixes())
    }

    /// The addresses that are in this set and in `other`.
    pub fn intersection(&self, other: &RangeSet<A>) -> RangeSet<A> {
        let mut ranges = Vec::new();
        let (mut mine, mut theirs) = (0, 0);
        while let (Some(a), Some(b)) = (self.ranges.get(mine), other.ranges.get(theirs)) {
            let (first, last) = (a.first.max(b.first), a.last.min(b.last));
            if first <= last {
                ranges.push(Range { first, last });
            }
            if a.last <= b.last {
                mine += 1;
            } else {
                theirs += 1;
            }
        }
        RangeSet { ranges }
    }

    /// The addresses of this set that are not in `other`.
    pub fn difference(&self, other: &RangeSet<A>) -> RangeSet<A> {
        let mut ranges = Vec::new();
        let mut others = other.ranges.iter().peekable();
        for range in &self.ranges {
            let mut first = Some(range.first);
            while let Some(hole) = others.peek() {
                let Some(start) = first.filter(|_| hole.first <= range.last) else { break };
                if hole.last < start {
                    others.next();
                    continue;
                }
                if start < hole.first {
                    ranges.extend(hole.first.previous().map(|last| Range { first: start, last }));
                }
                first = hole.last.next().filter(|next| *next <= range.last);
                if first.is_some() {
                    others.next();
                }
            }
            ranges.extend(first.map(|first| Range { first, last: range.last }));
        }
        RangeSet { ranges }
    }
}

/// Ranges in any order, overlapping or not.
impl<A: Address> FromIterator<Range<A>> for RangeSet<A> {
    fn from_iter<I: IntoIterator<Item = Range<A>>>(iter: I) -> Self {
        let mut sorted: Vec<Range<A>> = iter.into_iter().collect();
        // The stable sort merges sorted runs, and unions are two of them.
        sorted.sort();
        let mut ranges: Vec<Range<A>> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match ranges.last_mut() {
                Some(open) if open.last.next().is_none_or(|next| range.first <= next) => {
                    open.last = open.last.max(range.last);
                }
                _ => ranges.push(range),
            }
        }
        RangeSet { ranges }
    }
}

/// A set of addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressSet {
    /// The IPv4 addresses.
    pub ip4: RangeSet<u32>,
    /// The IPv6 addresses.
    pub ip6: RangeSet<u128>,
}

impl AddressSet {
    /// Every address of both families.
    pub fn all() -> AddressSet {
        AddressSet { ip4: RangeSet::all(), ip6: RangeSet::all() }
    }

    /// Whether a client with this address is in the set.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(ip) => self.ip4.contains(ip.to_bits()),
            IpAddr::V6(ip) => self.ip6.contains(ip.to_bits()),
        }
    }

    /// Whether no address is in the set.
    pub fn is_empty(&self) -> bool {
        self.ip4.is_empty() && self.ip6.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(ranges: &[(u32, u32)]) -> RangeSet<u32> {
        ranges.iter().map(|&(first, last)| Range { first, last }).collect()
    }

    #[test]
    fn touching_ranges_merge_up_to_the_last_address() {
        let merged = set(&[(u32::MAX - 1, u32::MAX), (5, 9), (0, 4), (u32::MAX, u32::MAX)]);
        assert_eq!(merged, set(&[(0, 9), (u32::MAX - 1, u32::MAX)]));
        assert_eq!(merged.ranges().len(), 2);
    }

    proptest! {
        #[test]
        fn set_operations_are_membership(
            a in proptest::collection::vec((0u32..64, 0u32..8), 0..12),
            b in proptest::collection::vec((0u32..64, 0u32..8), 0..12),
        ) {
            let make = |ranges: &[(u32, u32)]| set(&ranges.iter().map(|&(f, n)| (f, f + n)).collect::<Vec<_>>());
            let (a, b) = (make(&a), make(&b));
            let (difference, both) = (a.difference(&b), a.intersection(&b));
            for address in 0..80 {
                prop_assert_eq!(both.contains(address), a.contains(address) && b.contains(address));
                let up_to = Range { first: address, last: address + 3 };
                prop_assert_eq!(a.meets(up_to), (address..address + 4).any(|ip| a.contains(ip)));
                prop_assert_eq!(difference.contains(address), a.contains(address) && !b.contains(address));
            }
        }
    }
}
