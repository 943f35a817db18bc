//! Compiling to flat records: `ip4:` and `ip6:` terms in the policy's own
//! record and in chunks that it includes.

use crate::dns::Lookup;
use crate::message::STRING_OCTETS;
use crate::optimize::{DefaultResult, Layout, Packing, Sequence, disjoint, ordered, sequence};
use crate::outcome::Qualifier;
use crate::policy::{Decisions, Known};
use crate::target::{FlatLayout, OutputRecord, flat};

use super::output::{Staying, output_lookups, proof, published, size_notes, staying};
use super::prepare::{Prepared, prepare};
use super::publication::refuse_own_output;
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

/// A policy, flattened and proven.
#[derive(Clone, Debug)]
pub struct Flattened {
    /// The records, and all that is to be known about them.
    pub compiled: Compiled,
    /// Ranges of IPv4 addresses that the records decide.
    pub ip4_ranges: usize,
    /// Ranges of IPv6 addresses that the records decide.
    pub ip6_ranges: usize,
}

/// Flattens a policy.
///
/// # Errors
///
/// Questions to ask first, or why there is no output.
pub fn flatten(lookup: &dyn Lookup, options: &FlattenOptions) -> Result<Flattened, Halt> {
    let mut decisions = Decisions::default();
    let domain = &options.source.domain;
    let prepared = prepare(lookup, &options.source, options.qualifier, &mut decisions)?;
    let Prepared { view, source, changed, repaired } = prepared;
    let names = options.records.names(domain)?;
    let standing = options.publication.standing(lookup, &names)?;
    let layout = options.records.layout(names, &source, &standing);
    let sequence = sequence(&source.lowered.map, source.end, &mut decisions)
        .map_err(|_| CompileError::Inexpressible)?;
    let (records, notes) = write(options.cover, &source, &sequence, &layout, &decisions)?;
    let output = published(lookup, &records);
    let advice = "each name without records of the client's family counts; leave out such terms";
    let lookups = output_lookups(&output, domain, records.len() - 1, advice)?;
    let plan = options.publication.plan(lookup, &standing, &layout, &records)?;
    let proof = proof(&options.source, &*view, &output, &source, &Known::new(), &[])?;
    let compiled =
        Compiled { source, records, plan, lookups, changed, repaired, notes, proof, decisions };
    Ok(Flattened {
        compiled,
        ip4_ranges: sequence.groups.iter().map(|group| group.set.ip4.ranges().len()).sum(),
        ip6_ranges: sequence.groups.iter().map(|group| group.set.ip6.ranges().len()).sum(),
    })
}

/// Chooses the terms and writes the records.
fn write(
    choice: CoverChoice,
    source: &SourcePolicy,
    sequence: &Sequence,
    layout: &FlatLayout,
    decisions: &Decisions,
) -> Result<(Vec<OutputRecord>, Vec<String>), Halt> {
    let cover = match choice {
        CoverChoice::Disjoint => disjoint(sequence),
        CoverChoice::Ordered => ordered(sequence, DefaultResult::Fewest, chunk_octets(layout)),
    };
    let exclusions = cover.exclusions();
    let Staying { dynamic, end, may_move, mut notes } =
        staying(source, sequence, cover.end, decisions);
    let packing = Packing { positions: cover.positions, dynamic, end };
    let records = flat(&packing, layout, may_move).map_err(CompileError::from)?;
    refuse_own_output(&source.graph, &layout.names, &records)?;
    notes.extend(size_notes(&records, layout));
    if exclusions > 0 {
        notes.push(format!(
            "{exclusions} of the terms are exclusions, which have to stand before the wider range that they are \
             taken from: rspamd 3.4 puts terms in another order and passes what they exclude; \
             --cover disjoint needs no order"
        ));
    }
    Ok((records, notes))
}

/// Octets that the terms of a chunk may have, with the blanks before them.
fn chunk_octets(layout: &FlatLayout) -> usize {
    let room = layout.chunk(99).room(layout.most());
    // `v=spf1`, ` -all`, and an octet of length for each string.
    room.saturating_sub(11 + room.div_ceil(STRING_OCTETS) + 1)
}
