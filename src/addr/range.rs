//! Prefixes and ranges of one address family, and how one becomes the other.

use std::fmt;
use std::net::IpAddr;

use super::Address;

/// The addresses that share their first `length` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix<A> {
    /// The lowest address: bits behind the prefix are zero.
    first: A,
    /// Bits of the prefix, at most [`Address::BITS`].
    length: u8,
}

impl<A: Address> Prefix<A> {
    /// The prefix of `length` bits that `address` lies in. A length over the
    /// family's is the family's.
    pub fn new(address: A, length: u8) -> Prefix<A> {
        let length = length.min(A::BITS);
        Prefix { first: address.clear_low(A::BITS - length), length }
    }

    /// The lowest address.
    pub fn first(self) -> A {
        self.first
    }

    /// The highest address.
    pub fn last(self) -> A {
        self.first.set_low(A::BITS - self.length)
    }

    /// Bits of the prefix.
    pub fn length(self) -> u8 {
        self.length
    }

    /// The same addresses as a range.
    pub fn range(self) -> Range<A> {
        Range { first: self.first, last: self.last() }
    }
}

/// `192.0.2.0/24`; an address alone for a prefix of full length.
impl<A: Address> fmt::Display for Prefix<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.to_ip())?;
        if self.length < A::BITS {
            write!(f, "/{}", self.length)?;
        }
        Ok(())
    }
}

/// All addresses from `first` to `last`, both included; `first <= last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Range<A> {
    /// The lowest address.
    pub first: A,
    /// The highest address.
    pub last: A,
}

impl<A: Address> Range<A> {
    /// Every address of the family.
    pub const ALL: Range<A> = Range { first: A::MIN, last: A::MAX };

    /// Whether `address` lies in the range.
    pub fn contains(&self, address: A) -> bool {
        self.first <= address && address <= self.last
    }

    /// The fewest prefixes that are together the range, in rising order.
    pub fn prefixes(self) -> Prefixes<A> {
        Prefixes { rest: Some(self) }
    }

    /// How many addresses the range has; `u128::MAX` for all of IPv6, one too few.
    pub fn addresses(&self) -> u128 {
        self.last.distance(self.first).saturating_add(1)
    }
}

/// `192.0.2.0-192.0.2.9`; one address alone for a range of one.
impl<A: Address> fmt::Display for Range<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last): (IpAddr, IpAddr) = (self.first.to_ip(), self.last.to_ip());
        if first == last { write!(f, "{first}") } else { write!(f, "{first}-{last}") }
    }
}

/// Iterates over the fewest prefixes that make up a range.
#[derive(Clone, Debug)]
pub struct Prefixes<A> {
    rest: Option<Range<A>>,
}

impl<A: Address> Iterator for Prefixes<A> {
    type Item = Prefix<A>;

    fn next(&mut self) -> Option<Prefix<A>> {
        let Range { first, last } = self.rest?;
        // The widest prefix that starts at `first` is bounded by its trailing
        // zeros; halve it until it ends inside the range.
        let mut host_bits = first.trailing_zeros();
        while first.set_low(host_bits) > last {
            host_bits -= 1;
        }
        let prefix = Prefix { first, length: A::BITS - host_bits };
        let end = prefix.last();
        self.rest = match end.next() {
            Some(next) if end < last => Some(Range { first: next, last }),
            _ => None,
        };
        Some(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts<A: Address>(first: A, last: A) -> Vec<String> {
        Range { first, last }.prefixes().map(|prefix| prefix.to_string()).collect()
    }

    #[test]
    fn splits_ranges_at_the_ends_of_the_space() {
        assert_eq!(texts(0_u32, u32::MAX), ["0.0.0.0/0"]);
        assert_eq!(texts(0_u128, u128::MAX), ["::/0"]);
        assert_eq!(texts(u32::MAX, u32::MAX), ["255.255.255.255"]);
        assert_eq!(texts(1_u32, 4), ["0.0.0.1", "0.0.0.2/31", "0.0.0.4"]);
    }

    proptest! {
        #[test]
        fn prefixes_tile_the_range(a: u32, b: u32) {
            let range = Range { first: a.min(b), last: a.max(b) };
            let mut expected = Some(range.first);
            for prefix in range.prefixes() {
                prop_assert_eq!(Some(prefix.first()), expected);
                expected = prefix.last().next();
            }
            prop_assert_eq!(expected, range.last.next());
        }

        #[test]
        fn no_two_neighbours_could_be_one(a: u128, b: u128) {
            let range = Range { first: a.min(b), last: a.max(b) };
            let prefixes: Vec<_> = range.prefixes().collect();
            for pair in prefixes.windows(2) {
                let wider = Prefix::new(pair[0].first(), pair[0].length().saturating_sub(1));
                let both = Range { first: pair[0].first(), last: pair[1].last() };
                prop_assert_ne!(wider.range(), both);
            }
        }
    }
}
