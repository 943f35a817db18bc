//! Whether the literal terms of a record already decide every address, so that
//! what stands behind them is neither asked nor an error.

use crate::addr::{Address, IP4_MAPPED, Prefix, Range, RangeSet};

use super::super::graph::Meaning;

/// The addresses that `ip4`, `ip6` and `all` terms of one record decided so far.
#[derive(Debug, Default)]
pub(super) struct LiteralCover {
    ip4: FamilyCover<u32>,
    ip6: FamilyCover<u128>,
    all: bool,
}

impl LiteralCover {
    pub(super) fn add(&mut self, meaning: &Meaning) {
        match meaning {
            Meaning::All => self.all = true,
            Meaning::Ip4(prefix) => self.ip4.add(*prefix),
            Meaning::Ip6(prefix) => self.ip6.add(*prefix),
            _ => {}
        }
    }

    /// Whether no client of either family is left.
    pub(super) fn is_full(&mut self) -> bool {
        self.all || (self.ip4.is_full(None) && self.ip6.is_full(Some(IP4_MAPPED)))
    }
}

#[derive(Debug)]
struct FamilyCover<A> {
    ranges: Vec<Range<A>>,
    /// At least as many addresses as the ranges cover together: as long as it
    /// is short of the family's, nobody has to look closer.
    at_most: u128,
    /// How many ranges were looked at when the cover was last not full.
    looked_at: usize,
}

impl<A> Default for FamilyCover<A> {
    fn default() -> Self {
        FamilyCover { ranges: Vec::new(), at_most: 0, looked_at: 0 }
    }
}

impl<A: Address> FamilyCover<A> {
    fn add(&mut self, prefix: Prefix<A>) {
        self.ranges.push(prefix.range());
        self.at_most = self.at_most.saturating_add(prefix.range().addresses());
    }

    /// Whether every address of the family is covered, `besides` counted in.
    fn is_full(&mut self, besides: Option<Range<A>>) -> bool {
        let wanted = Range::<A>::ALL.addresses();
        let besides_addresses = besides.map_or(0, |range| range.addresses());
        if self.at_most.saturating_add(besides_addresses) < wanted
            || self.ranges.len() == self.looked_at
        {
            return false;
        }
        self.looked_at = self.ranges.len();
        let covered: RangeSet<A> = self.ranges.iter().copied().chain(besides).collect();
        let full = covered.ranges() == [Range::ALL];
        if full {
            self.looked_at = usize::MAX;
        } else {
            // Merged, so that looking again costs what is new.
            self.ranges = covered.ranges().to_vec();
            self.looked_at = self.ranges.len();
        }
        full
    }
}
