//! Walking the include graph: which records a policy reaches, and what the
//! terms of each mean.
//!
//! The walk asks for all that it can know it needs: a record that is not there
//! yet holds up only what hangs on it. Errors are kept where they stand; only
//! lowering knows which of them an address can reach.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::dns::{Answer, Lookup, Question, RecordType};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::{
    DomainSpec, DomainTarget, Mechanism, Record, Term, absolute_term, is_spf_record, parse_record,
};

use super::graph::{DynamicKind, FoundRecord, Graph, GraphTerm, Meaning, Node, NodeId, NodeState};
use super::{Ceiling, Fault, PolicyError};

mod addresses;
mod cover;

use cover::LiteralCover;

/// How a policy is walked.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Targets whose `include`, `redirect`, `a`, `mx` and `exists` terms are
    /// left alone: they become dynamic terms and nothing is asked for them.
    pub keep: HashSet<DomainName>,
    /// Bounds on the work.
    pub ceilings: Ceilings,
}

/// Builds the include graph of the policy at `domain`.
///
/// # Errors
///
/// The questions, at least one, that have to be asked first.
pub fn walk(
    lookup: &dyn Lookup,
    domain: &DomainName,
    options: &WalkOptions,
) -> Result<Graph, Vec<Question>> {
    let mut walk = Walk::new(lookup, options);
    walk.enter(domain, 1);
    while let Some((id, level)) = walk.queue.pop_front() {
        let state = walk.visit(id, level);
        walk.nodes[id.0 as usize].state = state;
    }
    if !walk.needed.is_empty() {
        return Err(walk.needed);
    }
    Ok(Graph { nodes: walk.nodes, asked: walk.asked, ttl: walk.ttl })
}

struct Walk<'a> {
    lookup: &'a dyn Lookup,
    options: &'a WalkOptions,
    nodes: Vec<Node>,
    ids: HashMap<DomainName, NodeId>,
    queue: VecDeque<(NodeId, usize)>,
    asked: HashSet<Question>,
    needed: Vec<Question>,
    ttl: Option<u32>,
    octets: usize,
    prefixes: usize,
}

/// Why a question has no answer to use.
enum Unanswered {
    /// It has to be asked first; the walk goes on elsewhere.
    Missing,
    /// A ceiling keeps it from being asked.
    Ceiling(Ceiling),
}

impl<'a> Walk<'a> {
    fn new(lookup: &'a dyn Lookup, options: &'a WalkOptions) -> Self {
        Walk {
            lookup,
            options,
            nodes: Vec::new(),
            ids: HashMap::new(),
            queue: VecDeque::new(),
            asked: HashSet::new(),
            needed: Vec::new(),
            ttl: None,
            octets: 0,
            prefixes: 0,
        }
    }

    /// The node of a domain, entered into the queue the first time.
    fn enter(&mut self, domain: &DomainName, level: usize) -> NodeId {
        if let Some(id) = self.ids.get(domain) {
            return *id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.ids.insert(domain.clone(), id);
        let fault = Fault::NoRecord { name: domain.clone() };
        let state = NodeState::Broken { fault, record: None };
        self.nodes.push(Node { domain: domain.clone(), state });
        self.queue.push_back((id, level));
        id
    }

    fn ask(
        &mut self,
        name: &DomainName,
        record_type: RecordType,
    ) -> Result<Arc<Answer>, Unanswered> {
        let question = Question::new(name.clone(), record_type);
        let ceilings = &self.options.ceilings;
        if !self.asked.contains(&question) {
            if self.asked.len() >= ceilings.questions {
                return Err(Unanswered::Ceiling(Ceiling::Questions(ceilings.questions)));
            }
            self.asked.insert(question.clone());
        }
        let answer = match self.lookup.lookup(&question) {
            Ok(answer) => answer,
            Err(missing) => {
                self.needed.push(missing);
                return Err(Unanswered::Missing);
            }
        };
        self.octets += answer.octets();
        if self.octets > ceilings.octets {
            return Err(Unanswered::Ceiling(Ceiling::Octets(ceilings.octets)));
        }
        if let Some(ttl) = answer.ttl {
            self.ttl = Some(self.ttl.map_or(ttl, |shortest| shortest.min(ttl)));
        }
        Ok(answer)
    }

    /// Selects and reads the record of a node (RFC 7208 section 4.5).
    fn visit(&mut self, id: NodeId, level: usize) -> NodeState {
        let domain = self.nodes[id.0 as usize].domain.clone();
        let broken = |fault| NodeState::Broken { fault, record: None };
        if level > self.options.ceilings.levels {
            return broken(Fault::Ceiling(Ceiling::Levels(self.options.ceilings.levels)));
        }
        let answer = match self.ask(&domain, RecordType::Txt) {
            Ok(answer) => answer,
            Err(Unanswered::Ceiling(ceiling)) => return broken(Fault::Ceiling(ceiling)),
            Err(Unanswered::Missing) => return broken(Fault::NoRecord { name: domain }),
        };
        if let Some(failure) = answer.failure() {
            let question = Question::new(domain, RecordType::Txt);
            return broken(Fault::Dns { question, failure });
        }
        let texts: Vec<_> = answer.texts().iter().map(|text| text.joined()).collect();
        let mut records = texts.iter().filter(|text| is_spf_record(text));
        let text = match (records.next(), records.count()) {
            (None, _) => return broken(Fault::NoRecord { name: domain }),
            (Some(text), 0) => text,
            (Some(_), more) => {
                return broken(Fault::SeveralRecords { name: domain, count: more + 1 });
            }
        };
        let parse = parse_record(text);
        let record = Arc::new(parse.record);
        if !parse.errors.is_empty() {
            let fault = Fault::Syntax { text: text.to_vec().into(), errors: parse.errors };
            return NodeState::Broken { fault, record: Some(record) };
        }
        let terms = self.terms(&domain, &record, level);
        NodeState::Found(FoundRecord { record, terms })
    }

    /// The meanings of the directives up to where no address is left, and of
    /// the redirect where there is no `all` (RFC 7208 section 6.1).
    fn terms(&mut self, domain: &DomainName, record: &Record, level: usize) -> Vec<GraphTerm> {
        let mut cover = LiteralCover::default();
        let mut terms = Vec::with_capacity(record.terms().len());
        for (term, directive) in record.directives() {
            let meaning = if cover.is_full() {
                Meaning::Unreached
            } else {
                self.meaning(domain, record, term, &directive.mechanism, level)
            };
            cover.add(&meaning);
            terms.push(GraphTerm { term: *term, qualifier: directive.qualifier, meaning });
        }
        if let (Some((term, spec)), None) = (record.redirect(), record.all()) {
            let meaning = if cover.is_full() {
                Meaning::Unreached
            } else {
                self.policy_term(domain, record, term, spec, level, Meaning::Redirect)
            };
            terms.push(GraphTerm { term: *term, qualifier: Qualifier::Pass, meaning });
        }
        terms
    }

    fn meaning(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        mechanism: &Mechanism,
        level: usize,
    ) -> Meaning {
        match mechanism {
            Mechanism::All => Meaning::All,
            Mechanism::Ip4(network) => {
                let prefix = crate::addr::Prefix::new(
                    network.address.to_bits(),
                    network.length.unwrap_or(32),
                );
                self.counted(domain, record, term, 1).unwrap_or(Meaning::Ip4(prefix))
            }
            Mechanism::Ip6(network) => {
                let prefix = crate::addr::Prefix::new(
                    network.address.to_bits(),
                    network.length.unwrap_or(128),
                );
                self.counted(domain, record, term, 1).unwrap_or(Meaning::Ip6(prefix))
            }
            Mechanism::Include(spec) => {
                self.policy_term(domain, record, term, spec, level, Meaning::Include)
            }
            Mechanism::Ptr(spec) => {
                let target = spec.as_ref().map(|spec| record.domain_target(spec, domain));
                let bound = matches!(target, Some(DomainTarget::Dynamic { bound: true, .. }));
                dynamic(domain, record, term, bound, None)
            }
            Mechanism::Exists(spec) => match self.target(domain, record, term, Some(spec)) {
                Ok(name) => self.exists(domain, record, term, &name),
                Err(meaning) => meaning,
            },
            Mechanism::A(spec, lengths) => match self.target(domain, record, term, spec.as_ref()) {
                Ok(name) => self.address_term(domain, record, term, &name, *lengths),
                Err(meaning) => meaning,
            },
            Mechanism::Mx(spec, lengths) => {
                match self.target(domain, record, term, spec.as_ref()) {
                    Ok(name) => self.mail_exchange_term(domain, record, term, &name, *lengths),
                    Err(meaning) => meaning,
                }
            }
        }
    }

    /// The one name that a term is about; for a term that has none, its meaning.
    /// A target that is no DNS name matches nothing, as a name that does not
    /// exist (RFC 7208 section 4.8 leaves it open).
    fn target(
        &self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        spec: Option<&DomainSpec>,
    ) -> Result<DomainName, Meaning> {
        let name = match spec.map(|spec| record.domain_target(spec, domain)) {
            None => domain.clone(),
            Some(DomainTarget::Static(name)) => name,
            Some(DomainTarget::Invalid(..)) => return Err(Meaning::Exists(Ok(false))),
            Some(DomainTarget::Dynamic { bound, .. }) => {
                return Err(dynamic(domain, record, term, bound, None));
            }
        };
        match self.options.keep.get(&name) {
            Some(kept) => Err(dynamic(domain, record, term, false, Some(kept.clone()))),
            None => Ok(name),
        }
    }

    /// An `include` or a `redirect`: its target has to have a record.
    fn policy_term(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        spec: &DomainSpec,
        level: usize,
        meaning: fn(NodeId) -> Meaning,
    ) -> Meaning {
        if let DomainTarget::Invalid(text, reason) = record.domain_target(spec, domain) {
            let fault = Fault::Target { text, reason };
            return Meaning::Broken(error(domain, record, term, fault));
        }
        match self.target(domain, record, term, Some(spec)) {
            Ok(name) => meaning(self.enter(&name, level + 1)),
            Err(dynamic) => dynamic,
        }
    }

    fn exists(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        name: &DomainName,
    ) -> Meaning {
        match self.ask(name, RecordType::A) {
            Ok(answer) => Meaning::Exists(match answer.failure() {
                None => Ok(!answer.is_void()),
                Some(failure) => {
                    let question = Question::new(name.clone(), RecordType::A);
                    Err(error(domain, record, term, Fault::Dns { question, failure }))
                }
            }),
            Err(Unanswered::Missing) => Meaning::Unreached,
            Err(Unanswered::Ceiling(ceiling)) => {
                Meaning::Broken(error(domain, record, term, Fault::Ceiling(ceiling)))
            }
        }
    }

    /// Counts prefixes; the broken meaning of a term that brings too many.
    fn counted(
        &mut self,
        domain: &DomainName,
        record: &Record,
        term: &Term,
        prefixes: usize,
    ) -> Option<Meaning> {
        self.prefixes += prefixes;
        let most = self.options.ceilings.prefixes;
        (self.prefixes > most).then(|| {
            let fault = Fault::Ceiling(Ceiling::Prefixes(most));
            Meaning::Broken(error(domain, record, term, fault))
        })
    }
}

fn error(domain: &DomainName, record: &Record, term: &Term, fault: Fault) -> PolicyError {
    PolicyError { domain: domain.clone(), term: Some(record.slice_text(term.span)), fault }
}

fn dynamic(
    domain: &DomainName,
    record: &Record,
    term: &Term,
    bound: bool,
    kept: Option<DomainName>,
) -> Meaning {
    let text = absolute_term(record, term, domain);
    Meaning::Dynamic(DynamicKind { text, bound, kept })
}
