//! What all compile targets have in common behind the choice of terms: the
//! texts of the terms that stay, the layout of records, limits and proof.

use crate::dns::{Lookup, Published, Txt};
use crate::limits::{Ceilings, LOOKUP_TERMS, MX_NAMES, VOID_LOOKUPS};
use crate::name::DomainName;
use crate::optimize::Sequence;
use crate::outcome::Qualifier;
use crate::policy::{Decisions, End, Graph, LookupCount, WalkOptions, count_lookups, walk};
use crate::proof::{Claim, Generated, Proof, Subject, Unproven, prove};
use crate::target::{ChunkNames, ChunkSet, FlatError, FlatLayout, OutputRecord};

use super::explanation::{Explanation, explanation};
use super::publication::Standing;
use super::{ChunkChoice, CompileError, Halt, SourceOptions, SourcePolicy, Spent};

/// The least and the most seconds that records may be cached unless asked.
pub(super) const TTL_BOUNDS: (u32, u32) = (300, 3_600);

/// How records are laid out.
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// Octets of the largest DNS message.
    pub max_message: usize,
    /// What the labels of chunks begin with.
    pub prefix: String,
    /// Which set of chunk names is written.
    pub chunk_set: ChunkChoice,
    /// Seconds that the records may be cached; the shortest TTL of the
    /// source's answers, within bounds, when not given.
    pub ttl: Option<u32>,
    /// Octets of data of the domain's other TXT records, counted as one record;
    /// what DNS holds when not given.
    pub other_txt: Option<usize>,
    /// Terms that cause lookups, on the worst path, at most.
    pub max_lookups: u32,
}

impl Default for RecordOptions {
    /// Messages of 512 octets (RFC 7208 section 3.4), chunks named `_spf1a`, ten
    /// lookups (section 4.6.4).
    fn default() -> Self {
        RecordOptions {
            max_message: 512,
            prefix: String::from("_spf"),
            chunk_set: ChunkChoice::Auto,
            ttl: None,
            other_txt: None,
            max_lookups: LOOKUP_TERMS,
        }
    }
}

impl RecordOptions {
    /// How chunks are named.
    ///
    /// # Errors
    ///
    /// A prefix and a domain that leave no room for a label.
    pub(super) fn names(&self, domain: &DomainName) -> Result<ChunkNames, CompileError> {
        let domain = domain.to_lowercase();
        let names = ChunkNames { domain, prefix: self.prefix.clone() };
        // A number of chunks far above what lookups allow has to have room too.
        names.chunk(99_999, ChunkSet::A).map_err(FlatError::from)?;
        Ok(names)
    }

    pub(super) fn layout(
        &self,
        names: ChunkNames,
        source: &SourcePolicy,
        standing: &Standing,
    ) -> FlatLayout {
        let shortest = source.graph.ttl.unwrap_or(TTL_BOUNDS.1).clamp(TTL_BOUNDS.0, TTL_BOUNDS.1);
        let measured = || standing.domain.others.iter().map(Txt::rdata_octets).collect();
        FlatLayout {
            names,
            set: match self.chunk_set {
                ChunkChoice::Auto => None,
                ChunkChoice::Set(set) => Some(set),
            },
            most: self.max_message,
            others: self.other_txt.map_or_else(measured, |octets| {
                if octets == 0 { Vec::new() } else { vec![octets] }
            }),
            redirect_others: standing.redirect.others.iter().map(Txt::rdata_octets).collect(),
            ttl: self.ttl.unwrap_or(shortest),
            published: standing.published(),
        }
    }
}

/// The texts of the terms that no target changes.
pub(super) struct Staying {
    /// The dynamic terms, with their qualifiers.
    pub(super) dynamic: Vec<String>,
    /// What stands behind all directives.
    pub(super) end: Vec<String>,
    /// Whether the record may move to another name.
    pub(super) may_move: bool,
    /// What the output cannot carry over.
    pub(super) notes: Vec<String>,
}

pub(super) fn staying(
    source: &SourcePolicy,
    sequence: &Sequence,
    end: End,
    decisions: &Decisions,
) -> Staying {
    let fails = |outcome: Qualifier| outcome == Qualifier::Fail;
    let can_fail = [source.end, end].contains(&End::Outcome(Qualifier::Fail))
        || sequence.groups.iter().any(|group| fails(group.outcome))
        || sequence.dynamic.iter().any(|(_, outcome)| fails(*outcome));
    let Explanation { term, notes } = explanation(&source.graph, can_fail);
    let end_is_bound = match source.end {
        End::Redirect(term) => decisions.dynamic(term).bound_to.is_some(),
        _ => false,
    };
    let text = |(term, outcome): &(_, Qualifier)| {
        format!("{}{}", outcome.prefix(), decisions.dynamic(*term).text)
    };
    Staying {
        dynamic: sequence.dynamic.iter().map(text).collect(),
        end: std::iter::once(end_text(end, decisions)).chain(term).collect(),
        may_move: !end_is_bound
            && !sequence
                .dynamic
                .iter()
                .any(|(term, _)| decisions.dynamic(*term).bound_to.is_some()),
        notes,
    }
}

fn end_text(end: End, decisions: &Decisions) -> String {
    match end {
        End::Redirect(term) => decisions.dynamic(term).text.clone(),
        End::Outcome(outcome) => format!("{}all", outcome.prefix()),
        // Neither ends a policy: the default result is neutral.
        End::Undecided | End::Error(_) => format!("{}all", Qualifier::Neutral.prefix()),
    }
}

/// What is to be known about the sizes of records: which are over what was
/// asked for, and a domain that only redirects.
pub(super) fn size_notes(records: &[OutputRecord], layout: &FlatLayout) -> Vec<String> {
    let others: usize = layout.others.iter().sum();
    let moved = records.len() > 1 && records[0].text.starts_with("v=spf1 redirect=");
    let mut notes = Vec::new();
    if moved {
        let domain = &records[0].name;
        notes.push(format!(
            "the other TXT records of {domain} have {others} octets: its record only redirects to {}",
            records[1].name
        ));
        if records[1].text.contains(" exp=") {
            notes.push(format!("in its explanation %{{d}} stands for {} then", records[1].name));
        }
    }
    for record in records.iter().filter(|record| record.message_octets > layout.most) {
        let (name, octets, most) = (&record.name, record.message_octets, layout.most);
        let why = match record.name == layout.names.domain && others > 0 {
            true => format!("{others} of them are other TXT records"),
            false => String::from("the terms that stay are as long as that"),
        };
        notes.push(format!(
            "the answer for {name} has {octets} octets, over the {most} asked for: {why}"
        ));
    }
    notes
}

/// DNS with the records published.
pub(super) fn published<L: Lookup>(lookup: L, records: &[OutputRecord]) -> Published<L> {
    let text =
        |record: &OutputRecord| (record.name.clone(), record.strings().concat().into_bytes());
    Published::new(lookup, records.iter().map(text))
}

/// Counts the lookups of the output, kept parts included. `zone` is where the
/// terms of a macro record lead.
///
/// # Errors
///
/// More than `max_lookups`, or than receivers do.
pub(super) fn output_lookups(
    output: &dyn Lookup,
    domain: &DomainName,
    records: &[OutputRecord],
    max_lookups: u32,
    zone: Option<&DomainName>,
) -> Result<LookupCount, Halt> {
    // The ceilings were for what others publish; these records are our own.
    let ceilings = Ceilings { questions: usize::MAX, prefixes: usize::MAX, ..Ceilings::DEFAULT };
    let graph = walk(output, domain, &WalkOptions { ceilings, ..WalkOptions::default() })?;
    let count = count_lookups(&graph).get(&Graph::ROOT).copied().unwrap_or_default();
    let spent = || Spent::new(&graph, records, zone);
    let limit = max_lookups.min(LOOKUP_TERMS);
    if count.terms > limit {
        let (terms, spent) = (count.terms, spent());
        return Err(CompileError::TooManyLookups { terms, limit, spent }.into());
    }
    if count.mx_names > MX_NAMES {
        let (names, limit) = (count.mx_names, MX_NAMES);
        return Err(CompileError::TooManyMxNames { names, limit }.into());
    }
    if count.void() > VOID_LOOKUPS {
        let (void, limit, spent) = (count.void(), VOID_LOOKUPS, spent());
        return Err(CompileError::TooManyVoidLookups { void, limit, spent }.into());
    }
    Ok(count)
}

/// Proves that the output means what the source means.
pub(super) fn proof(
    options: &SourceOptions,
    source: &dyn Lookup,
    output: &dyn Lookup,
    policy: &SourcePolicy,
    generated: &Generated,
) -> Result<Proof, Halt> {
    let (domain, nothing) = (&options.domain, Generated::default());
    let claim = Claim {
        source: Subject { domain, lookup: source, generated: &nothing },
        output: Subject { domain, lookup: output, generated },
        keep: &policy.keep,
        ceilings: options.ceilings,
        within_limits: true,
    };
    prove(&claim).map_err(|unproven| match unproven {
        Unproven::Need(questions) => Halt::Need(questions),
        Unproven::Refuted(refutation) => CompileError::Unproven(*refutation).into(),
    })
}
