//! Generated zones read back: for which clients the term of a macro record
//! matches, by the wildcard rules of RFC 4592 over all names at once.

mod clients;
mod names;
mod policies;
mod printed;

use crate::addr::{Address, AddressSet, Prefix, RangeSet};
use crate::dns::{Owner, Records};
use crate::image::ZoneMechanism;
use crate::name::DomainName;

use self::names::{Kind, ZoneNames};

pub use policies::ZoneFault;
pub use printed::{PrintedZone, PrintedZoneError};

/// What a zone says of all clients.
#[derive(Clone, Debug, Default)]
pub struct ZoneReading {
    /// The clients for which the term matches.
    pub addresses: AddressSet,
    /// The networks that the zone names, in its owners and in its policies.
    pub networks: WrittenNetworks,
}

/// Networks as they are written, in any order, whether they overlap or not.
#[derive(Clone, Debug, Default)]
pub struct WrittenNetworks {
    /// Of IPv4.
    pub ip4: Vec<Prefix<u32>>,
    /// Of IPv6.
    pub ip6: Vec<Prefix<u128>>,
}

/// For which clients a term of this mechanism matches whose names, in the
/// reversed layout with the family in it, lie below `zone` and are answered by
/// a zone with these owners.
///
/// # Errors
///
/// What keeps the zone from deciding the term for every client.
pub fn zone_clients<'a>(
    owners: impl IntoIterator<Item = &'a Owner>,
    zone: &DomainName,
    mechanism: ZoneMechanism,
) -> Result<ZoneReading, ZoneFault> {
    let mut names = ZoneNames::default();
    for owner in owners.into_iter().filter(|owner| owner.name.is_at_or_below(zone)) {
        let labels: Vec<&[u8]> = owner.name.labels().collect();
        let below = labels.len() - zone.label_count();
        let name = || labels[..below].iter().rev().copied();
        let mut add = |kind, data: &[u8]| names.push(name(), kind, data);
        if owner.alias.is_some() {
            add(Kind::Alias, &[])?;
        }
        for set in &owner.sets {
            match &set.records {
                Records::A(_) => add(Kind::Address, &[])?,
                Records::Txt(texts) => {
                    texts.iter().try_for_each(|text| add(Kind::Text, &text.joined()))?;
                }
                _ => add(Kind::Other, &[])?,
            }
        }
        // Records of types that nobody here reads make it exist too.
        if owner.is_empty() {
            add(Kind::Other, &[])?;
        }
    }
    names.sort();
    reading(&names, &[], mechanism)
}

/// Reads both families below `zone`, whose labels stand in `base` as in
/// [`ZoneNames`].
fn reading(
    names: &ZoneNames,
    base: &[u8],
    mechanism: ZoneMechanism,
) -> Result<ZoneReading, ZoneFault> {
    let (ip4, ip4_networks) = family::<u32>(names, base, mechanism)?;
    let (ip6, ip6_networks) = family::<u128>(names, base, mechanism)?;
    Ok(ZoneReading {
        addresses: AddressSet { ip4, ip6 },
        networks: WrittenNetworks { ip4: ip4_networks, ip6: ip6_networks },
    })
}

fn family<A: Address>(
    names: &ZoneNames,
    base: &[u8],
    mechanism: ZoneMechanism,
) -> Result<(RangeSet<A>, Vec<Prefix<A>>), ZoneFault> {
    let mut found = policies::Clients::new(names, mechanism);
    clients::visit(names, base, &mut |records, region, block| found.add(records, region, block))?;
    Ok(found.finish())
}

#[cfg(test)]
mod tests;
