//! How a client's address becomes a name below a zone: the expansion of
//! `%{i}` or `%{ir}`, of `%{v}`, and the zone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use crate::name::{DomainName, NameError};

/// Labels of a full IPv4 address: octets.
const IP4_LABELS: usize = 4;
/// Labels of a full IPv6 address: nibbles.
const IP6_LABELS: usize = 32;

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
        let (mut labels, version) = match client.to_canonical() {
            IpAddr::V4(ip) => (ip.octets().map(|octet| octet.to_string()).to_vec(), "in-addr"),
            IpAddr::V6(ip) => {
                let nibbles = ip.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 15]);
                (nibbles.map(|nibble| format!("{nibble:x}")).collect(), "ip6")
            }
        };
        if self.order == Order::Reversed {
            labels.reverse();
        }
        if self.version {
            labels.push(version.to_owned());
        }
        DomainName::from_labels(labels.iter().map(String::as_bytes).chain(self.zone.labels()))
    }

    /// The client whose name this is, where it is the name of a full address.
    pub fn client(&self, name: &DomainName) -> Option<IpAddr> {
        if !name.is_at_or_below(&self.zone) {
            return None;
        }
        let below = name.label_count() - self.zone.label_count();
        let mut labels: Vec<&[u8]> = name.labels().take(below).collect();
        let version = if self.version { Some(labels.pop()?) } else { None };
        if self.order == Order::Reversed {
            labels.reverse();
        }
        let family = |expected: &str| {
            version.is_none_or(|label| label.eq_ignore_ascii_case(expected.as_bytes()))
        };
        match labels.len() {
            IP4_LABELS if family("in-addr") => ip4(&labels).map(IpAddr::V4),
            IP6_LABELS if family("ip6") => ip6(&labels).map(IpAddr::V6),
            _ => None,
        }
    }
}

/// An address of four numbers without leading zeros, the first one first.
fn ip4(labels: &[&[u8]]) -> Option<Ipv4Addr> {
    let mut octets = [0; IP4_LABELS];
    for (octet, label) in octets.iter_mut().zip(labels) {
        let plain = label.iter().all(u8::is_ascii_digit)
            && (label.len() == 1 || label.first() != Some(&b'0'));
        let text = std::str::from_utf8(label).ok().filter(|_| plain)?;
        *octet = text.parse().ok()?;
    }
    Some(Ipv4Addr::from(octets))
}

/// An address of 32 nibbles, the first one first.
fn ip6(labels: &[&[u8]]) -> Option<Ipv6Addr> {
    let mut bits: u128 = 0;
    for label in labels {
        let [nibble] = label else { return None };
        bits = bits << 4 | u128::from(char::from(*nibble).to_digit(16)?);
    }
    Some(Ipv6Addr::from_bits(bits))
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
