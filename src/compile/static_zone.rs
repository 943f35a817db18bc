//! The static zone of a macro record, and what generated zones say when they
//! are read back.

use crate::dns::Lookup;
use crate::image::ServedSet;
use crate::name::DomainName;
use crate::proof::{Generated, Printed, PrintedZone, Served};
use crate::target::{
    FlatLayout, ShardLimits, ZoneApex, ZoneRecord, exists_static, exists_static_records, host_name,
    shard, zone_line,
};

use super::{CompileError, Halt, MacroOptions, MacroStyle};

/// Seconds that a static zone's negative answers may be cached: how long an
/// added address may take to pass.
pub const NEGATIVE_TTL: u32 = 300;
/// Records of a static zone at most. Each takes some 300 octets while it is
/// printed and proven, so that this is a little over a gigabyte; beyond it a
/// responder serves the ranges themselves.
const MOST_ZONE_RECORDS: u64 = 4_000_000;

/// A static zone; without records for the responder's styles.
#[derive(Default)]
pub(super) struct StaticZone {
    pub(super) records: Vec<ZoneRecord>,
    /// Octets of the largest message that answers with a policy of the zone.
    pub(super) message_octets: usize,
}

/// The zone of all sets: each set's own zone is at or below it.
///
/// # Errors
///
/// Names or policies without room, and more records than are written.
pub(super) fn static_zone(
    options: &MacroOptions,
    sets: &[ServedSet],
    layout: &FlatLayout,
) -> Result<StaticZone, Halt> {
    let (servers, serial) = match &options.style {
        MacroStyle::ExistsStatic { servers, serial } | MacroStyle::Shard { servers, serial } => {
            (servers.clone(), *serial)
        }
        MacroStyle::Exists { .. } | MacroStyle::Include { .. } => return Ok(StaticZone::default()),
    };
    let (zone, ttl) = (options.zone.clone(), layout.ttl);
    let long = |reason| CompileError::ZoneName { zone: options.zone.clone(), reason };
    let mailbox = host_name(b"hostmaster", &zone).map_err(long)?;
    let apex = ZoneApex { zone, servers, mailbox, serial, ttl, negative_ttl: NEGATIVE_TTL };
    let mut made = StaticZone { records: apex.records(), message_octets: 0 };
    for set in sets {
        let addresses = set.read().map_err(|error| CompileError::Unreadable(error.to_string()))?;
        let zone = set.layout.zone();
        if let MacroStyle::Shard { .. } = options.style {
            let limits = ShardLimits { message: layout.most, records: MOST_ZONE_RECORDS as usize };
            let shards = shard(zone, &addresses, ttl, limits).map_err(CompileError::from)?;
            made.message_octets = made.message_octets.max(shards.message_octets);
            made.records.extend(shards.records);
            refuse_large(made.records.len() as u64)?;
        } else {
            let count = exists_static_records(&addresses);
            refuse_large(count.saturating_add(made.records.len() as u64))?;
            made.records.extend(exists_static(zone, &addresses, ttl).map_err(long)?);
        }
    }
    Ok(made)
}

fn refuse_large(records: u64) -> Result<(), CompileError> {
    match records > MOST_ZONE_RECORDS {
        true => Err(CompileError::ZoneTooLarge { records, most: MOST_ZONE_RECORDS }),
        false => Ok(()),
    }
}

type ServedLookup<'a> = Box<dyn Lookup + 'a>;

/// Reads the output back from its text: which clients each term of the record
/// matches, and DNS with the zones served.
///
/// # Errors
///
/// What is wrong with the text: a mistake of this program.
pub(super) fn read_back<'a>(
    lookup: &'a dyn Lookup,
    zone: &DomainName,
    sets: &[ServedSet],
    zone_records: &[ZoneRecord],
) -> Result<(Generated, ServedLookup<'a>), CompileError> {
    let unreadable = |error: String| CompileError::Unreadable(error);
    let mut generated = Generated { zones: vec![zone.clone()], ..Generated::default() };
    if zone_records.is_empty() {
        let mut served = Vec::new();
        for set in sets {
            let zone = set.zone().map_err(|error| unreadable(error.to_string()))?;
            generated.known.insert(set.term(), zone.addresses.clone());
            served.push(zone);
        }
        return Ok((generated, Box::new(Served::new(lookup, served))));
    }
    // Line by line: the text of a million records is printed once, at the end.
    let printed = PrintedZone::read(zone_records.iter().map(zone_line))
        .map_err(|error| unreadable(error.to_string()))?;
    for set in sets {
        let reading = printed.clients(set.layout.zone(), set.mechanism);
        let reading = reading.map_err(|fault| unreadable(fault.to_string()))?;
        generated.known.insert(set.term(), reading.addresses);
        generated.networks.push(reading.networks);
    }
    Ok((generated, Box::new(Printed::new(printed, lookup))))
}
