//! What already stands at the names that a run would write.

use crate::dns::{Answer, Lookup, Question, RecordType};
use crate::name::DomainName;
use crate::policy::{Fault, Graph, PolicyError};
use crate::syntax::{Mechanism, TermKind, is_spf_record, parse_record};
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
    /// The published SPF record, where there is one.
    pub(super) published: Option<Vec<u8>>,
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
        records: &[OutputRecord],
    ) -> Result<(), Halt> {
        let mut needed = Vec::new();
        for record in records.iter().filter(|record| record.name != *domain) {
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
        ChunkChoice::Auto => {
            let a = ChunkNames { set: ChunkSet::A, ..names.clone() };
            let first = a.chunk(1).map(|name| name.to_lowercase().to_string()).unwrap_or_default();
            let published = apex.published.as_deref().unwrap_or_default().to_ascii_lowercase();
            let used = !first.is_empty()
                && String::from_utf8_lossy(&published)
                    .split(' ')
                    .any(|term| term.ends_with(&format!("include:{first}")));
            if used { ChunkSet::B } else { ChunkSet::A }
        }
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
