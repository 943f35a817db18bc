//! Facts about a policy, gathered before any rule runs: the only place of
//! linting that asks DNS.
//!
//! Rules are pure functions over these facts. Where an answer is missing,
//! gathering says which questions have to be asked first.

mod beside;
mod drifted;
mod gather;
mod surroundings;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::dns::{Failure, Question, Txt};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, GraphTerm, LookupCount, Meaning, NodeId, term_lookups};
use crate::syntax::Record;

use super::course::{Course, Visit};
use super::dmarc::Dmarc;
use super::effects::Effects;
use super::finding::Place;
use super::options::{LintOptions, Sending, Subject};
use super::origin::{FilePlace, FileRecord};
use super::rules::Mistake;

pub(super) use beside::{BareSubdomain, OnRequest, OwnExchange};
pub(super) use drifted::Drifted;
pub(super) use gather::gather;
use surroundings::Surroundings;

/// A TXT record.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Its octets, character-strings joined.
    pub(super) octets: Arc<[u8]>,
    /// The record with its character-strings.
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
    /// The lookups that each record costs, with all that it includes.
    pub(super) costs: HashMap<NodeId, LookupCount>,
    /// What the terms of the policy's own record do; `None` where that is too
    /// much to find out.
    pub(super) effects: Option<Effects>,
    /// The domain's DMARC record; known only where it matters.
    pub(super) dmarc: Dmarc,
    /// Whether the domain has MX records; known only where it matters.
    pub(super) receives_mail: Option<bool>,
    /// What stands around the policy by mistake.
    pub(super) surroundings: Surroundings,
    /// What is looked at only where the user asked for it.
    pub(super) on_request: OnRequest,
    /// Questions beside the policy's own that DNS failed to answer.
    pub(super) failures: Vec<(Question, Failure)>,
    /// The mistakes in the grammar of its own record, once a rule has asked.
    pub(super) mistakes: OnceCell<Vec<Mistake>>,
}

/// Whether a name is one that flat records are published at besides the domain:
/// `_`, a prefix, a number and the letter of the set.
fn is_chunk(name: &DomainName, domain: &DomainName) -> bool {
    let Some(label) = name.labels().next() else { return false };
    let Some((b'a' | b'b' | b'A' | b'B', rest)) = label.split_last() else { return false };
    label.first() == Some(&b'_')
        && rest.last().is_some_and(u8::is_ascii_digit)
        && name.parent().is_some_and(|parent| parent == *domain)
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
        let (owner, octets) = (place.domain.as_ref(), place.record.as_deref());
        let meant = |record: &&FileRecord| {
            record.owner.as_ref() == owner && octets.is_none_or(|octets| *record.octets == *octets)
        };
        match self.subject.file_record().filter(meant) {
            Some(record) => Some(file.place(record, place.span)),
            None => file.find(owner, octets, place.span),
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

    /// The records that are the domain's own: the policy's, and those that it
    /// redirects to above or below the domain.
    pub(super) fn own_records(&self) -> Vec<(NodeId, &FoundRecord)> {
        let mut own: Vec<(NodeId, &FoundRecord)> = Vec::new();
        let mut next = Some(Graph::ROOT);
        while let Some(id) = next.take() {
            let node = self.graph.node(id);
            let related = node.domain.is_at_or_below(&self.domain)
                || self.domain.is_at_or_below(&node.domain);
            let (Some(found), true) = (node.record(), related) else { break };
            if own.iter().any(|(known, _)| *known == id) {
                break;
            }
            own.push((id, found));
            next = found.terms.iter().find_map(|term| match term.meaning {
                Meaning::Redirect(child) => Some(child),
                _ => None,
            });
        }
        own
    }

    /// How many of the own records' includes lead to chunks of a compiled
    /// policy (`_spf1a` below the domain, and so on).
    pub(super) fn own_chunks(&self) -> usize {
        let own = self.own_records();
        let terms = own.iter().flat_map(|(_, found)| &found.terms);
        let is_chunk = |term: &&GraphTerm| match term.meaning {
            Meaning::Include(child) => is_chunk(&self.graph.node(child).domain, &self.domain),
            _ => false,
        };
        terms.filter(is_chunk).count()
    }

    /// Whether the policy passes every client of a family: what else it says
    /// then matters little.
    pub(super) fn passes_everyone(&self) -> bool {
        let passes = &self.course.passes;
        let everyone = |visit: &Visit| {
            let meaning = self.term(visit.node, visit.term).map(|(_, term)| &term.meaning);
            visit.decides == Some(Qualifier::Pass)
                && matches!(meaning, Some(Meaning::All | Meaning::Exists(Ok(true))))
        };
        passes.all_of_ip4() || passes.all_of_ip6() || self.course.visits.iter().any(everyone)
    }

    /// The lookups that a term costs, with those of the record that it leads to.
    pub(super) fn term_cost(&self, term: &GraphTerm) -> u32 {
        let behind = match term.meaning {
            Meaning::Include(child) | Meaning::Redirect(child) => {
                self.costs.get(&child).map_or(0, |count| count.terms)
            }
            _ => 0,
        };
        term_lookups(term).terms.saturating_add(behind)
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
