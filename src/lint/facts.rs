//! Facts about a policy, gathered before any rule runs: the only place of
//! linting that asks DNS.
//!
//! Rules are pure functions over these facts. Where an answer is missing,
//! gathering says which questions have to be asked first.

use std::collections::HashSet;
use std::sync::Arc;

use crate::dns::{Answer, Failure, Lookup, Published, Question, RecordType, Records, Reply, Txt};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{
    Fault, FoundRecord, Graph, GraphTerm, LookupCount, Node, NodeId, NodeState, WalkOptions,
    count_lookups, walk,
};
use crate::syntax::{DomainTarget, MacroLetter, MacroPart, Record, parse_record};

use super::course::{Course, Visit, course};
use super::dmarc::{self, Dmarc};
use super::finding::Place;
use super::options::{LintOptions, Profile, Sending, Subject};
use super::terms::domain_spec;

/// Stands for the domain of a record that has none. Nothing is asked about it.
const NO_DOMAIN: &[&[u8]] = &[b"record", b"invalid"];

/// What is known about a subject.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) subject: &'a Subject,
    pub(super) options: &'a LintOptions,
    /// The domain that the policy is read for.
    pub(super) domain: DomainName,
    /// All texts at the domain, of any kind.
    pub(super) texts: Vec<Arc<[u8]>>,
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
        Place { domain, record, span: None }
    }

    /// The domain without a record.
    pub(super) fn domain_place(&self) -> Place {
        Place { domain: self.shown(&self.domain), record: None, span: None }
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

/// Gathers the facts.
///
/// # Errors
///
/// The questions, at least one, that have to be asked first.
pub(super) fn gather<'a>(
    lookup: &dyn Lookup,
    subject: &'a Subject,
    options: &'a LintOptions,
) -> Result<Facts<'a>, Vec<Question>> {
    let placeholder = || DomainName::from_labels(NO_DOMAIN.iter().copied());
    let domain = match &subject.domain {
        Some(domain) => domain.clone(),
        None => placeholder().unwrap_or_else(|_| DomainName::root()),
    };
    let view: Box<dyn Lookup + '_> = match (&subject.record, options.offline) {
        (record, true) => Box::new(TextAlone { domain: domain.clone(), record: record.clone() }),
        (Some(record), false) => {
            Box::new(Published::new(lookup, [(domain.clone(), record.to_vec())]))
        }
        (None, false) => Box::new(lookup),
    };
    let keep = left_open(subject, options, &domain);
    let walk_options = WalkOptions { keep, ceilings: options.ceilings };
    let mut beside = Beside { lookup: view.as_ref(), missing: Vec::new(), failures: Vec::new() };
    let answer = beside.ask(&domain, RecordType::Txt);
    beside.failures.clear();
    let texts: Vec<Arc<[u8]>> = answer.as_ref().map_or_else(Vec::new, |answer| {
        answer.texts().iter().map(|text| text.joined().into_owned().into()).collect()
    });
    let graph = walk(view.as_ref(), &domain, &walk_options);
    let may_ask = options.beyond_policy && !options.offline && subject.domain.is_some();
    let dmarc = match &answer {
        Some(_) if may_ask && dmarc_matters(subject, options, &texts) => beside.dmarc(&domain),
        _ => Dmarc::Unknown,
    };
    let no_record = graph.as_ref().is_ok_and(|graph| {
        matches!(graph.root().state, NodeState::Broken { fault: Fault::NoRecord { .. }, .. })
    });
    let exchanges = (may_ask && no_record).then(|| beside.ask(&domain, RecordType::Mx)).flatten();
    let graph = match graph {
        Ok(graph) if beside.missing.is_empty() => graph,
        graph => {
            beside.missing.extend(graph.err().into_iter().flatten());
            return Err(beside.missing);
        }
    };
    let receives_mail = exchanges
        .filter(|answer| answer.failure().is_none())
        .map(|answer| answer.mail_exchanges().iter().any(|exchange| !exchange.exchange.is_root()));
    let lookups = count_lookups(&graph).get(&Graph::ROOT).copied().unwrap_or_default();
    let course = course(&graph);
    let records = graph.nodes.iter().map(record_text).collect();
    let failures = beside.failures;
    Ok(Facts {
        subject,
        options,
        domain,
        texts,
        graph,
        records,
        course,
        lookups,
        dmarc,
        receives_mail,
        failures,
    })
}

/// The octets of a node's record, sound or not.
fn record_text(node: &Node) -> Option<Arc<[u8]>> {
    match &node.state {
        NodeState::Found(found) => Some(found.record.text().into()),
        NodeState::Broken { record, .. } => record.as_ref().map(|record| record.text().into()),
    }
}

/// Names that nothing is asked about: offline all that the record names,
/// without a domain those that depend on it.
fn left_open(subject: &Subject, options: &LintOptions, domain: &DomainName) -> HashSet<DomainName> {
    let mut names = HashSet::new();
    if !options.offline && subject.domain.is_some() {
        return names;
    }
    names.insert(domain.clone());
    let parse = parse_record(subject.record.as_deref().unwrap_or_default());
    let record = parse.record;
    let of_domain = |part: &MacroPart| match part {
        MacroPart::Expand(expand) => expand.letter == MacroLetter::Domain,
        _ => false,
    };
    for spec in record.terms().iter().filter_map(domain_spec) {
        let open = options.offline || record.parts(&spec.0).iter().any(of_domain);
        if let (true, DomainTarget::Static(name)) = (open, record.domain_target(spec, domain)) {
            names.insert(name);
        }
    }
    names
}

/// Whether the domain's DMARC record can make a difference: only to a record
/// that may end in `-all`, and never to one that says nothing else.
fn dmarc_matters(subject: &Subject, options: &LintOptions, texts: &[Arc<[u8]>]) -> bool {
    let may_fail = |text: &[u8]| {
        let record = parse_record(text).record;
        match record.all() {
            Some((_, all)) => all.qualifier == Qualifier::Fail && record.terms().len() > 1,
            None => record.redirect().is_some(),
        }
    };
    options.profile == Profile::Dmarc
        && options.sending != Sending::No
        && !subject.is_include_only()
        && texts.iter().any(|text| may_fail(text))
}

/// Asks for what stands beside the policy.
struct Beside<'a> {
    lookup: &'a dyn Lookup,
    missing: Vec<Question>,
    failures: Vec<(Question, Failure)>,
}

impl Beside<'_> {
    fn ask(&mut self, name: &DomainName, record_type: RecordType) -> Option<Arc<Answer>> {
        let question = Question::new(name.clone(), record_type);
        match self.lookup.lookup(&question) {
            Ok(answer) => {
                self.failures.extend(answer.failure().map(|failure| (question, failure)));
                Some(answer)
            }
            Err(missing) => {
                self.missing.push(missing);
                None
            }
        }
    }

    /// The DMARC record that counts: the nearest, at the domain or above it.
    fn dmarc(&mut self, domain: &DomainName) -> Dmarc {
        let names = dmarc::record_names(domain);
        let answers: Vec<_> = names.iter().map(|name| self.ask(name, RecordType::Txt)).collect();
        for (index, (name, answer)) in names.into_iter().zip(answers).enumerate() {
            let Some(answer) = answer.filter(|answer| answer.failure().is_none()) else {
                return Dmarc::Unknown;
            };
            let texts: Vec<Vec<u8>> =
                answer.texts().iter().map(|text| text.joined().into_owned()).collect();
            if let Some(enforcing) = dmarc::enforcing(&texts, index > 0) {
                return Dmarc::Found { name, enforcing };
            }
        }
        Dmarc::Missing
    }
}

/// A world that holds one record and knows of nothing else.
struct TextAlone {
    domain: DomainName,
    record: Option<Box<[u8]>>,
}

impl Lookup for TextAlone {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let own = question.name == self.domain && question.record_type == RecordType::Txt;
        let texts = self.record.iter().filter(|_| own).map(|text| Txt::new([text])).collect();
        Ok(Arc::new(Answer::new(Reply::from(Records::Txt(texts)))))
    }
}
