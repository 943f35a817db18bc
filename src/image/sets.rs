//! Address sets as text, for whoever serves them: `first-last` for each range.
//!
//! What is answered from them, [`ServedZone`] says.

use std::net::IpAddr;

use thiserror::Error;

use crate::addr::{Address, AddressSet, Family, Range, RangeSet};
use crate::outcome::Qualifier;

use super::{Layout, ServedZone, ZoneMechanism};

/// The addresses that a zone holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedSet {
    /// How addresses become names of the zone.
    pub layout: Layout,
    /// How the record asks for them, and so what they are answered with.
    pub mechanism: ZoneMechanism,
    /// The outcome that the record gives where the zone has an answer.
    pub outcome: Qualifier,
    /// IPv4 ranges, `first-last`.
    pub ip4: Vec<String>,
    /// IPv6 ranges, `first-last`.
    pub ip6: Vec<String>,
}

/// Why a text is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{}' is no range of {family} addresses", text.escape_debug())]
pub struct SetError {
    text: String,
    family: &'static str,
}

impl ServedSet {
    /// The set in text form.
    pub fn new(
        layout: Layout,
        mechanism: ZoneMechanism,
        outcome: Qualifier,
        set: &AddressSet,
    ) -> ServedSet {
        ServedSet { layout, mechanism, outcome, ip4: ranges(&set.ip4), ip6: ranges(&set.ip6) }
    }

    /// The term that asks for the client's name, without its qualifier:
    /// `exists:%{ir}.%{v}.spf.example.com`.
    pub fn term(&self) -> String {
        format!("{}:{}", self.mechanism.as_str(), self.layout.domain_spec())
    }

    /// What answers for the zone, the set read back from its text.
    ///
    /// # Errors
    ///
    /// The first text that is no range.
    pub fn zone(&self) -> Result<ServedZone, SetError> {
        let (layout, mechanism) = (self.layout.clone(), self.mechanism);
        Ok(ServedZone { layout, mechanism, addresses: self.read()? })
    }

    /// The set, read back from its text.
    ///
    /// # Errors
    ///
    /// The first text that is no range.
    pub fn read(&self) -> Result<AddressSet, SetError> {
        let ip4 = self.ip4.iter().map(|text| range::<u32>(text)).collect::<Result<_, _>>()?;
        let ip6 = self.ip6.iter().map(|text| range::<u128>(text)).collect::<Result<_, _>>()?;
        Ok(AddressSet { ip4, ip6 })
    }
}

fn ranges<A: Address>(set: &RangeSet<A>) -> Vec<String> {
    set.ranges()
        .iter()
        .map(|range| format!("{}-{}", range.first.to_ip(), range.last.to_ip()))
        .collect()
}

fn range<A: Address>(text: &str) -> Result<Range<A>, SetError> {
    let error = || SetError { text: text.to_owned(), family: A::FAMILY.as_str() };
    let (first, last) = text.split_once('-').ok_or_else(error)?;
    let address = |text: &str| text.parse::<IpAddr>().ok().and_then(exact::<A>);
    let range = address(first).zip(address(last)).map(|(first, last)| Range { first, last });
    range.filter(|range| range.first <= range.last).ok_or_else(error)
}

/// An address of the family as written: here an IPv4-mapped address is an
/// IPv6 one, since a range may well reach over them.
fn exact<A: Address>(address: IpAddr) -> Option<A> {
    match (address, A::FAMILY) {
        (IpAddr::V4(ip), Family::Ip4) => A::from_bits(ip.to_bits().into()),
        (IpAddr::V6(ip), Family::Ip6) => A::from_bits(ip.to_bits()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Order;
    use crate::name::DomainName;

    #[test]
    fn sets_read_back_over_mapped_addresses_and_to_the_last() {
        let zone = DomainName::parse("spf.example.com").unwrap();
        let layout = Layout::new(&zone, Order::Reversed, true).unwrap();
        let set = AddressSet {
            ip4: [Range { first: 0, last: 7 }, Range { first: u32::MAX, last: u32::MAX }]
                .into_iter()
                .collect(),
            ip6: [
                Range { first: 1, last: 0xffff_0000_0007 },
                Range { first: u128::MAX, last: u128::MAX },
            ]
            .into_iter()
            .collect(),
        };
        let served = ServedSet::new(layout, ZoneMechanism::Exists, Qualifier::Pass, &set);
        assert_eq!(served.ip4, ["0.0.0.0-0.0.0.7", "255.255.255.255-255.255.255.255"]);
        assert_eq!(served.read().unwrap(), set);
    }

    #[test]
    fn refuses_what_is_no_range() {
        let bad = |text: &str| range::<u32>(text).is_err();
        assert!(
            bad("192.0.2.1")
                && bad("192.0.2.9-192.0.2.1")
                && bad("::1-::2")
                && bad("::ffff:1.2.3.4-1.2.3.5")
        );
    }
}
