//! The static macro target: an ordinary zone that answers the `exists` names
//! of a macro record by wildcards at octet and nibble boundaries.
//!
//! Ranges are merged first. A wildcard does not apply below an existing name
//! (RFC 4592 section 2.2.1), so a single address inside a wider prefix would
//! hide the prefix's wildcard.

use std::net::Ipv4Addr;

use crate::addr::{Address, AddressSet, Prefix, RangeSet};
use crate::image::family_label;
use crate::name::{DomainName, NameError};

use super::owner::{label_bits, owner};
use super::{ZoneData, ZoneRecord};

/// What an address that is in a set is answered with.
const ANSWER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// The address records of one set below `zone`, in the reversed layout with
/// the family in the name.
///
/// # Errors
///
/// Names over 253 octets.
pub fn exists_static(
    zone: &DomainName,
    set: &AddressSet,
    ttl: u32,
) -> Result<Vec<ZoneRecord>, NameError> {
    let mut records = Vec::new();
    owners(zone, &set.ip4, &mut records)?;
    owners(zone, &set.ip6, &mut records)?;
    let record = |name| ZoneRecord { name, ttl, data: ZoneData::A(ANSWER) };
    Ok(records.into_iter().map(record).collect())
}

/// How many address records a set becomes.
pub fn exists_static_records(set: &AddressSet) -> u64 {
    family_records(&set.ip4).saturating_add(family_records(&set.ip6))
}

fn family_records<A: Address>(set: &RangeSet<A>) -> u64 {
    let bits = label_bits::<A>();
    let blocks =
        |prefix: Prefix<A>| 1u64 << (prefix.length().div_ceil(bits) * bits - prefix.length());
    set.prefixes().fold(0, |sum: u64, prefix| sum.saturating_add(blocks(prefix)))
}

/// The owner names of a family's prefixes.
fn owners<A: Address>(
    zone: &DomainName,
    set: &RangeSet<A>,
    out: &mut Vec<DomainName>,
) -> Result<(), NameError> {
    let (root, bits) = (zone.child(family_label(A::FAMILY).as_bytes())?, label_bits::<A>());
    for prefix in set.prefixes() {
        let labels = prefix.length().div_ceil(bits);
        let mut first = Some(prefix.first());
        while let Some(address) = first {
            let block = Prefix::new(address, labels * bits);
            out.push(owner(&root, block)?);
            first = block.last().next().filter(|next| *next <= prefix.last());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(ip4: &[&str], ip6: &[&str]) -> Vec<String> {
        let ip4 =
            ip4.iter().map(|net| Prefix::from(net.parse::<ipnet::Ipv4Net>().unwrap()).range());
        let ip6 =
            ip6.iter().map(|net| Prefix::from(net.parse::<ipnet::Ipv6Net>().unwrap()).range());
        let set = AddressSet { ip4: ip4.collect(), ip6: ip6.collect() };
        let zone = DomainName::parse("z.example").unwrap();
        let records = exists_static(&zone, &set, 300).unwrap();
        records.iter().map(|record| record.name.to_string()).collect()
    }

    #[test]
    fn a_single_address_inside_a_prefix_leaves_no_name_of_its_own() {
        assert_eq!(names(&["192.0.2.0/24", "192.0.2.7/32"], &[]), ["*.2.0.192.in-addr.z.example"]);
    }

    #[test]
    fn prefixes_between_boundaries_become_several_wildcards() {
        assert_eq!(
            names(&["10.0.0.0/15", "192.0.2.6/31"], &["2001:db8::/31"]),
            [
                "*.0.10.in-addr.z.example",
                "*.1.10.in-addr.z.example",
                "6.2.0.192.in-addr.z.example",
                "7.2.0.192.in-addr.z.example",
                "*.8.b.d.0.1.0.0.2.ip6.z.example",
                "*.9.b.d.0.1.0.0.2.ip6.z.example",
            ]
        );
        assert_eq!(names(&["0.0.0.0/0"], &["::/0"]), ["*.in-addr.z.example", "*.ip6.z.example"]);
        let nets =
            ["10.0.0.0/15", "192.0.2.6/31"].map(|net| net.parse::<ipnet::Ipv4Net>().unwrap());
        let ip4 = nets.into_iter().map(|net| Prefix::from(net).range()).collect();
        assert_eq!(exists_static_records(&AddressSet { ip4, ..AddressSet::default() }), 4);
    }
}
