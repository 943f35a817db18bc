//! Compiling to flat records: `ip4:` and `ip6:` terms in the policy's own
//! record and in chunks that it includes.

use crate::dns::Lookup;
use crate::optimize::{Packing, Sequence, cover, sequence};
use crate::outcome::Qualifier;
use crate::policy::Decisions;
use crate::target::{OutputRecord, flat};

use super::output::{Generated, Staying, output_lookups, proof, published, size_notes, staying};
use super::prepare::{Prepared, prepare};
use super::publication::{Apex, refuse_own_output};
use super::{
    CompileError, Compiled, Halt, Publication, RecordOptions, SourceOptions, SourcePolicy,
};

/// How a policy is flattened.
#[derive(Clone, Debug)]
pub struct FlattenOptions {
    /// How the source is read.
    pub source: SourceOptions,
    /// How the records are laid out.
    pub records: RecordOptions,
    /// Another final `all`.
    pub qualifier: Option<Qualifier>,
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
    let apex = options.publication.apex(lookup, domain)?;
    let sequence = sequence(&source.lowered.map, source.end, &mut decisions)
        .map_err(|_| CompileError::Inexpressible)?;
    let (records, notes) = write(options, &source, &sequence, &apex, &decisions)?;
    let output = published(lookup, &records);
    let advice = "each name without records of the client's family counts; leave out such terms";
    let lookups = output_lookups(&output, domain, records.len() - 1, advice)?;
    options.publication.names_are_free(lookup, domain, &apex, &records)?;
    let proof = proof(&options.source, &*view, &output, &source, &Generated::default())?;
    let compiled =
        Compiled { source, records, lookups, changed, repaired, notes, proof, decisions };
    Ok(Flattened {
        compiled,
        ip4_ranges: sequence.groups.iter().map(|group| group.set.ip4.ranges().len()).sum(),
        ip6_ranges: sequence.groups.iter().map(|group| group.set.ip6.ranges().len()).sum(),
    })
}

/// Chooses the terms and writes the records.
fn write(
    options: &FlattenOptions,
    source: &SourcePolicy,
    sequence: &Sequence,
    apex: &Apex,
    decisions: &Decisions,
) -> Result<(Vec<OutputRecord>, Vec<String>), Halt> {
    let Staying { dynamic, end, may_move, mut notes } = staying(source, sequence, decisions);
    let packing = Packing { groups: cover(&sequence.groups), dynamic, end };
    let layout = options.records.layout(&options.source.domain, source, apex)?;
    let records = flat(&packing, &layout, may_move).map_err(CompileError::from)?;
    refuse_own_output(&source.graph, &layout.names, &records)?;
    notes.extend(size_notes(&records, &layout));
    Ok((records, notes))
}
