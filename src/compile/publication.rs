//! What already stands at the names that a run would write.

use crate::dns::{Answer, Lookup, Question, RecordType};
use crate::name::DomainName;
use crate::policy::{Fault, Graph, PolicyError};
use crate::syntax::{DomainTarget, Mechanism, TermKind, is_spf_record, parse_record};
use crate::target::{ChunkNames, ChunkSet, OutputRecord};

use super::{CompileError, Halt};

/// Which of the two sets of chunk names is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkChoice {
    /// The one that the published record does not use.
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

/// What DNS holds at the domain that the policy is published at.
#[derive(Clone, Debug, Default)]
pub(super) struct Apex {
    /// Octets of data of each TXT record that is no SPF record.
    pub(super) others: Vec<usize>,
    /// The published SPF record, where there is one; where it redirects to a
    /// name below the domain, the record there.
    pub(super) published: Option<Vec<u8>>,
    /// The name below the domain that the published record redirects to.
    pub(super) moved: Option<DomainName>,
}

impl Publication {
    fn texts(
        &self,
        lookup: &dyn Lookup,
        name: &DomainName,
    ) -> Result<Option<std::sync::Arc<Answer>>, Halt> {
        match lookup.lookup(&Question::new(name.clone(), RecordType::Txt)) {
            Ok(answer) => Ok(Some(answer)),
            Err(missing) if self.check => Err(vec![missing].into()),
            Err(_) => Ok(None),
        }
    }

    /// What stands at the domain.
    ///
    /// # Errors
    ///
    /// Questions to ask first; a domain that is an alias.
    pub(super) fn apex(&self, lookup: &dyn Lookup, domain: &DomainName) -> Result<Apex, Halt> {
        let Some(answer) = self.texts(lookup, domain)? else { return Ok(Apex::default()) };
        refuse_failure(domain, &answer)?;
        refuse_alias(domain, &answer)?;
        let mut apex = Apex::default();
        for text in answer.texts() {
            let joined = text.joined();
            match is_spf_record(&joined) {
                true => apex.published = Some(joined.into_owned()),
                false => apex.others.push(text.rdata_octets()),
            }
        }
        apex.moved = apex.published.as_deref().and_then(|record| moved(record, domain));
        if let Some(name) = &apex.moved
            && let Some(answer) = self.texts(lookup, name)?
        {
            refuse_failure(name, &answer)?;
            let texts = answer.texts().iter().map(|text| text.joined().into_owned());
            apex.published = texts.into_iter().find(|text| is_spf_record(text));
        }
        Ok(apex)
    }

    /// Refuses records whose names hold something else than chunks.
    ///
    /// # Errors
    ///
    /// Questions to ask first; a name that is taken or an alias.
    pub(super) fn names_are_free(
        &self,
        lookup: &dyn Lookup,
        domain: &DomainName,
        apex: &Apex,
        records: &[OutputRecord],
    ) -> Result<(), Halt> {
        let mut needed = Vec::new();
        // What the domain redirects to below itself is its own record.
        let own = |name: &DomainName| name == domain || apex.moved.as_ref() == Some(name);
        for record in records.iter().filter(|record| !own(&record.name)) {
            let answer = match self.texts(lookup, &record.name) {
                Ok(Some(answer)) => answer,
                Ok(None) => continue,
                Err(Halt::Need(questions)) => {
                    needed.extend(questions);
                    continue;
                }
                Err(refusal) => return Err(refusal),
            };
            refuse_failure(&record.name, &answer)?;
            refuse_alias(&record.name, &answer)?;
            let own = answer.texts().iter().all(|text| is_chunk(&text.joined(), &record.text));
            if !own && !self.overwrite {
                return Err(CompileError::NameTaken { name: record.name.clone() }.into());
            }
        }
        if needed.is_empty() { Ok(()) } else { Err(Halt::Need(needed)) }
    }
}

/// A name whose servers fail is not a free one.
fn refuse_failure(name: &DomainName, answer: &Answer) -> Result<(), CompileError> {
    let Some(failure) = answer.failure() else { return Ok(()) };
    let question = Question::new(name.clone(), RecordType::Txt);
    let fault = Fault::Dns { question, failure };
    Err(CompileError::Policy(vec![PolicyError { domain: name.clone(), term: None, fault }]))
}

fn refuse_alias(name: &DomainName, answer: &Answer) -> Result<(), CompileError> {
    match answer.aliases.last() {
        Some(target) => Err(CompileError::Alias { name: name.clone(), target: target.clone() }),
        None => Ok(()),
    }
}

/// Whether a text is what a run of this program may have left at a chunk's
/// name: the record that is to be written, or one of addresses and `-all`.
fn is_chunk(text: &[u8], written: &str) -> bool {
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

/// The set of chunk names to write.
pub(super) fn choose_set(choice: ChunkChoice, names: &ChunkNames, apex: &Apex) -> ChunkSet {
    match choice {
        ChunkChoice::Set(set) => set,
        ChunkChoice::Auto => match included(apex, names).any(|name| is_of_set_a(&name)) {
            true => ChunkSet::B,
            false => ChunkSet::A,
        },
    }
}

/// The chunks that the published record includes, in lower case.
fn included(apex: &Apex, names: &ChunkNames) -> impl Iterator<Item = String> {
    let record = parse_record(apex.published.as_deref().unwrap_or_default()).record;
    let target = |mechanism: &Mechanism| match mechanism {
        Mechanism::Include(spec) => match record.domain_target(spec, &names.domain) {
            DomainTarget::Static(name) => Some(name),
            _ => None,
        },
        _ => None,
    };
    let targets = record.directives().filter_map(|(_, directive)| target(&directive.mechanism));
    let own: Vec<DomainName> = targets.filter(|name| names.is_own(name)).collect();
    own.into_iter().map(|name| name.to_lowercase().to_string())
}

fn is_of_set_a(name: &str) -> bool {
    name.split('.').next().is_some_and(|label| label.ends_with(ChunkSet::A.letter()))
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
/// either set: the output of an earlier run, which no change of a provider
/// ever reaches.
pub(super) fn refuse_own_output(
    graph: &Graph,
    names: &ChunkNames,
    records: &[OutputRecord],
) -> Result<(), CompileError> {
    let written = |name: &DomainName| records.iter().skip(1).any(|record| record.name == *name);
    let own = |name: &DomainName| names.is_own(name) || written(name);
    match graph.nodes.iter().skip(1).find(|node| own(&node.domain)) {
        Some(node) => Err(CompileError::AlreadyOutput {
            domain: names.domain.clone(),
            name: node.domain.clone(),
        }),
        None => Ok(()),
    }
}
