//! Compiling to flat records: `ip4:` and `ip6:` terms in the policy's own
//! record and in chunks that it includes.

use crate::dns::Lookup;
use crate::name::DomainName;
use crate::optimize::{DefaultResult, Packing, Sequence, disjoint, ordered, sequence};
use crate::outcome::Qualifier;
use crate::policy::{Comparison, Decisions, LookupCount};
use crate::proof::Generated;
use crate::target::{FlatLayout, OutputRecord, flat};

use super::output::{Staying, output_lookups, proof, published, size_notes, staying};
use super::plan::{Planner, overwritten};
use super::prepare::{Prepared, prepare};
use super::publication::{Standing, refuse_own_output};
use super::{
    CompileError, Compiled, Halt, Publication, RecordOptions, SourceOptions, SourcePolicy,
};

/// Which terms are chosen among those that mean the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CoverChoice {
    /// Terms whose order does not matter.
    #[default]
    Disjoint,
    /// The fewest octets, with exclusions before the wider ranges that they are
    /// taken from.
    Ordered,
}

/// How a policy is flattened.
#[derive(Clone, Debug)]
pub struct FlattenOptions {
    /// How the source is read.
    pub source: SourceOptions,
    /// How the records are laid out.
    pub records: RecordOptions,
    /// Another final `all`.
    pub qualifier: Option<Qualifier>,
    /// Which terms are chosen.
    pub cover: CoverChoice,
    /// How the names to be written are looked at.
    pub publication: Publication,
}

impl FlattenOptions {
    /// The published policy of `domain`, in records as receivers want them and
    /// with terms that mean the same in any order.
    pub fn new(domain: DomainName) -> FlattenOptions {
        FlattenOptions {
            source: SourceOptions::new(domain),
            records: RecordOptions::default(),
            qualifier: None,
            cover: CoverChoice::default(),
            publication: Publication::default(),
        }
    }
}

/// A policy, flattened and proven.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Flattened {
    /// The records, and all that is to be known about them.
    pub compiled: Compiled,
    /// Ranges of IPv4 addresses that the records decide.
    pub ip4_ranges: usize,
    /// Ranges of IPv6 addresses that the records decide.
    pub ip6_ranges: usize,
}

/// Flattens a policy. The records mean the same as the source for every client
/// address, or there are none: [`Compiled::proof`] says how far that was looked at.
///
/// # Errors
///
/// Questions to ask first, or why there is no output.
///
/// # Examples
///
/// ```
/// use spfc::compile::{FlattenOptions, Halt, flatten};
/// use spfc::dns::{Source, ZoneMap};
/// use spfc::name::DomainName;
///
/// let zones = ZoneMap::read(
///     br#"{
///         "example.com": {"TXT": ["v=spf1 mx include:_spf.example.net -all"], "MX": ["10 a.example.com"]},
///         "a.example.com": {"A": ["192.0.2.129"]},
///         "_spf.example.net": {"TXT": ["v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128 ?all"]}
///     }"#,
/// )?;
/// let mut dns = Source::closed(zones);
/// let options = FlattenOptions::new(DomainName::parse("example.com")?);
/// // The first `?` is for DNS, the second for a policy that cannot be compiled.
/// let flat = dns.run(|lookup| Halt::step(flatten(lookup, &options)))??.compiled;
///
/// assert_eq!((flat.source.lookups.terms, flat.lookups.terms), (2, 0));
/// let record = &flat.records[0];
/// assert_eq!(record.name.to_string(), "example.com");
/// assert_eq!(record.text, "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/31 -all");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn flatten(lookup: &dyn Lookup, options: &FlattenOptions) -> Result<Flattened, Halt> {
    let draft = Draft::new(lookup, options)?;
    let written = draft.write(lookup, options)?;
    draft.finish(lookup, options, written)
}

/// A policy whose terms have their order, but no records yet.
pub(super) struct Draft<'a> {
    view: Box<dyn Lookup + 'a>,
    pub(super) source: SourcePolicy,
    changed: usize,
    repaired: Option<Comparison>,
    standing: Standing,
    sequence: Sequence,
    decisions: Decisions,
}

/// Records that are within the limits, but not proven.
pub(super) struct Written {
    layout: FlatLayout,
    pub(super) records: Vec<OutputRecord>,
    notes: Vec<String>,
    pub(super) lookups: LookupCount,
}

impl<'a> Draft<'a> {
    /// Reads a policy and puts its terms in order.
    ///
    /// # Errors
    ///
    /// Questions to ask first; a policy that no record can hold.
    pub(super) fn new(lookup: &'a dyn Lookup, options: &FlattenOptions) -> Result<Self, Halt> {
        let mut decisions = Decisions::default();
        let prepared = prepare(lookup, &options.source, options.qualifier, &mut decisions)?;
        let Prepared { view, source, changed, repaired } = prepared;
        let names = options.records.names(&options.source.domain)?;
        let standing = options.publication.standing(lookup, &names)?;
        let sequence = sequence(&source.lowered.map, source.end, &mut decisions)
            .map_err(|_| CompileError::Inexpressible)?;
        Ok(Draft { view, source, changed, repaired, standing, sequence, decisions })
    }

    /// Packs the terms and counts what the records cost.
    ///
    /// # Errors
    ///
    /// Questions to ask first; records that are over a budget.
    pub(super) fn write(
        &self,
        lookup: &dyn Lookup,
        options: &FlattenOptions,
    ) -> Result<Written, Halt> {
        let domain = &options.source.domain;
        let names = options.records.names(domain)?;
        let layout = options.records.layout(names, &self.source, &self.standing);
        let (records, notes) =
            write(options, &self.source, &self.sequence, &layout, &self.decisions)?;
        let output = published(lookup, &records);
        let most = options.records.max_lookups;
        let lookups = output_lookups(&output, domain, &records, most, None)?;
        Ok(Written { layout, records, notes, lookups })
    }

    /// Proves the records.
    ///
    /// # Errors
    ///
    /// Questions to ask first; names that are taken; a proof that fails.
    pub(super) fn finish(
        self,
        lookup: &dyn Lookup,
        options: &FlattenOptions,
        written: Written,
    ) -> Result<Flattened, Halt> {
        let Draft { view, source, changed, repaired, standing, sequence, decisions } = self;
        let Written { layout, records, mut notes, lookups } = written;
        let plan = Planner {
            publication: &options.publication,
            lookup,
            standing: &standing,
            layout: &layout,
            reached: &source.reached,
            records: &records,
        };
        let plan = plan.plan()?;
        notes.extend(overwritten(&plan));
        let output = published(lookup, &records);
        let proof = proof(&options.source, &*view, &output, &source, &Generated::default())?;
        let compiled =
            Compiled { source, records, plan, lookups, changed, repaired, notes, proof, decisions };
        Ok(Flattened {
            compiled,
            ip4_ranges: sequence.groups.iter().map(|group| group.set.ip4.ranges().len()).sum(),
            ip6_ranges: sequence.groups.iter().map(|group| group.set.ip6.ranges().len()).sum(),
        })
    }
}

/// Chooses the terms and writes the records.
fn write(
    options: &FlattenOptions,
    source: &SourcePolicy,
    sequence: &Sequence,
    layout: &FlatLayout,
    decisions: &Decisions,
) -> Result<(Vec<OutputRecord>, Vec<String>), Halt> {
    // A final `all` that the user chose stays.
    let default = match options.qualifier {
        Some(_) => DefaultResult::Kept,
        None => DefaultResult::Fewest,
    };
    let cover = match options.cover {
        CoverChoice::Disjoint => disjoint(sequence),
        CoverChoice::Ordered => ordered(sequence, default, layout.unit_octets()),
    };
    let ends_otherwise = cover.end != source.end;
    let has_exclusions = cover.has_exclusions();
    let Staying { dynamic, end, may_move, mut notes } =
        staying(source, sequence, cover.end, decisions);
    let packing = Packing { positions: cover.positions, dynamic, end };
    let records = flat(&packing, layout, may_move).map_err(CompileError::from)?;
    refuse_own_output(&source.reached, &layout.names, &records)?;
    notes.extend(size_notes(&records, layout));
    if ends_otherwise {
        notes.push(String::from(
            "the final all is another one than the source's, for that takes fewer octets: terms before it give \
             every address what the source gives it",
        ));
    }
    if has_exclusions {
        notes.push(String::from(
            "some terms are exclusions, which have to stand before the wider range that they are taken from: \
             rspamd 3.4 puts terms in another order and passes what they exclude; --cover disjoint needs no order",
        ));
    }
    Ok((records, notes))
}
