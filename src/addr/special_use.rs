//! Addresses that IANA's registries keep for special purposes, each with the
//! document that says so.
//!
//! The tables follow the IPv4 and IPv6 Special-Purpose Address Registries
//! (RFC 6890, RFC 8190) and add multicast and the two deprecated IPv6 blocks
//! that these leave out. What a use means to whoever lists such an address is
//! for others to say.

use super::{Address, Prefix};

/// What kind of special use it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpecialKind {
    /// Of one network, one link or one host: no packet from there crosses the
    /// public Internet.
    Private,
    /// For examples in documents.
    Documentation,
    /// IPv4 addresses in IPv6 form, which to SPF are IPv4 (RFC 7208 section 5).
    Mapped,
    /// Anything else.
    Other,
}

/// A block that is kept for a special purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialUse {
    /// What it is called, in lower case but for names.
    pub name: &'static str,
    /// The document that keeps it.
    pub reference: &'static str,
    /// Its kind.
    pub kind: SpecialKind,
}

/// A block and its use.
type Block<A> = (A, u8, SpecialUse);

const fn block<A: Copy>(
    first: A,
    length: u8,
    name: &'static str,
    reference: &'static str,
    kind: SpecialKind,
) -> Block<A> {
    (first, length, SpecialUse { name, reference, kind })
}

const fn ip4(a: u8, b: u8, c: u8, d: u8) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

/// An IPv6 address by its first four groups and its last one.
const fn ip6(a: u16, b: u16, c: u16, d: u16, last: u16) -> u128 {
    (a as u128) << 112 | (b as u128) << 96 | (c as u128) << 80 | (d as u128) << 64 | last as u128
}

use SpecialKind::{Documentation, Mapped, Other, Private};

const IP4: &[Block<u32>] = &[
    block(ip4(0, 0, 0, 0), 8, "this network", "RFC 791", Other),
    block(ip4(0, 0, 0, 0), 32, "this host", "RFC 1122", Other),
    block(ip4(10, 0, 0, 0), 8, "private", "RFC 1918", Private),
    block(ip4(100, 64, 0, 0), 10, "shared by carriers", "RFC 6598", Private),
    block(ip4(127, 0, 0, 0), 8, "loopback", "RFC 1122", Private),
    block(ip4(169, 254, 0, 0), 16, "link-local", "RFC 3927", Private),
    block(ip4(172, 16, 0, 0), 12, "private", "RFC 1918", Private),
    block(ip4(192, 0, 0, 0), 24, "for IETF protocols", "RFC 6890", Other),
    block(ip4(192, 0, 0, 0), 29, "for IPv4 service continuity", "RFC 7335", Other),
    block(ip4(192, 0, 0, 8), 32, "the IPv4 dummy address", "RFC 7600", Other),
    block(ip4(192, 0, 0, 9), 32, "port control anycast", "RFC 7723", Other),
    block(ip4(192, 0, 0, 10), 32, "TURN anycast", "RFC 8155", Other),
    block(ip4(192, 0, 0, 170), 31, "for NAT64 discovery", "RFC 8880", Other),
    block(ip4(192, 0, 2, 0), 24, "for documentation", "RFC 5737", Documentation),
    block(ip4(192, 31, 196, 0), 24, "AS112 servers", "RFC 7535", Other),
    block(ip4(192, 52, 193, 0), 24, "for multicast tunnels", "RFC 7450", Other),
    block(ip4(192, 88, 99, 0), 24, "the deprecated 6to4 relay anycast", "RFC 7526", Other),
    block(ip4(192, 88, 99, 2), 32, "6a44 relay anycast", "RFC 6751", Other),
    block(ip4(192, 168, 0, 0), 16, "private", "RFC 1918", Private),
    block(ip4(192, 175, 48, 0), 24, "AS112 servers", "RFC 7534", Other),
    block(ip4(198, 18, 0, 0), 15, "for benchmarks", "RFC 2544", Other),
    block(ip4(198, 51, 100, 0), 24, "for documentation", "RFC 5737", Documentation),
    block(ip4(203, 0, 113, 0), 24, "for documentation", "RFC 5737", Documentation),
    block(ip4(224, 0, 0, 0), 4, "multicast", "RFC 5771", Other),
    block(ip4(240, 0, 0, 0), 4, "reserved", "RFC 1112", Other),
    block(ip4(255, 255, 255, 255), 32, "limited broadcast", "RFC 919", Other),
];

const IP6: &[Block<u128>] = &[
    block(0, 96, "the deprecated IPv4-compatible form", "RFC 4291", Other),
    block(0, 128, "the unspecified address", "RFC 4291", Other),
    block(1, 128, "loopback", "RFC 4291", Private),
    block(0xffff_0000_0000, 96, "IPv4-mapped", "RFC 4291", Mapped),
    block(ip6(0x64, 0xff9b, 0, 0, 0), 96, "IPv4 translated", "RFC 6052", Other),
    block(ip6(0x64, 0xff9b, 1, 0, 0), 48, "IPv4 translated locally", "RFC 8215", Private),
    block(ip6(0x100, 0, 0, 0, 0), 64, "for discarded packets", "RFC 6666", Other),
    block(ip6(0x100, 0, 0, 1, 0), 64, "the IPv6 dummy prefix", "RFC 9780", Other),
    block(ip6(0x2001, 0, 0, 0, 0), 23, "for IETF protocols", "RFC 2928", Other),
    block(ip6(0x2001, 0, 0, 0, 0), 32, "Teredo", "RFC 4380", Other),
    block(ip6(0x2001, 1, 0, 0, 1), 128, "port control anycast", "RFC 7723", Other),
    block(ip6(0x2001, 1, 0, 0, 2), 128, "TURN anycast", "RFC 8155", Other),
    block(ip6(0x2001, 1, 0, 0, 3), 128, "service registration anycast", "RFC 9665", Other),
    block(ip6(0x2001, 2, 0, 0, 0), 48, "for benchmarks", "RFC 5180", Other),
    block(ip6(0x2001, 3, 0, 0, 0), 32, "for multicast tunnels", "RFC 7450", Other),
    block(ip6(0x2001, 4, 0x112, 0, 0), 48, "AS112 servers", "RFC 7535", Other),
    block(ip6(0x2001, 0x10, 0, 0, 0), 28, "deprecated ORCHID", "RFC 4843", Other),
    block(ip6(0x2001, 0x20, 0, 0, 0), 28, "ORCHIDv2", "RFC 7343", Other),
    block(ip6(0x2001, 0x30, 0, 0, 0), 28, "for drone identification", "RFC 9374", Other),
    block(ip6(0x2001, 0xdb8, 0, 0, 0), 32, "for documentation", "RFC 3849", Documentation),
    block(ip6(0x2002, 0, 0, 0, 0), 16, "6to4", "RFC 3056", Other),
    block(ip6(0x2620, 0x4f, 0x8000, 0, 0), 48, "AS112 servers", "RFC 7534", Other),
    block(ip6(0x3fff, 0, 0, 0, 0), 20, "for documentation", "RFC 9637", Documentation),
    block(ip6(0x5f00, 0, 0, 0, 0), 16, "for segment routing", "RFC 9602", Other),
    block(ip6(0xfc00, 0, 0, 0, 0), 7, "unique local", "RFC 4193", Private),
    block(ip6(0xfe80, 0, 0, 0, 0), 10, "link-local", "RFC 4291", Private),
    block(ip6(0xfec0, 0, 0, 0, 0), 10, "deprecated site-local", "RFC 3879", Private),
    block(ip6(0xff00, 0, 0, 0, 0), 8, "multicast", "RFC 4291", Other),
];

impl Prefix<u32> {
    /// All IPv4 blocks that are kept for a special purpose, some within others.
    pub fn special_blocks() -> impl Iterator<Item = (Prefix<u32>, SpecialUse)> {
        IP4.iter().map(|(first, length, special)| (Prefix::new(*first, *length), *special))
    }

    /// The special use of all addresses of the prefix, by the narrowest block
    /// that holds it; `None` where it has addresses of no special use.
    pub fn special_use(self) -> Option<SpecialUse> {
        narrowest(IP4, self)
    }
}

impl Prefix<u128> {
    /// The special use of all addresses of the prefix, by the narrowest block
    /// that holds it; `None` where it has addresses of no special use.
    pub fn special_use(self) -> Option<SpecialUse> {
        narrowest(IP6, self)
    }
}

fn narrowest<A: Address>(blocks: &[Block<A>], prefix: Prefix<A>) -> Option<SpecialUse> {
    let holds = |(first, length, _): &&Block<A>| {
        let block = Prefix::new(*first, *length);
        block.length() <= prefix.length() && block.range().contains(prefix.first())
    };
    blocks.iter().filter(holds).max_by_key(|(_, length, _)| *length).map(|(.., found)| *found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip4_use(address: &str, length: u8) -> Option<&'static str> {
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        Prefix::new(address.to_bits(), length).special_use().map(|found| found.name)
    }

    fn ip6_use(address: &str, length: u8) -> Option<&'static str> {
        let address: std::net::Ipv6Addr = address.parse().unwrap();
        Prefix::new(address.to_bits(), length).special_use().map(|found| found.name)
    }

    #[test]
    fn blocks_are_prefixes_each_once() {
        for (index, (first, length, _)) in IP4.iter().enumerate() {
            assert_eq!(Prefix::new(*first, *length).first(), *first);
            assert!(IP4[..index].iter().all(|(f, l, _)| (f, l) != (first, length)));
        }
        for (index, (first, length, _)) in IP6.iter().enumerate() {
            assert_eq!(Prefix::new(*first, *length).first(), *first);
            assert!(IP6[..index].iter().all(|(f, l, _)| (f, l) != (first, length)));
        }
    }

    #[test]
    fn only_what_lies_inside_is_special() {
        assert_eq!(ip4_use("10.1.2.3", 32), Some("private"));
        assert_eq!(ip4_use("10.0.0.0", 8), Some("private"));
        assert_eq!(ip4_use("10.0.0.0", 7), None);
        assert_eq!(ip4_use("0.0.0.0", 0), None);
        assert_eq!(ip4_use("192.0.0.9", 32), Some("port control anycast"));
        assert_eq!(ip4_use("192.0.0.64", 26), Some("for IETF protocols"));
        assert_eq!(ip4_use("255.255.255.255", 32), Some("limited broadcast"));
        assert_eq!(ip4_use("8.8.8.8", 32), None);
        assert_eq!(ip6_use("::", 0), None);
        assert_eq!(ip6_use("::1", 128), Some("loopback"));
        assert_eq!(ip6_use("::192.0.2.1", 128), Some("the deprecated IPv4-compatible form"));
        assert_eq!(ip6_use("::ffff:192.0.2.1", 128), Some("IPv4-mapped"));
        assert_eq!(ip6_use("2001:0:5ef5::1", 128), Some("Teredo"));
        assert_eq!(ip6_use("2001:4860::", 32), None);
        assert_eq!(ip6_use("2001:1::2", 128), Some("TURN anycast"));
        assert_eq!(ip6_use("64:ff9b:1:7::", 64), Some("IPv4 translated locally"));
        assert_eq!(ip6_use("fd00::", 8), Some("unique local"));
        assert_eq!(ip6_use("fe80::1", 64), Some("link-local"));
        assert_eq!(ip6_use("3fff:f00::", 32), Some("for documentation"));
    }
}
