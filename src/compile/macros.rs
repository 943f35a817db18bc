//! Compiling to a macro record: one `exists:` or `include:` of a name that
//! holds the client's address, and what answers for these names.

use crate::dns::Lookup;
use crate::image::{Order, ServedSet, ZoneMechanism};
use crate::name::DomainName;
use crate::optimize::{Sequence, sequence};
use crate::outcome::Qualifier;
use crate::policy::{Decisions, End};
use crate::target::{ExistsOptions, ExistsOutput, FlatLayout, ZoneRecord, exists};

use super::inline::inline;
use super::output::{Staying, output_lookups, proof, published, size_notes, staying};
use super::plan::{Planner, overwritten};
use super::prepare::{Prepared, prepare};
use super::publication::refuse_own_output;
use super::static_zone::{StaticZone, read_back, static_zone};
use super::{
    CompileError, Compiled, Halt, InlineOptions, InlinedRanges, Publication, RecordOptions,
    SourceOptions, SourcePolicy,
};

/// What answers for the names of a macro record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MacroStyle {
    /// A responder that is given the address sets.
    Exists {
        /// Which end of the address stands next to the zone.
        order: Order,
        /// Whether the family stands in the name.
        version: bool,
    },
    /// A responder that is given the address sets and has a policy for every
    /// client.
    Include {
        /// Which end of the address stands next to the zone.
        order: Order,
        /// Whether the family stands in the name.
        version: bool,
    },
    /// An ordinary zone file of addresses.
    ExistsStatic {
        /// The zone's servers; the first is the primary.
        servers: Vec<DomainName>,
        /// The version of the zone.
        serial: u32,
    },
    /// An ordinary zone file of small policies.
    Shard {
        /// The zone's servers; the first is the primary.
        servers: Vec<DomainName>,
        /// The version of the zone.
        serial: u32,
    },
}

impl MacroStyle {
    /// How the record asks for the names.
    pub fn mechanism(&self) -> ZoneMechanism {
        match self {
            MacroStyle::Exists { .. } | MacroStyle::ExistsStatic { .. } => ZoneMechanism::Exists,
            MacroStyle::Include { .. } | MacroStyle::Shard { .. } => ZoneMechanism::Include,
        }
    }

    /// Which end of the address stands next to the zone, and whether the family
    /// stands in the name. Wildcards stand for the labels left of them, so in a
    /// static zone networks have to be subtrees, and each family a tree of its own.
    fn layout(&self) -> (Order, bool) {
        match self {
            MacroStyle::Exists { order, version } | MacroStyle::Include { order, version } => {
                (*order, *version)
            }
            MacroStyle::ExistsStatic { .. } | MacroStyle::Shard { .. } => (Order::Reversed, true),
        }
    }
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

impl MacroOptions {
    /// The published policy of `domain` as a macro record that asks for names
    /// below `zone`, with no range of the zone in the record itself.
    pub fn new(domain: DomainName, zone: DomainName, style: MacroStyle) -> MacroOptions {
        MacroOptions {
            source: SourceOptions::new(domain),
            records: RecordOptions::default(),
            qualifier: None,
            publication: Publication::default(),
            zone,
            style,
            inline: InlineOptions::default(),
        }
    }
}

/// A policy, compiled to a macro record and proven.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MacroOutput {
    /// The records, and all that is to be known about them.
    pub compiled: Compiled,
    /// What the responder holds, zone by zone.
    pub sets: Vec<ServedSet>,
    /// The records of the static zone; empty for the responder's styles.
    pub zone_records: Vec<ZoneRecord>,
    /// What stands in the record besides the zone.
    pub inlined: InlinedRanges,
    /// Octets of the largest DNS message that answers with a policy of the
    /// static zone; 0 where it holds none.
    pub zone_message_octets: usize,
}

/// Compiles a policy to a macro record, and to what answers for the names that
/// it asks for. Both together mean the same as the source for every client
/// address, or there are none.
///
/// # Errors
///
/// Questions to ask first, or why there is no output.
///
/// # Examples
///
/// ```
/// use spfc::compile::{Halt, MacroOptions, MacroStyle, compile_macro};
/// use spfc::dns::{Source, ZoneMap};
/// use spfc::image::Order;
/// use spfc::name::DomainName;
///
/// let zones = ZoneMap::read(
///     br#"{
///         "example.com": {"TXT": ["v=spf1 ip4:192.0.2.25 include:_spf.example.net -all"]},
///         "_spf.example.net": {"TXT": ["v=spf1 ip6:2001:db8::/48 ?all"]}
///     }"#,
/// )?;
/// let mut dns = Source::closed(zones);
/// let domain = DomainName::parse("example.com")?;
/// let zone = DomainName::parse("spf.example.net")?;
/// let style = MacroStyle::Exists { order: Order::Reversed, version: true };
/// let options = MacroOptions::new(domain, zone, style);
/// let output = dns.run(|lookup| Halt::step(compile_macro(lookup, &options)))??;
///
/// let record = &output.compiled.records[0];
/// assert_eq!(record.text, "v=spf1 exists:%{ir}.%{v}.spf.example.net -all");
/// let passing = &output.sets[0];
/// assert_eq!(passing.ip4, ["192.0.2.25-192.0.2.25"]);
/// assert_eq!(passing.ip6, ["2001:db8::-2001:db8:0:ffff:ffff:ffff:ffff:ffff"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    let (mut written, mut notes) = write(options, &source, &sequence, &layout, &decisions)?;
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
    // Before a zone is made that may have a million records.
    let plan = Planner {
        publication: &options.publication,
        lookup,
        standing: &standing,
        layout: &layout,
        reached: &source.reached,
        records: &written.records,
    };
    let plan = plan.plan()?;
    notes.extend(overwritten(&plan));
    let StaticZone { records: zone_records, message_octets: zone_message_octets } =
        static_zone(options, &written.sets, &layout)?;
    let (generated, served) = read_back(lookup, &options.zone, &written.sets, &zone_records)?;
    let output = published(served, &written.records);
    let most = options.records.max_lookups;
    let lookups = output_lookups(&output, domain, &written.records, most, Some(&options.zone))?;
    let proof = proof(&options.source, &*view, &output, &source, &generated)?;
    let ExistsOutput { records, sets } = written;
    let compiled =
        Compiled { source, records, plan, lookups, changed, repaired, notes, proof, decisions };
    Ok(MacroOutput { compiled, sets, zone_records, inlined, zone_message_octets })
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
    let (order, version) = options.style.layout();
    let mechanism = options.style.mechanism();
    let Staying { dynamic, end, may_move, mut notes } =
        staying(source, sequence, sequence.end, decisions);
    let target = ExistsOptions { mechanism, zone: options.zone.clone(), order, version };
    let written =
        exists(sequence, &dynamic, &end, &target, layout, may_move).map_err(CompileError::from)?;
    refuse_own_output(&source.reached, &layout.names, &written.records)?;
    if written.sets.is_empty() {
        let passes = source.end == End::Outcome(Qualifier::Pass);
        notes.push(String::from(match passes {
            true => "the final all passes every address that nothing before it decides, so the record needs no zone",
            false => "the policy passes no address by itself, so its record needs no zone",
        }));
    }
    notes.extend(size_notes(&written.records, layout));
    Ok((written, notes))
}
