//! Facts about a policy, gathered before any rule runs: the only place of
//! linting that asks DNS.
//!
//! Rules are pure functions over these facts. Where an answer is missing,
//! gathering says which questions have to be asked first.

mod beside;
mod drifted;
mod gather;

use std::collections::HashSet;
use std::sync::Arc;

use crate::dns::{Failure, Question, Txt};
use crate::name::DomainName;
use crate::policy::{FoundRecord, Graph, GraphTerm, LookupCount, NodeId};
use crate::syntax::Record;

use super::course::{Course, Visit};
use super::dmarc::Dmarc;
use super::finding::Place;
use super::options::{LintOptions, Sending, Subject};
use super::origin::{FilePlace, FileRecord};

pub(super) use beside::{BareSubdomain, OnRequest, OwnExchange};
pub(super) use drifted::Drifted;
pub(super) use gather::gather;

/// A TXT record.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Its octets, character-strings joined.
    pub(super) octets: Arc<[u8]>,
    /// The record with its character-strings.
    #[expect(dead_code, reason = "rules on character-strings read it")]
    pub(super) txt: Txt,
}

/// What is known about a subject.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) subject: &'a Subject,
    pub(super) options: &'a LintOptions,
    /// The domain that the policy is read for.
    pub(super) domain: DomainName,
    /// All TXT records at the domain, of any kind, each with its octets joined.
    pub(super) texts: Vec<Text>,
    /// The records that the policy reaches.
    pub(super) graph: Graph,
    /// Their octets, in the order of the graph.
    records: Vec<Option<Arc<[u8]>>>,
    /// How clients go through it.
    pub(super) course: Course,
    /// The lookups that the policy costs.
    pub(super) lookups: LookupCount,
    /// The domain's DMARC record; known only where it matters.
    pub(super) dmarc: Dmarc,
    /// Whether the domain has MX records; known only where it matters.
    pub(super) receives_mail: Option<bool>,
    /// What is looked at only where the user asked for it.
    pub(super) on_request: OnRequest,
    /// Questions beside the policy's own that DNS failed to answer.
    pub(super) failures: Vec<(Question, Failure)>,
}

impl Facts<'_> {
    /// A term of the graph with the record that it stands in.
    pub(super) fn term(&self, node: NodeId, term: usize) -> Option<(&FoundRecord, &GraphTerm)> {
        let found = self.graph.node(node).record()?;
        Some((found, found.terms.get(term)?))
    }

    /// The policy's own record, where it is sound.
    pub(super) fn record(&self) -> Option<&Record> {
        self.graph.root().record().map(|found| found.record.as_ref())
    }

    /// A domain as it is shown: not at all where it only stands for none.
    pub(super) fn shown(&self, domain: &DomainName) -> Option<DomainName> {
        let placeholder = self.subject.domain.is_none() && *domain == self.domain;
        (!placeholder).then(|| domain.clone())
    }

    /// The domain of the target, in words.
    pub(super) fn target_name(&self) -> String {
        self.shown(&self.domain).map_or_else(|| "the policy".to_owned(), |name| name.to_string())
    }

    /// The place of a term of the graph.
    pub(super) fn term_place(&self, node: NodeId, term: usize) -> Place {
        let mut place = self.record_place(node);
        place.span = self.term(node, term).map(|(_, term)| term.term.span);
        place
    }

    /// A whole record of the graph.
    pub(super) fn record_place(&self, node: NodeId) -> Place {
        let domain = self.shown(&self.graph.node(node).domain);
        let record = self.records.get(node.0 as usize).cloned().flatten();
        Place { domain, record, ..Place::default() }
    }

    /// The domain without a record.
    pub(super) fn domain_place(&self) -> Place {
        Place { domain: self.shown(&self.domain), ..Place::default() }
    }

    /// Where a place stands in the file that the subject was read from: the
    /// octets that are meant, or what the file has for the domain.
    pub(super) fn file_place(&self, place: &Place) -> Option<FilePlace> {
        let file = self.subject.file.as_deref()?;
        let owner = place.domain.as_ref();
        match &place.record {
            Some(record) => Some(file.place(file.record(owner, record)?, place.span)),
            None => {
                let of_owner = |record: &&FileRecord| record.owner.as_ref() == owner;
                Some(file.place(file.records().iter().find(of_owner)?, None))
            }
        }
    }

    /// The terms that some client reaches, each once, in their order.
    pub(super) fn reached(&self) -> impl Iterator<Item = (Visit, &FoundRecord, &GraphTerm)> {
        let mut seen = HashSet::new();
        self.course.visits.iter().filter_map(move |visit| {
            let (found, term) = self.term(visit.node, visit.term)?;
            seen.insert((visit.node, visit.term)).then_some((*visit, found, term))
        })
    }

    /// Whether the domain sends mail, as far as anyone can say.
    pub(super) fn sends(&self) -> bool {
        match self.options.sending {
            Sending::Yes => true,
            Sending::No => false,
            Sending::Auto => self.course.dynamic || !self.course.passes.is_empty(),
        }
    }
}
