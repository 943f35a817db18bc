//! What terms cost: octets first, then terms, then terms below other terms.

use std::net::Ipv6Addr;
use std::ops::{Index, IndexMut};

use crate::addr::{Address, Family, Prefix};
use crate::outcome::Qualifier;

/// What some terms cost; less is better, octets before all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    /// Octets, with the blank before each term.
    pub(super) octets: u64,
    /// How many terms.
    pub(super) terms: u32,
    /// How many of them stand below another one, so that their order matters.
    pub(super) below: u32,
}

impl Cost {
    /// What no terms can do.
    pub(super) const IMPOSSIBLE: Cost = Cost { octets: u64::MAX, terms: u32::MAX, below: u32::MAX };

    pub(super) fn and(self, other: Cost) -> Cost {
        Cost {
            octets: self.octets.saturating_add(other.octets),
            terms: self.terms.saturating_add(other.terms),
            below: self.below.saturating_add(other.below),
        }
    }

    /// The cost of a term of so many octets, where the closest term around
    /// gives `state`.
    pub(super) fn term(octets: u64, outcome: Qualifier, state: Option<Qualifier>) -> Cost {
        let octets = octets + outcome.prefix().len() as u64;
        Cost { octets, terms: 1, below: u32::from(state.is_some()) }
    }
}

/// One value for each outcome that the closest term around can give, and one
/// for no term around.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByState<T>([T; 5]);

/// No term around, and the four outcomes.
pub(super) const STATES: [Option<Qualifier>; 5] = [
    None,
    Some(Qualifier::Pass),
    Some(Qualifier::Fail),
    Some(Qualifier::Softfail),
    Some(Qualifier::Neutral),
];

impl<T> ByState<T> {
    pub(super) fn of(value: impl FnMut(Option<Qualifier>) -> T) -> ByState<T> {
        ByState(STATES.map(value))
    }
}

fn place(state: Option<Qualifier>) -> usize {
    match state {
        None => 0,
        Some(Qualifier::Pass) => 1,
        Some(Qualifier::Fail) => 2,
        Some(Qualifier::Softfail) => 3,
        Some(Qualifier::Neutral) => 4,
    }
}

impl<T> Index<Option<Qualifier>> for ByState<T> {
    type Output = T;

    fn index(&self, state: Option<Qualifier>) -> &T {
        &self.0[place(state)]
    }
}

impl<T> IndexMut<Option<Qualifier>> for ByState<T> {
    fn index_mut(&mut self, state: Option<Qualifier>) -> &mut T {
        &mut self.0[place(state)]
    }
}

/// Octets of the term that names a prefix, without qualifier, with the blank
/// before it. Counted, not printed: a trie asks for millions.
pub(super) fn octets<A: Address>(prefix: Prefix<A>) -> u64 {
    let bits = prefix.first().to_bits();
    let address = match A::FAMILY {
        Family::Ip4 => ip4_octets(bits),
        Family::Ip6 => ip6_octets(Ipv6Addr::from_bits(bits)),
    };
    let length = match prefix.length() {
        length if length == A::BITS => 0,
        0..10 => 2,
        10..100 => 3,
        _ => 4,
    };
    1 + A::FAMILY.as_str().len() as u64 + 1 + address + length
}

fn ip4_octets(bits: u128) -> u64 {
    let digits = |shift: u32| match (bits >> shift) & 0xff {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    };
    digits(24) + digits(16) + digits(8) + digits(0) + 3
}

/// As the standard library writes it, which is the form of RFC 5952.
fn ip6_octets(address: Ipv6Addr) -> u64 {
    if address.to_ipv4_mapped().is_some() {
        return address.to_string().len() as u64;
    }
    let groups = address.segments();
    let digits = |group: &u16| match group {
        0..0x10 => 1,
        0x10..0x100 => 2,
        0x100..0x1000 => 3,
        _ => 4,
    };
    // Groups with the colons between them.
    let written = |groups: &[u16]| {
        groups.iter().map(digits).sum::<u64>() + groups.len().saturating_sub(1) as u64
    };
    let (from, length) = longest_zeros(&groups);
    match length {
        0 | 1 => written(&groups),
        _ => written(&groups[..from]) + 2 + written(&groups[from + length..]),
    }
}

/// Where the longest run of zero groups begins, the first of equals, and how
/// long it is.
fn longest_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let (mut longest, mut open) = ((0, 0), (0, 0));
    for (index, group) in groups.iter().enumerate() {
        open = match group {
            0 => (open.0, open.1 + 1),
            _ => (index + 1, 0),
        };
        if open.1 > longest.1 {
            longest = open;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed<A: Address>(prefix: Prefix<A>) -> u64 {
        format!(" {}:{prefix}", A::FAMILY.as_str()).len() as u64
    }

    proptest! {
        #[test]
        fn counting_is_printing_ip4(address: u32, length in 0u8..=32) {
            let prefix = Prefix::new(address, length);
            prop_assert_eq!(octets(prefix), printed(prefix));
        }

        #[test]
        fn counting_is_printing_ip6(
            groups in proptest::array::uniform8(prop_oneof![
                4 => Just(0u16), 1 => Just(0xffff), 2 => 0u16..0x20, 2 => any::<u16>(),
            ]),
            length in prop_oneof![1 => Just(128u8), 3 => 0u8..=128],
        ) {
            let prefix = Prefix::new(Ipv6Addr::from(groups).to_bits(), length);
            prop_assert_eq!(octets(prefix), printed(prefix));
        }
    }
}
