//! Gathering the facts about a subject: the policy itself by walking it, and
//! what stands beside it.
//!
//! Which questions stand beside a policy, each rule's facts say for themselves;
//! here is said when they are worth asking.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use crate::dns::{Answer, Lookup, Published, Question, RecordType, Records, Reply, Txt};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{Fault, Graph, Node, NodeState, WalkOptions, count_lookups, walk};
use crate::syntax::{DomainTarget, MacroLetter, MacroPart, parse_record};

use super::beside::Beside;
use super::surroundings::Surroundings;
use super::{Facts, Text};
use crate::lint::course::course;
use crate::lint::dmarc::Dmarc;
use crate::lint::effects::effects;
use crate::lint::options::{LintOptions, Profile, Sending, Subject};
use crate::lint::terms::domain_spec;

/// Stands for the domain of a record that has none. Nothing is asked about it.
const NO_DOMAIN: &[&[u8]] = &[b"record", b"invalid"];

/// Gathers the facts.
///
/// # Errors
///
/// The questions, at least one, that have to be asked first.
pub(in crate::lint) fn gather<'a>(
    lookup: &dyn Lookup,
    subject: &'a Subject,
    options: &'a LintOptions,
) -> Result<Facts<'a>, Vec<Question>> {
    let placeholder = || DomainName::from_labels(NO_DOMAIN.iter().copied());
    let domain = match &subject.domain {
        Some(domain) => domain.clone(),
        None => placeholder().unwrap_or_else(|_| DomainName::root()),
    };
    let view = view(lookup, subject, options, &domain);
    let keep = left_open(subject, options, &domain);
    let walk_options = WalkOptions { keep, ceilings: options.ceilings };
    let mut beside = Beside::new(view.as_ref(), options.recorded);
    let answer = beside.ask(&domain, RecordType::Txt);
    beside.failures.clear();
    let texts = answer.as_ref().map_or_else(Vec::new, |answer| texts(answer));
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
    let surroundings = Surroundings::ask(&mut beside, graph.as_ref().ok(), subject, options);
    let on_request = beside.on_request(subject, options, &domain);
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
    let costs = count_lookups(&graph);
    let lookups = costs.get(&Graph::ROOT).copied().unwrap_or_default();
    let course = course(&graph);
    let effects = effects(&graph, &lookups);
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
        costs,
        effects,
        dmarc,
        receives_mail,
        surroundings,
        on_request,
        failures,
        mistakes: OnceCell::new(),
    })
}

/// DNS as the subject and the options want it seen.
fn view<'a>(
    lookup: &'a dyn Lookup,
    subject: &Subject,
    options: &LintOptions,
    domain: &DomainName,
) -> Box<dyn Lookup + 'a> {
    match (&subject.record, options.offline) {
        (_, true) => Box::new(TextAlone::new(subject, domain)),
        (Some(record), false) => {
            Box::new(Published::new(lookup, [(domain.clone(), record.to_vec())]))
        }
        (None, false) => Box::new(lookup),
    }
}

fn texts(answer: &Answer) -> Vec<Text> {
    let text = |txt: &Txt| Text { octets: txt.joined().into_owned().into(), txt: txt.clone() };
    answer.texts().iter().map(text).collect()
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
fn dmarc_matters(subject: &Subject, options: &LintOptions, texts: &[Text]) -> bool {
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
        && texts.iter().any(|text| may_fail(&text.octets))
}

/// A world that holds a record, or without one what a file has at the domain,
/// and knows of nothing else.
struct TextAlone {
    domain: DomainName,
    texts: Vec<Txt>,
}

impl TextAlone {
    fn new(subject: &Subject, domain: &DomainName) -> TextAlone {
        let texts = subject.texts().into_iter().map(|text| Txt::new([text])).collect();
        TextAlone { domain: domain.clone(), texts }
    }
}

impl Lookup for TextAlone {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let own = question.name == self.domain && question.record_type == RecordType::Txt;
        let texts = if own { self.texts.clone() } else { Vec::new() };
        Ok(Arc::new(Answer::new(Reply::from(Records::Txt(texts)))))
    }
}
