//! What already stands at the names that a run would write.

use std::collections::HashSet;
use std::sync::Arc;

use crate::dns::{Answer, Lookup, Question, RecordType, Txt};
use crate::name::{DomainName, NameError};
use crate::policy::{Fault, PolicyError, WalkOptions, walk};
use crate::syntax::{DomainTarget, Mechanism, TermKind, is_spf_record, parse_record};
use crate::target::{
    ChunkNames, ChunkSet, FlatError, OutputRecord, PublishedChunk, PublishedRecords,
};

use super::{CompileError, Halt};

/// Which of the two sets of chunk names is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkChoice {
    /// For each chunk the one that the published record does not use.
    Auto,
    /// This one.
    Set(ChunkSet),
}

/// How the names to be written are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// What they hold is asked; without it, they are taken to be free.
    pub check: bool,
    /// What they hold may be replaced.
    pub overwrite: bool,
}

impl Publication {
    /// Nothing is asked: where the records are to stand is for who publishes them to look at.
    pub const UNCHECKED: Publication = Publication { check: false, overwrite: false };
}

impl Default for Publication {
    /// What they hold is asked, and nothing of it may be replaced.
    fn default() -> Self {
        Publication { check: true, overwrite: false }
    }
}

/// The TXT records of one name.
#[derive(Clone, Debug)]
pub(super) struct NameTexts {
    /// The name.
    pub(super) name: DomainName,
    /// Those that are SPF records.
    pub(super) spf: Vec<Txt>,
    /// The others.
    pub(super) others: Vec<Txt>,
    /// Seconds that they may be cached.
    pub(super) ttl: Option<u32>,
}

/// What DNS holds where the policy is published.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// The domain.
    pub(super) domain: NameTexts,
    /// The name below the domain that its record redirects to.
    pub(super) moved: Option<NameTexts>,
    /// The chunks that the published policy reaches.
    pub(super) chunks: Vec<(usize, ChunkSet, NameTexts)>,
    /// The name that a full domain would redirect to.
    pub(super) redirect: NameTexts,
    /// What a name below the domain holds that nobody ever wrote: the records of
    /// a wildcard, which stand at no name of their own.
    wildcard: NameTexts,
}

impl NameTexts {
    /// The SPF record, where there is one.
    pub(super) fn record(&self) -> Option<String> {
        self.spf.first().map(|text| String::from_utf8_lossy(&text.joined()).into_owned())
    }
}

impl Standing {
    /// What really stands at a name below the domain.
    pub(super) fn written(&self, texts: NameTexts) -> NameTexts {
        let NameTexts { spf, others, .. } = &self.wildcard;
        let synthesised = texts.spf == *spf && texts.others == *others;
        match synthesised && !(spf.is_empty() && others.is_empty()) {
            true => NameTexts { spf: Vec::new(), others: Vec::new(), ttl: None, ..texts },
            false => texts,
        }
    }

    /// The records of the policy as they are published.
    pub(super) fn published(&self) -> PublishedRecords {
        let own = self.moved.as_ref().unwrap_or(&self.domain).record().unwrap_or_default();
        let chunk = |(number, set, texts): &(usize, ChunkSet, NameTexts)| PublishedChunk {
            number: *number,
            set: *set,
            text: texts.record().unwrap_or_default(),
        };
        PublishedRecords::new(&own, self.chunks.iter().map(chunk).collect())
    }
}

impl Publication {
    /// The TXT records of a name.
    ///
    /// # Errors
    ///
    /// A question to ask first; a name whose servers fail.
    pub(super) fn texts(&self, lookup: &dyn Lookup, name: &DomainName) -> Result<NameTexts, Halt> {
        let none = NameTexts { name: name.clone(), spf: Vec::new(), others: Vec::new(), ttl: None };
        let Some(answer) = self.answer(lookup, name)? else { return Ok(none) };
        refuse_failure(name, &answer)?;
        let is_spf = |text: &&Txt| is_spf_record(&text.joined());
        // Servers answer in an order of their own each time.
        let mut texts: Vec<&Txt> = answer.texts().iter().collect();
        texts.sort_by(|a, b| a.joined().cmp(&b.joined()));
        let (spf, others) = texts.into_iter().partition::<Vec<&Txt>, _>(is_spf);
        let owned = |texts: Vec<&Txt>| texts.into_iter().cloned().collect();
        Ok(NameTexts { spf: owned(spf), others: owned(others), ttl: answer.ttl, ..none })
    }

    fn answer(&self, lookup: &dyn Lookup, name: &DomainName) -> Result<Option<Arc<Answer>>, Halt> {
        match lookup.lookup(&Question::new(name.clone(), RecordType::Txt)) {
            Ok(answer) => Ok(Some(answer)),
            Err(missing) if self.check => Err(vec![missing].into()),
            Err(_) => Ok(None),
        }
    }

    /// Refuses a name that is an alias.
    ///
    /// # Errors
    ///
    /// A question to ask first; an alias.
    pub(super) fn no_alias(&self, lookup: &dyn Lookup, name: &DomainName) -> Result<(), Halt> {
        let Some(answer) = self.answer(lookup, name)? else { return Ok(()) };
        match answer.aliases.last() {
            Some(target) => {
                Err(CompileError::Alias { name: name.clone(), target: target.clone() }.into())
            }
            None => Ok(()),
        }
    }

    /// What stands at the domain, and at the chunks that its record includes.
    ///
    /// # Errors
    ///
    /// Questions to ask first; a domain that is an alias; servers that fail.
    pub(super) fn standing(
        &self,
        lookup: &dyn Lookup,
        names: &ChunkNames,
    ) -> Result<Standing, Halt> {
        self.no_alias(lookup, &names.domain)?;
        let domain = self.texts(lookup, &names.domain)?;
        let target = domain.spf.first().and_then(|record| moved(&record.joined(), &names.domain));
        let moved = target.map(|name| self.texts(lookup, &name)).transpose()?;
        let chunks = all(self
            .in_use(lookup, names)?
            .into_iter()
            .map(|(number, set, name)| Ok((number, set, self.texts(lookup, &name)?))))?;
        let name = |name: Result<DomainName, NameError>| {
            name.map_err(|error| CompileError::from(FlatError::from(error)))
        };
        let redirect = self.texts(lookup, &name(names.redirect())?)?;
        let wildcard = self.texts(lookup, &name(names.unwritten())?)?;
        Ok(Standing { domain, moved, chunks, redirect, wildcard })
    }

    /// The chunks that the published policy reaches, however deep.
    fn in_use(
        &self,
        lookup: &dyn Lookup,
        names: &ChunkNames,
    ) -> Result<Vec<(usize, ChunkSet, DomainName)>, Halt> {
        let graph = match walk(lookup, &names.domain, &WalkOptions::default()) {
            Ok(graph) => graph,
            Err(questions) if self.check => return Err(questions.into()),
            Err(_) => return Ok(Vec::new()),
        };
        let chunk =
            |name: &DomainName| names.place(name).map(|(number, set)| (number, set, name.clone()));
        let mut chunks: Vec<_> =
            graph.nodes.iter().skip(1).filter_map(|node| chunk(&node.domain)).collect();
        chunks.sort_by_key(|(number, set, _)| (*number, set.letter()));
        chunks.dedup_by_key(|(number, set, _)| (*number, *set));
        Ok(chunks)
    }
}

/// All results, or every question that is missing.
///
/// # Errors
///
/// The questions; or the first other reason.
pub(super) fn all<T>(results: impl IntoIterator<Item = Result<T, Halt>>) -> Result<Vec<T>, Halt> {
    let mut values = Vec::new();
    let mut needed = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(Halt::Need(questions)) => needed.extend(questions),
            Err(refusal) => return Err(refusal),
        }
    }
    if needed.is_empty() { Ok(values) } else { Err(Halt::Need(needed)) }
}

/// A name whose servers fail is not a free one.
fn refuse_failure(name: &DomainName, answer: &Answer) -> Result<(), CompileError> {
    let Some(failure) = answer.failure() else { return Ok(()) };
    let question = Question::new(name.clone(), RecordType::Txt);
    let fault = Fault::Dns { question, failure };
    Err(CompileError::Policy(vec![PolicyError { domain: name.clone(), term: None, fault }]))
}

/// Whether a text is what a run of this program may have left at a chunk's
/// name: the record that is to be written, or one of addresses and `-all`.
pub(super) fn is_chunk(text: &[u8], written: &str) -> bool {
    let parse = parse_record(text);
    let of_chunks = |kind: &TermKind| match kind {
        TermKind::Directive(directive) => {
            matches!(directive.mechanism, Mechanism::Ip4(_) | Mechanism::Ip6(_) | Mechanism::All)
        }
        TermKind::Modifier(_) => false,
    };
    text == written.as_bytes()
        || parse.errors.is_empty() && parse.record.terms().iter().all(|term| of_chunks(&term.kind))
}

/// Whether a text is a record that includes chunks.
pub(super) fn includes_chunks(text: &[u8], names: &ChunkNames) -> bool {
    let record = parse_record(text).record;
    record.directives().any(|(_, directive)| match &directive.mechanism {
        Mechanism::Include(spec) => matches!(
            record.domain_target(spec, &names.domain),
            DomainTarget::Static(name) if names.is_own(&name)
        ),
        _ => false,
    })
}

/// The name below the domain that its record redirects to.
fn moved(record: &[u8], domain: &DomainName) -> Option<DomainName> {
    let record = parse_record(record).record;
    let (_, spec) = record.redirect()?;
    match record.domain_target(spec, domain) {
        DomainTarget::Static(name) if name.is_at_or_below(domain) && name != *domain => Some(name),
        _ => None,
    }
}

/// Refuses a source that reaches a name which a run would write, or a chunk of
/// either set, kept parts included: the output of an earlier run, which no
/// change of a provider ever reaches.
pub(super) fn refuse_own_output(
    reached: &HashSet<DomainName>,
    names: &ChunkNames,
    records: &[OutputRecord],
) -> Result<(), CompileError> {
    let written = |name: &DomainName| records.iter().skip(1).any(|record| record.name == *name);
    let own = |name: &&DomainName| names.is_own(name) || written(name);
    // Names have an order of their own, a set has none.
    match reached.iter().filter(own).min_by_key(|name| name.to_string()) {
        Some(name) => {
            Err(CompileError::AlreadyOutput { domain: names.domain.clone(), name: name.clone() })
        }
        None => Ok(()),
    }
}
