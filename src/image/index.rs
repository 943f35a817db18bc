//! A set of addresses in the form that is asked: compact, and quick to look up.
//!
//! It decides membership and nothing else. What a set means is
//! [`AddressSet`]'s; the two hold the same ranges.

use std::net::IpAddr;

use crate::addr::{AddressSet, Range};

/// So many ranges or fewer are searched without a table of the networks of
/// length 16, which takes 256 KiB.
const FEW_RANGES: usize = 512;
/// Networks of length 16 in IPv4.
const BLOCKS: usize = 1 << 16;

/// A set of addresses of both families that answers fast.
///
/// Memory is 8 octets an IPv4 range where there are few and 4 with a table where
/// there are many, and 32 octets an IPv6 range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressIndex {
    ip4: Ip4Index,
    ip6: Box<[Range<u128>]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Ip4Index {
    Few(Box<[Range<u32>]>),
    Many(Blocks),
}

/// Ranges cut at the borders of the networks of length 16. Of a piece only its
/// place within its network is kept, so that it takes one word.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Blocks {
    /// Where each network's pieces begin; one entry more for where the last end.
    starts: Box<[u32]>,
    /// Low halves of a piece's first and last address, the first one above.
    pieces: Box<[u32]>,
    /// How many ranges were cut.
    ranges: usize,
}

impl AddressIndex {
    /// The index of a set.
    pub fn new(set: &AddressSet) -> AddressIndex {
        AddressIndex::from_ranges(set.ip4.ranges().iter().copied(), set.ip6.ranges().into())
    }

    /// The index of ranges in rising order that neither overlap nor touch, as
    /// those of an [`AddressSet`].
    pub(super) fn from_ranges(
        ip4: impl ExactSizeIterator<Item = Range<u32>>,
        ip6: Box<[Range<u128>]>,
    ) -> AddressIndex {
        let ip4 = match ip4.len() {
            0..=FEW_RANGES => Ip4Index::Few(ip4.collect()),
            _ => Ip4Index::Many(Blocks::new(ip4)),
        };
        AddressIndex { ip4, ip6 }
    }

    /// Whether a client with this address is in the set.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(ip) => self.contains_ip4(ip.to_bits()),
            IpAddr::V6(ip) => self.contains_ip6(ip.to_bits()),
        }
    }

    /// Whether the IPv4 address is in the set.
    #[inline]
    pub fn contains_ip4(&self, address: u32) -> bool {
        match &self.ip4 {
            Ip4Index::Few(ranges) => contains(ranges, address),
            Ip4Index::Many(blocks) => blocks.contains(address),
        }
    }

    /// Whether the IPv6 address is in the set; an IPv4-mapped one is an IPv6
    /// address here.
    #[inline]
    pub fn contains_ip6(&self, address: u128) -> bool {
        contains(&self.ip6, address)
    }

    /// Whether some IPv4 address of the range is in the set.
    pub fn meets_ip4(&self, range: Range<u32>) -> bool {
        match &self.ip4 {
            Ip4Index::Few(ranges) => meets(ranges, range),
            Ip4Index::Many(blocks) => blocks.meets(range),
        }
    }

    /// Whether some IPv6 address of the range is in the set.
    pub fn meets_ip6(&self, range: Range<u128>) -> bool {
        meets(&self.ip6, range)
    }

    /// How many IPv4 and IPv6 ranges the set has.
    pub fn range_counts(&self) -> (usize, usize) {
        let ip4 = match &self.ip4 {
            Ip4Index::Few(ranges) => ranges.len(),
            Ip4Index::Many(blocks) => blocks.ranges,
        };
        (ip4, self.ip6.len())
    }

    /// The set.
    pub fn to_set(&self) -> AddressSet {
        AddressSet { ip4: self.ip4_ranges().collect(), ip6: self.ip6.iter().copied().collect() }
    }

    /// The IPv4 ranges in rising order, neither overlapping nor touching.
    pub fn ip4_ranges(&self) -> impl Iterator<Item = Range<u32>> {
        let (few, many) = match &self.ip4 {
            Ip4Index::Few(ranges) => (Some(ranges.iter().copied()), None),
            Ip4Index::Many(blocks) => (None, Some(blocks.ranges())),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }

    /// The IPv6 ranges in rising order, neither overlapping nor touching.
    pub fn ip6_ranges(&self) -> &[Range<u128>] {
        &self.ip6
    }
}

impl From<&AddressSet> for AddressIndex {
    fn from(set: &AddressSet) -> AddressIndex {
        AddressIndex::new(set)
    }
}

fn contains<A: Copy + Ord>(ranges: &[Range<A>], address: A) -> bool {
    let after = ranges.partition_point(|range| range.first <= address);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|range| address <= range.last)
}

fn meets<A: Copy + Ord>(ranges: &[Range<A>], range: Range<A>) -> bool {
    let before = ranges.partition_point(|own| own.last < range.first);
    ranges.get(before).is_some_and(|own| own.first <= range.last)
}

fn block(address: u32) -> usize {
    (address >> 16) as usize
}

fn low(address: u32) -> u32 {
    address & 0xffff
}

impl Blocks {
    fn new(ranges: impl ExactSizeIterator<Item = Range<u32>>) -> Blocks {
        let count = ranges.len();
        let mut starts = Vec::with_capacity(BLOCKS + 1);
        let mut pieces = Vec::with_capacity(count);
        for Range { first, last } in ranges {
            for number in block(first)..=block(last) {
                starts.resize(starts.len().max(number + 1), pieces.len() as u32);
                let from = if number == block(first) { low(first) } else { 0 };
                let to = if number == block(last) { low(last) } else { 0xffff };
                pieces.push(from << 16 | to);
            }
        }
        starts.resize(BLOCKS + 1, pieces.len() as u32);
        Blocks { starts: starts.into(), pieces: pieces.into(), ranges: count }
    }

    /// The pieces in a network of length 16.
    #[inline]
    fn pieces(&self, block: usize) -> &[u32] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        self.pieces.get(bound(block)..bound(block + 1)).unwrap_or_default()
    }

    #[inline]
    fn contains(&self, address: u32) -> bool {
        let (pieces, low) = (self.pieces(block(address)), low(address));
        // Pieces are sorted by their first address, which stands above.
        let after = pieces.partition_point(|piece| piece >> 16 <= low);
        after
            .checked_sub(1)
            .and_then(|at| pieces.get(at))
            .is_some_and(|piece| low <= piece & 0xffff)
    }

    fn meets(&self, range: Range<u32>) -> bool {
        let (begin, end) = (block(range.first), block(range.last));
        let within = |number: usize, from: u32, to: u32| {
            let pieces = self.pieces(number);
            let before = pieces.partition_point(|piece| piece & 0xffff < from);
            pieces.get(before).is_some_and(|piece| piece >> 16 <= to)
        };
        if begin == end {
            return within(begin, low(range.first), low(range.last));
        }
        within(begin, low(range.first), 0xffff)
            || self.starts[begin + 1] != self.starts[end]
            || within(end, 0, low(range.last))
    }

    /// The ranges, their pieces put together again.
    fn ranges(&self) -> impl Iterator<Item = Range<u32>> {
        let mut pieces = (0..BLOCKS)
            .flat_map(|block| {
                let high = (block as u32) << 16;
                self.pieces(block).iter().map(move |piece| Range {
                    first: high | piece >> 16,
                    last: high | piece & 0xffff,
                })
            })
            .peekable();
        std::iter::from_fn(move || {
            let mut range = pieces.next()?;
            while let Some(more) =
                pieces.next_if(|next| range.last.checked_add(1) == Some(next.first))
            {
                range.last = more.last;
            }
            Some(range)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::RangeSet;
    use proptest::prelude::*;

    /// Ranges of all sizes, near each other and at the borders of networks.
    fn ranges() -> impl Strategy<Value = RangeSet<u32>> {
        let start = prop_oneof![any::<u32>(), 0x0a00_0000_u32..0x0a04_0000, Just(u32::MAX - 9)];
        let size = prop_oneof![0_u32..3, 0_u32..300, 0_u32..300_000, Just(0xffff), Just(u32::MAX)];
        let range = (start, size)
            .prop_map(|(first, size)| Range { first, last: first.saturating_add(size) });
        proptest::collection::vec(range, 0..60).prop_map(|ranges| ranges.into_iter().collect())
    }

    fn of(set: &RangeSet<u32>) -> [Ip4Index; 2] {
        let ranges = set.ranges();
        [Ip4Index::Few(ranges.into()), Ip4Index::Many(Blocks::new(ranges.iter().copied()))]
    }

    proptest! {
        #[test]
        fn both_forms_are_the_set(set in ranges(), others in ranges()) {
            for ip4 in of(&set) {
                let index = AddressIndex { ip4, ip6: Box::default() };
                prop_assert_eq!(&index.to_set().ip4, &set);
                prop_assert_eq!(index.range_counts().0, set.ranges().len());
                for Range { first, last } in set.ranges().iter().chain(others.ranges()).copied() {
                    for address in [first.wrapping_sub(1), first, last, last.wrapping_add(1)] {
                        prop_assert_eq!(index.contains_ip4(address), set.contains(address));
                        for length in [0, 1, 8, 15, 16, 17, 24, 32] {
                            let range = crate::addr::Prefix::new(address, length).range();
                            prop_assert_eq!(index.meets_ip4(range), set.meets(range));
                        }
                        let range = Range { first: first.min(address), last: first.max(address) };
                        prop_assert_eq!(index.meets_ip4(range), set.meets(range));
                    }
                }
            }
        }

        #[test]
        fn addresses_of_ip6_are_found(starts in proptest::collection::vec(any::<u128>(), 0..20)) {
            let set: RangeSet<u128> = starts
                .iter()
                .map(|&first| Range { first, last: first.saturating_add(first & 0xff) })
                .collect();
            let set = AddressSet { ip4: RangeSet::default(), ip6: set };
            let index = AddressIndex::new(&set);
            for start in starts {
                for address in [start.wrapping_sub(1), start, start.saturating_add(256)] {
                    prop_assert_eq!(index.contains_ip6(address), set.ip6.contains(address));
                }
            }
            prop_assert_eq!(index.to_set(), set);
        }
    }
}
