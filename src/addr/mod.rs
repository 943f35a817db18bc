//! Addresses, prefixes, ranges and sets of ranges, for IPv4 and IPv6 alike.
//!
//! An address is a plain integer in host order; [`Address`] is what `u32` and
//! `u128` have in common. Nothing here knows what an address is good for.

mod range;
mod set;
mod special_use;

use std::fmt::Debug;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

pub use range::{Prefix, Prefixes, Range};
pub use set::{AddressSet, RangeSet};
pub use special_use::{SpecialKind, SpecialUse};

/// The address families of SPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    Ip4,
    /// IPv6.
    Ip6,
}

impl Family {
    /// Both families.
    pub const BOTH: [Family; 2] = [Family::Ip4, Family::Ip6];

    /// The family that a client address belongs to: an IPv4-mapped IPv6
    /// address is an IPv4 address (RFC 7208 section 5).
    pub fn of(address: IpAddr) -> Family {
        match address.to_canonical() {
            IpAddr::V4(_) => Family::Ip4,
            IpAddr::V6(_) => Family::Ip6,
        }
    }

    /// `ip4` or `ip6`: the name of the mechanism for the family.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Ip4 => "ip4",
            Family::Ip6 => "ip6",
        }
    }
}

/// The IPv4-mapped IPv6 addresses, `::ffff:0:0/96` (RFC 4291 section 2.5.5.2).
/// They are IPv4 addresses to SPF, so no IPv6 client ever has one.
pub const IP4_MAPPED: Range<u128> = Range { first: 0xffff_0000_0000, last: 0xffff_ffff_ffff };

/// An address as an integer in host order: `u32` for IPv4, `u128` for IPv6.
pub trait Address: Copy + Ord + Hash + Debug + Send + Sync + 'static {
    /// The family of the addresses.
    const FAMILY: Family;
    /// Bits of an address: 32 or 128.
    const BITS: u8;
    /// The lowest address.
    const MIN: Self;
    /// The highest address.
    const MAX: Self;

    /// The address one above, unless this is the highest.
    fn next(self) -> Option<Self>;
    /// The address one below, unless this is the lowest.
    fn previous(self) -> Option<Self>;
    /// How many of the lowest bits are zero; [`Address::BITS`] for zero itself.
    fn trailing_zeros(self) -> u8;
    /// The address with its lowest `bits` bits cleared.
    fn clear_low(self, bits: u8) -> Self;
    /// The address with its lowest `bits` bits set.
    fn set_low(self, bits: u8) -> Self;
    /// How many addresses lie above `first` up to and including this one, as
    /// far as `u128` can say.
    fn distance(self, first: Self) -> u128;
    /// The address as the standard library has it.
    fn to_ip(self) -> IpAddr;
    /// The address of this family that `address` is, if it is one; IPv4-mapped
    /// IPv6 addresses are IPv4.
    fn from_ip(address: IpAddr) -> Option<Self>;
    /// The bits of the address, in the lowest places.
    fn to_bits(self) -> u128;
    /// The address with these bits, if the family has as many.
    fn from_bits(bits: u128) -> Option<Self>;
}

macro_rules! address {
    ($integer:ty, $family:expr, $bits:expr, $ip:ident, $variant:ident) => {
        impl Address for $integer {
            const FAMILY: Family = $family;
            const BITS: u8 = $bits;
            const MIN: Self = 0;
            const MAX: Self = <$integer>::MAX;

            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }

            fn trailing_zeros(self) -> u8 {
                <$integer>::trailing_zeros(self) as u8
            }

            fn clear_low(self, bits: u8) -> Self {
                self & !low_mask::<$integer>(bits)
            }

            fn set_low(self, bits: u8) -> Self {
                self | low_mask::<$integer>(bits)
            }

            fn distance(self, first: Self) -> u128 {
                u128::from(self - first)
            }

            fn to_ip(self) -> IpAddr {
                IpAddr::$variant($ip::from_bits(self))
            }

            fn from_ip(address: IpAddr) -> Option<Self> {
                match address.to_canonical() {
                    IpAddr::$variant(ip) => Some(ip.to_bits()),
                    _ => None,
                }
            }

            fn to_bits(self) -> u128 {
                u128::from(self)
            }

            fn from_bits(bits: u128) -> Option<Self> {
                <$integer>::try_from(bits).ok()
            }
        }

        impl LowMask for $integer {
            fn low_mask(bits: u8) -> Self {
                // A shift by the full width is no shift at all: the mask is then all ones.
                <$integer>::MAX.checked_shl(u32::from(bits)).map_or(<$integer>::MAX, |high| !high)
            }
        }
    };
}

trait LowMask {
    fn low_mask(bits: u8) -> Self;
}

fn low_mask<A: LowMask>(bits: u8) -> A {
    A::low_mask(bits)
}

address!(u32, Family::Ip4, 32, Ipv4Addr, V4);
address!(u128, Family::Ip6, 128, Ipv6Addr, V6);

/// A prefix of either family as its own family's integers; host bits are cleared.
pub fn split_by_family(network: IpNet) -> (Option<Prefix<u32>>, Option<Prefix<u128>>) {
    match network {
        IpNet::V4(net) => (Some(Prefix::from(net)), None),
        IpNet::V6(net) => (None, Some(Prefix::from(net))),
    }
}

impl From<Ipv4Net> for Prefix<u32> {
    fn from(net: Ipv4Net) -> Self {
        Prefix::new(net.addr().to_bits(), net.prefix_len())
    }
}

impl From<Ipv6Net> for Prefix<u128> {
    fn from(net: Ipv6Net) -> Self {
        Prefix::new(net.addr().to_bits(), net.prefix_len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_reach_both_ends() {
        assert_eq!(0xffff_ffff_u32.clear_low(0), u32::MAX);
        assert_eq!(0xffff_ffff_u32.clear_low(32), 0);
        assert_eq!(0_u128.set_low(128), u128::MAX);
        assert_eq!(0_u128.set_low(1), 1);
    }

    #[test]
    fn mapped_addresses_are_ip4() {
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(u32::from_ip(mapped), Some(0xc000_0201));
        assert_eq!(u128::from_ip(mapped), None);
        assert_eq!(Family::of(mapped), Family::Ip4);
        assert_eq!(IP4_MAPPED.first.to_ip().to_string(), "::ffff:0.0.0.0");
    }
}
