//! What stands around a policy by mistake: records of an obsolete type or at
//! another name, and names that nobody owns.

use std::collections::HashMap;
use std::sync::Arc;

use crate::dns::{Answer, Question, RecordType, Reply};
use crate::name::DomainName;
use crate::policy::{Fault, Graph, GraphTerm, Meaning, Node, NodeState};
use crate::syntax::{DomainTarget, Mechanism, is_spf_record};

use super::beside::Beside;
use crate::lint::options::{LintOptions, Subject};
use crate::lint::registrable::registrable;
use crate::lint::terms::{domain_spec, mechanism};

/// Labels below the domain at which its record is found by mistake.
const NEAR: [&[u8]; 3] = [b"_spf", b"spf", b"www"];
/// Names whose registration is looked into. A hostile record has thousands.
const MOST_NAMES: usize = 20;

/// What stands around a policy by mistake, as far as it was asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::lint) struct Surroundings {
    /// SPF records at the domain in the obsolete type SPF.
    pub(in crate::lint) obsolete: Vec<Arc<[u8]>>,
    /// A record at a name beside the domain, where it has none itself.
    pub(in crate::lint) misplaced: Option<(DomainName, Arc<[u8]>)>,
    /// Names of terms that do not exist, with the domain that anyone may
    /// register to make them exist.
    pub(in crate::lint) unregistered: HashMap<DomainName, DomainName>,
}

impl Surroundings {
    /// Asks for what the subject and the options allow, and what can be known to
    /// be worth asking: most of it only once the graph is there.
    pub(super) fn ask(
        beside: &mut Beside<'_>,
        graph: Option<&Graph>,
        subject: &Subject,
        options: &LintOptions,
    ) -> Surroundings {
        if options.offline || !options.beyond_policy {
            return Surroundings::default();
        }
        let domain = subject.domain.as_ref();
        let bare = |graph: &&Graph| {
            let state = &graph.root().state;
            matches!(state, NodeState::Broken { fault: Fault::NoRecord { .. }, .. })
        };
        let alone = domain.filter(|_| graph.filter(bare).is_some() && !subject.is_include_only());
        Surroundings {
            obsolete: domain.map(|domain| beside.obsolete(domain)).unwrap_or_default(),
            misplaced: alone.and_then(|domain| beside.misplaced(domain)),
            unregistered: graph.map(|graph| beside.unregistered(graph)).unwrap_or_default(),
        }
    }
}

impl Beside<'_> {
    /// The SPF records of the obsolete type at the domain.
    fn obsolete(&mut self, domain: &DomainName) -> Vec<Arc<[u8]>> {
        let Some(answer) = self.ask_aside(domain, RecordType::Spf) else { return Vec::new() };
        let texts = answer.obsolete_texts().iter().map(|text| text.joined());
        texts.filter(|text| is_spf_record(text)).map(|text| Arc::from(&*text)).collect()
    }

    /// The first record at a name beside a domain that has none. One that says
    /// that the name sends no mail is right where it is.
    fn misplaced(&mut self, domain: &DomainName) -> Option<(DomainName, Arc<[u8]>)> {
        let near = NEAR.iter().map(|label| domain.child(label));
        let names: Vec<_> = near.chain([domain.prefixed(domain)]).flatten().collect();
        let answers: Vec<_> =
            names.iter().map(|name| self.ask_aside(name, RecordType::Txt)).collect();
        let record = |(name, answer): (DomainName, Option<Arc<Answer>>)| {
            let answer = answer.filter(|answer| answer.aliases.is_empty())?;
            let mut texts = answer.texts().iter().map(|text| text.joined());
            let text = texts.find(|text| is_spf_record(text))?;
            let idle = text.trim_ascii_end().eq_ignore_ascii_case(b"v=spf1 -all");
            (!idle).then(|| (name, Arc::from(&*text)))
        };
        names.into_iter().zip(answers).find_map(record)
    }

    /// The names of terms that do not exist because the domain above them is not
    /// registered, with that domain. An answer that a name does not exist says
    /// nothing of the names above it (RFC 8020), so these are asked for.
    fn unregistered(&mut self, graph: &Graph) -> HashMap<DomainName, DomainName> {
        let own = registrable(&graph.root().domain);
        let mut found = HashMap::new();
        let mut seen = Vec::new();
        let targets = graph.nodes.iter().flat_map(|node| {
            let terms = node.record().map_or(&[][..], |found| &found.terms);
            terms.iter().flat_map(move |term| asked_names(graph, node, term))
        });
        for (name, question) in targets {
            if seen.contains(&question) {
                continue;
            }
            // The walk has asked for it.
            let Some(answer) = self.ask_aside(&question.name, question.record_type) else {
                continue;
            };
            if answer.reply != Reply::NoName {
                continue;
            }
            if seen.len() == MOST_NAMES {
                break;
            }
            let end = answer.aliases.last().unwrap_or(&question.name).clone();
            seen.push(question);
            let Some(domain) = registrable(&end).filter(|domain| Some(domain) != own.as_ref())
            else {
                continue;
            };
            let gone = domain == end
                || self
                    .ask_aside(&domain, RecordType::Txt)
                    .is_some_and(|answer| answer.reply == Reply::NoName);
            if gone {
                found.insert(name, domain);
            }
        }
        found
    }
}

/// The questions that a term has asked for names that should exist, each with
/// the name of the term.
fn asked_names(graph: &Graph, node: &Node, term: &GraphTerm) -> Vec<(DomainName, Question)> {
    let Some(name) = target(node, term) else { return Vec::new() };
    let asked = |name: &DomainName, record_type| Question::new(name.clone(), record_type);
    let questions = match &term.meaning {
        Meaning::Include(child) | Meaning::Redirect(child) => match &graph.node(*child).state {
            NodeState::Broken { fault: Fault::NoRecord { .. }, .. } => {
                vec![asked(&name, RecordType::Txt)]
            }
            _ => Vec::new(),
        },
        Meaning::Addresses(found) => {
            let exchanges = matches!(mechanism(&term.term), Some(Mechanism::Mx(..)));
            let own = exchanges.then(|| asked(&name, RecordType::Mx));
            let hosts = found.hosts.iter().map(|host| asked(host, RecordType::A));
            own.into_iter().chain(hosts).collect()
        }
        Meaning::Exists(Ok(false)) => vec![asked(&name, RecordType::A)],
        _ => Vec::new(),
    };
    questions.into_iter().map(|question| (name.clone(), question)).collect()
}

/// The one name that a term is about.
fn target(node: &Node, term: &GraphTerm) -> Option<DomainName> {
    let record = &node.record()?.record;
    match domain_spec(&term.term).map(|spec| record.domain_target(spec, &node.domain)) {
        None => Some(node.domain.clone()),
        Some(DomainTarget::Static(name)) => Some(name),
        Some(_) => None,
    }
}
