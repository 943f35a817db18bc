//! Compiling to a macro record: one `exists:` of a name that holds the
//! client's address, and what answers for these names.

use crate::dns::{Lookup, ZoneFile};
use crate::image::{Order, ServedSet};
use crate::name::DomainName;
use crate::optimize::{Sequence, sequence};
use crate::outcome::Qualifier;
use crate::policy::{Decisions, Known};
use crate::proof::{Served, Zoned, zone_ranges};
use crate::target::{
    ExistsOptions, ExistsOutput, FlatLayout, ZoneApex, ZoneRecord, exists, exists_static,
    exists_static_records, host_name, zone_file,
};

use super::inline::inline;
use super::output::{Staying, output_lookups, proof, published, size_notes, staying};
use super::prepare::{Prepared, prepare};
use super::publication::refuse_own_output;
use super::{
    CompileError, Compiled, Halt, InlineOptions, InlinedRanges, Publication, RecordOptions,
    SourceOptions, SourcePolicy,
};

/// Seconds that a static zone's negative answers may be cached: how long an
/// added address may take to pass.
pub const NEGATIVE_TTL: u32 = 300;
/// Records of a static zone at most: beyond that a responder serves the ranges
/// themselves.
const MOST_ZONE_RECORDS: u64 = 1_000_000;

/// What answers for the names of a macro record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MacroStyle {
    /// A responder that is given the address sets.
    Exists {
        /// Which end of the address stands next to the zone.
        order: Order,
        /// Whether the family stands in the name.
        version: bool,
    },
    /// An ordinary zone file.
    ExistsStatic {
        /// The zone's servers; the first is the primary.
        servers: Vec<DomainName>,
        /// The version of the zone.
        serial: u32,
    },
}

/// How a policy is compiled to a macro record.
#[derive(Clone, Debug)]
pub struct MacroOptions {
    /// How the source is read.
    pub source: SourceOptions,
    /// How the records are laid out.
    pub records: RecordOptions,
    /// Another final `all`.
    pub qualifier: Option<Qualifier>,
    /// How the names to be written are looked at.
    pub publication: Publication,
    /// The zone of the names.
    pub zone: DomainName,
    /// What answers for them.
    pub style: MacroStyle,
    /// Ranges of the zone that stand in the record too.
    pub inline: InlineOptions,
}

/// A policy, compiled to a macro record and proven.
#[derive(Clone, Debug)]
pub struct MacroOutput {
    /// The records, and all that is to be known about them.
    pub compiled: Compiled,
    /// What the responder holds, zone by zone.
    pub sets: Vec<ServedSet>,
    /// The records of the static zone; empty for the responder's styles.
    pub zone_records: Vec<ZoneRecord>,
    /// What stands in the record besides the zone.
    pub inlined: InlinedRanges,
}

/// Compiles a policy to a macro record.
///
/// # Errors
///
/// Questions to ask first, or why there is no output.
pub fn compile_macro(lookup: &dyn Lookup, options: &MacroOptions) -> Result<MacroOutput, Halt> {
    let mut decisions = Decisions::default();
    let domain = &options.source.domain;
    refuse_zone(domain, &options.zone)?;
    let prepared = prepare(lookup, &options.source, options.qualifier, &mut decisions)?;
    let Prepared { view, source, changed, repaired } = prepared;
    refuse_read_zone(domain, &source, &options.zone)?;
    let names = options.records.names(domain)?;
    let standing = options.publication.standing(lookup, &names)?;
    let sequence = sequence(&source.lowered.map, source.end, &mut decisions)
        .map_err(|_| CompileError::Inexpressible)?;
    let layout = options.records.layout(names, &source, &standing);
    let (mut written, notes) = write(options, &source, &sequence, &layout, &decisions)?;
    let inlined = inline(&mut written.records, &written.sets, &options.inline, layout.most)?;
    if let Some(record) =
        written.records.iter().find(|record| record.name.is_at_or_below(&options.zone))
    {
        return Err(CompileError::ZoneRecord {
            zone: options.zone.clone(),
            name: record.name.clone(),
        }
        .into());
    }
    let zone_records = match &options.style {
        MacroStyle::Exists { .. } => Vec::new(),
        MacroStyle::ExistsStatic { servers, serial } => {
            static_zone(&options.zone, &written.sets, servers, *serial, layout.ttl)?
        }
    };
    let (known, served) = read_back(lookup, &written.sets, &zone_records)?;
    let output = published(served, &written.records);
    let most = options.records.max_lookups;
    let lookups = output_lookups(&output, domain, &written.records, most, Some(&options.zone))?;
    let plan = options.publication.plan(lookup, &standing, &layout, &written.records)?;
    let zones: Vec<DomainName> = vec![options.zone.clone()];
    let proof = proof(&options.source, &*view, &output, &source, &known, &zones)?;
    let ExistsOutput { records, sets } = written;
    let compiled =
        Compiled { source, records, plan, lookups, changed, repaired, notes, proof, decisions };
    Ok(MacroOutput { compiled, sets, zone_records, inlined })
}

/// A zone at or above the domain would take its other names along.
fn refuse_zone(domain: &DomainName, zone: &DomainName) -> Result<(), CompileError> {
    match domain.is_at_or_below(zone) {
        true => {
            let reason = "holds the domain itself: choose a name below it or beside it";
            Err(CompileError::Zone { zone: zone.clone(), reason })
        }
        false => Ok(()),
    }
}

/// A zone whose names the source reads would take them away, or is the zone of
/// an earlier run, which no change of a provider ever reaches.
fn refuse_read_zone(
    domain: &DomainName,
    source: &SourcePolicy,
    zone: &DomainName,
) -> Result<(), CompileError> {
    let read = source.graph.asked.iter().map(|question| &question.name);
    let below = |text: &str| {
        let name = text.rsplit_once('}').map_or(text, |(_, name)| name.trim_start_matches('.'));
        DomainName::parse(name).is_ok_and(|name| name.is_at_or_below(zone))
    };
    let own = source.kept.iter().any(|kept| below(&kept.term));
    match read.into_iter().find(|name| name.is_at_or_below(zone)) {
        Some(name) => {
            Err(CompileError::AlreadyOutput { domain: domain.clone(), name: name.clone() })
        }
        None if own => {
            Err(CompileError::AlreadyOutput { domain: domain.clone(), name: zone.clone() })
        }
        None => Ok(()),
    }
}

fn write(
    options: &MacroOptions,
    source: &SourcePolicy,
    sequence: &Sequence,
    layout: &FlatLayout,
    decisions: &Decisions,
) -> Result<(ExistsOutput, Vec<String>), Halt> {
    let (order, version) = match &options.style {
        MacroStyle::Exists { order, version } => (*order, *version),
        MacroStyle::ExistsStatic { .. } => (Order::Reversed, true),
    };
    let Staying { dynamic, end, may_move, mut notes } =
        staying(source, sequence, sequence.end, decisions);
    let target = ExistsOptions { zone: options.zone.clone(), order, version };
    let written =
        exists(sequence, &dynamic, &end, &target, layout, may_move).map_err(CompileError::from)?;
    refuse_own_output(&source.graph, &layout.names, &written.records)?;
    if written.sets.is_empty() {
        notes.push(String::from(
            "the policy passes no address by itself, so its record needs no zone",
        ));
    }
    notes.extend(size_notes(&written.records, layout));
    Ok((written, notes))
}

/// The zone of all sets: each set's own zone is at or below it.
fn static_zone(
    zone: &DomainName,
    sets: &[ServedSet],
    servers: &[DomainName],
    serial: u32,
    ttl: u32,
) -> Result<Vec<ZoneRecord>, Halt> {
    let long = |reason| CompileError::ZoneName { zone: zone.clone(), reason };
    let mailbox = host_name(b"hostmaster", zone).map_err(long)?;
    let (servers, negative_ttl) = (servers.to_vec(), NEGATIVE_TTL);
    let apex = ZoneApex { zone: zone.clone(), servers, mailbox, serial, ttl, negative_ttl };
    let mut records = apex.records();
    for set in sets {
        let addresses = set.read().map_err(|error| CompileError::Unreadable(error.to_string()))?;
        let count = exists_static_records(&addresses).saturating_add(records.len() as u64);
        if count > MOST_ZONE_RECORDS {
            return Err(
                CompileError::ZoneTooLarge { records: count, most: MOST_ZONE_RECORDS }.into()
            );
        }
        records.extend(exists_static(set.layout.zone(), &addresses, ttl).map_err(long)?);
    }
    Ok(records)
}

type ServedLookup<'a> = Box<dyn Lookup + 'a>;

/// Reads the output back from its text: which addresses each name of the
/// record matches, and DNS with the zones served.
fn read_back<'a>(
    lookup: &'a dyn Lookup,
    sets: &[ServedSet],
    zone_records: &[ZoneRecord],
) -> Result<(Known, ServedLookup<'a>), CompileError> {
    let unreadable = |error: String| CompileError::Unreadable(error);
    let term = |set: &ServedSet| format!("exists:{}", set.layout.domain_spec());
    if zone_records.is_empty() {
        let mut served = Vec::new();
        for set in sets {
            let addresses = set.read().map_err(|error| unreadable(error.to_string()))?;
            served.push((set.layout.clone(), addresses));
        }
        let known =
            sets.iter().zip(&served).map(|(set, (_, addresses))| (term(set), addresses.clone()));
        let known = known.collect();
        return Ok((known, Box::new(Served::new(lookup, served))));
    }
    let file = ZoneFile::read(zone_file(zone_records).as_bytes(), None)
        .map_err(|error| unreadable(error.to_string()))?;
    let mut known = Known::new();
    for set in sets {
        let ranges = zone_ranges(file.owners(), set.layout.zone());
        let ranges = ranges.ok_or_else(|| unreadable(String::from("an alias stands in it")))?;
        known.insert(term(set), ranges);
    }
    Ok((known, Box::new(Zoned::new(file, lookup))))
}
