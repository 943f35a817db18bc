//! How a client's address becomes a name below a zone: the expansion of
//! `%{i}` or `%{ir}`, of `%{v}`, and the zone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use crate::addr::{Family, Prefix};
use crate::name::{DomainName, NameError};

/// Labels of a full IPv4 address: octets.
const IP4_LABELS: usize = 4;
/// Labels of a full IPv6 address: nibbles.
const IP6_LABELS: usize = 32;

/// What `%{v}` expands to for clients of a family (RFC 7208 section 7.2).
pub fn family_label(family: Family) -> &'static str {
    match family {
        Family::Ip4 => "in-addr",
        Family::Ip6 => "ip6",
    }
}

/// Which end of the address stands next to the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// `%{ir}`: the most significant label stands next to the zone, as in
    /// reverse lookups, so that networks are subtrees.
    Reversed,
    /// `%{i}`: the address as it is read.
    Forward,
}

/// The one layout of the names in a zone. The same name means another address
/// in another layout, so a zone has exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    zone: DomainName,
    order: Order,
    version: bool,
}

/// Why a zone cannot have a layout. The fault is the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A label that a macro-string cannot hold as it is.
    #[error("the zone {0} has a label with other characters than letters, digits, '-' and '_'")]
    Label(DomainName),
    /// A full address and the zone together are over 253 octets, so that
    /// receivers would cut the address (RFC 7208 section 7.3).
    #[error("the name of an address in the zone {zone} {reason}")]
    Long {
        /// The zone.
        zone: DomainName,
        /// What is too long.
        reason: NameError,
    },
    /// A zone directly below the root.
    #[error("the zone {0} has less than two labels")]
    Short(DomainName),
}

impl Layout {
    /// The layout of a zone; with `version`, `in-addr` or `ip6` stands between
    /// address and zone and keeps the families apart.
    ///
    /// # Errors
    ///
    /// A zone that no name of an address fits below.
    pub fn new(zone: &DomainName, order: Order, version: bool) -> Result<Layout, LayoutError> {
        let zone = zone.to_lowercase();
        let plain = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        if !zone.labels().all(|label| label.iter().all(plain)) {
            return Err(LayoutError::Label(zone));
        }
        if zone.label_count() < 2 {
            return Err(LayoutError::Short(zone));
        }
        let layout = Layout { zone: zone.clone(), order, version };
        match layout.owner(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) {
            Ok(_) => Ok(layout),
            Err(reason) => Err(LayoutError::Long { zone, reason }),
        }
    }

    /// The zone.
    pub fn zone(&self) -> &DomainName {
        &self.zone
    }

    /// Which end of the address stands next to the zone.
    pub fn order(&self) -> Order {
        self.order
    }

    /// Whether the family stands between address and zone.
    pub fn version(&self) -> bool {
        self.version
    }

    /// The domain-spec that a receiver expands to the name of its client.
    pub fn domain_spec(&self) -> String {
        let address = match self.order {
            Order::Reversed => "%{ir}",
            Order::Forward => "%{i}",
        };
        let version = if self.version { ".%{v}" } else { "" };
        format!("{address}{version}.{}", self.zone)
    }

    /// The name of a client.
    ///
    /// # Errors
    ///
    /// A name over 253 octets.
    pub fn owner(&self, client: IpAddr) -> Result<DomainName, NameError> {
        let (mut labels, family) = match client.to_canonical() {
            IpAddr::V4(ip) => (ip.octets().map(|octet| octet.to_string()).to_vec(), Family::Ip4),
            IpAddr::V6(ip) => {
                let nibbles = ip.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 15]);
                (nibbles.map(|nibble| format!("{nibble:x}")).collect(), Family::Ip6)
            }
        };
        if self.order == Order::Reversed {
            labels.reverse();
        }
        if self.version {
            labels.push(family_label(family).to_owned());
        }
        DomainName::from_labels(labels.iter().map(String::as_bytes).chain(self.zone.labels()))
    }

    /// The client whose name this is, where it is the name of a full address.
    pub fn client(&self, name: &DomainName) -> Option<IpAddr> {
        let Networks { ip4, ip6 } = self.read(name)?;
        match (ip4, ip6) {
            (Some((bits, IP4_LABELS)), _) => Some(IpAddr::V4(Ipv4Addr::from_bits(bits))),
            (_, Some((bits, IP6_LABELS))) => Some(IpAddr::V6(Ipv6Addr::from_bits(bits))),
            _ => None,
        }
    }

    /// The networks whose clients have their names at or below this one, where
    /// there may be such clients: without the family in the names it may be a
    /// network of each. In forward order, and above the families, that is
    /// every address.
    pub fn networks(&self, name: &DomainName) -> Networks<Prefix<u32>, Prefix<u128>> {
        if self.version && *name == self.zone {
            let (ip4, ip6) = (Some(Prefix::new(0, 0)), Some(Prefix::new(0, 0)));
            return Networks { ip4, ip6 };
        }
        let Some(Networks { ip4, ip6 }) = self.read(name) else { return Networks::NONE };
        let known = |labels: usize, each: usize, full: usize| match self.order {
            Order::Reversed => (labels * each) as u8,
            Order::Forward if labels == full => (full * each) as u8,
            Order::Forward => 0,
        };
        Networks {
            ip4: ip4.map(|(bits, labels)| {
                let address = bits.checked_shl(32 - 8 * labels as u32).unwrap_or(0);
                Prefix::new(address, known(labels, 8, IP4_LABELS))
            }),
            ip6: ip6.map(|(bits, labels)| {
                let address = bits.checked_shl(128 - 4 * labels as u32).unwrap_or(0);
                Prefix::new(address, known(labels, 4, IP6_LABELS))
            }),
        }
    }

    /// The numbers that the labels above the zone are in either family, and how
    /// many labels there are.
    fn read(&self, name: &DomainName) -> Option<Networks<(u32, usize), (u128, usize)>> {
        if !name.is_at_or_below(&self.zone) {
            return None;
        }
        let below = name.label_count() - self.zone.label_count();
        let mut labels: Vec<&[u8]> = name.labels().take(below).collect();
        let version = if self.version { Some(labels.pop()?) } else { None };
        if self.order == Order::Reversed {
            labels.reverse();
        }
        let is_of = |family: Family| {
            let expected = family_label(family).as_bytes();
            version.is_none_or(|label| label.eq_ignore_ascii_case(expected))
        };
        Some(Networks {
            ip4: octets(&labels).filter(|_| is_of(Family::Ip4)).map(|bits| (bits, labels.len())),
            ip6: nibbles(&labels).filter(|_| is_of(Family::Ip6)).map(|bits| (bits, labels.len())),
        })
    }
}

/// Something of each family, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Networks<V4, V6> {
    /// Of IPv4.
    pub ip4: Option<V4>,
    /// Of IPv6.
    pub ip6: Option<V6>,
}

impl<V4, V6> Networks<V4, V6> {
    /// None of either family.
    pub const NONE: Self = Networks { ip4: None, ip6: None };
}

/// Whether names of addresses may have this label: an octet without leading
/// zeros, or a nibble.
pub fn is_address_label(label: &[u8]) -> bool {
    octets(&[label]).is_some() || nibbles(&[label]).is_some()
}

/// Up to four numbers without leading zeros, the first one first.
fn octets(labels: &[&[u8]]) -> Option<u32> {
    let mut bits: u32 = 0;
    for label in labels.iter().take(IP4_LABELS + 1) {
        let plain = label.iter().all(u8::is_ascii_digit)
            && (label.len() == 1 || label.first() != Some(&b'0'));
        let text = std::str::from_utf8(label).ok().filter(|_| plain)?;
        bits = bits << 8 | u32::from(text.parse::<u8>().ok()?);
    }
    (labels.len() <= IP4_LABELS).then_some(bits)
}

/// Up to 32 nibbles, the first one first.
fn nibbles(labels: &[&[u8]]) -> Option<u128> {
    let mut bits: u128 = 0;
    for label in labels.iter().take(IP6_LABELS + 1) {
        let [nibble] = label else { return None };
        bits = bits << 4 | u128::from(char::from(*nibble).to_digit(16)?);
    }
    (labels.len() <= IP6_LABELS).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout(order: Order, version: bool) -> Layout {
        Layout::new(&DomainName::parse("_spf.Example.com").unwrap(), order, version).unwrap()
    }

    #[test]
    fn names_are_what_the_macros_expand_to() {
        let name = |order, version, ip: &str| {
            layout(order, version).owner(ip.parse().unwrap()).unwrap().to_string()
        };
        assert_eq!(name(Order::Reversed, true, "192.0.2.7"), "7.2.0.192.in-addr._spf.example.com");
        assert_eq!(name(Order::Forward, false, "192.0.2.7"), "192.0.2.7._spf.example.com");
        assert_eq!(
            name(Order::Reversed, true, "::ffff:192.0.2.7"),
            "7.2.0.192.in-addr._spf.example.com"
        );
        assert!(name(Order::Forward, true, "2001:db8::cb01").starts_with("2.0.0.1.0.d.b.8."));
        assert_eq!(layout(Order::Reversed, true).domain_spec(), "%{ir}.%{v}._spf.example.com");
    }

    #[test]
    fn partial_and_padded_names_are_no_client() {
        let layout = layout(Order::Reversed, true);
        for below in [
            "2.0.192.in-addr",
            "7.02.0.192.in-addr",
            "7.2.0.192.ip6",
            "256.2.0.192.in-addr",
            "in-addr",
        ] {
            let name = DomainName::parse(format!("{below}._spf.example.com")).unwrap();
            assert_eq!(layout.client(&name), None, "{below}");
        }
    }

    #[test]
    fn partial_names_are_networks_of_one_family_or_of_both() {
        let networks = |layout: &Layout, below: &str| {
            let name = DomainName::parse(format!("{below}_spf.example.com")).unwrap();
            let Networks { ip4, ip6 } = layout.networks(&name);
            let text = |text: Option<String>| text.unwrap_or_else(|| String::from("-"));
            let (ip4, ip6) = (ip4.map(|net| net.to_string()), ip6.map(|net| net.to_string()));
            format!("{} {}", text(ip4), text(ip6))
        };
        let with = layout(Order::Reversed, true);
        assert_eq!(networks(&with, ""), "0.0.0.0/0 ::/0");
        assert_eq!(networks(&with, "2.192.in-addr."), "192.2.0.0/16 -");
        assert_eq!(networks(&with, "8.b.d.0.1.0.0.2.ip6."), "- 2001:db8::/32");
        assert_eq!(networks(&with, "300.in-addr."), "- -");
        assert_eq!(networks(&with, "x."), "- -");
        let without = layout(Order::Reversed, false);
        assert_eq!(networks(&without, ""), "0.0.0.0/0 ::/0");
        assert_eq!(networks(&without, "8.0.0.2."), "2.0.0.8 2008::/16");
        assert_eq!(networks(&without, "0.0.0.0.2."), "- 2000::/20");
        let forward = layout(Order::Forward, true);
        assert_eq!(networks(&forward, "2.7.in-addr."), "0.0.0.0/0 -");
        assert_eq!(networks(&forward, "192.0.2.7.in-addr."), "192.0.2.7 -");
    }

    #[test]
    fn refuses_zones_without_room() {
        let long =
            DomainName::parse(format!("{}.example", vec!["a".repeat(60); 3].join("."))).unwrap();
        assert!(matches!(Layout::new(&long, Order::Reversed, true), Err(LayoutError::Long { .. })));
        let percent = DomainName::parse("100%.example").unwrap();
        assert!(matches!(Layout::new(&percent, Order::Reversed, true), Err(LayoutError::Label(_))));
    }

    proptest! {
        #[test]
        fn owners_read_back(bits: u128, ip4: u32, forward: bool, version: bool) {
            let order = if forward { Order::Forward } else { Order::Reversed };
            let layout = layout(order, version);
            for client in [IpAddr::V6(Ipv6Addr::from_bits(bits)), IpAddr::V4(Ipv4Addr::from_bits(ip4))] {
                let owner = layout.owner(client).unwrap();
                prop_assert_eq!(layout.client(&owner), Some(client.to_canonical()));
            }
        }
    }
}
