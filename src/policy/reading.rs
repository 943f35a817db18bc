//! One reading of a policy: its graph with the answers that it was read from,
//! as far as they matter to SPF.
//!
//! What changed between two readings is for [`drift`](super::drift()) to say.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::dns::{Answer, Lookup, Question, RecordType, Records, Reply, SourceAs};
use crate::name::DomainName;
use crate::syntax::{DomainTarget, Record, is_spf_record};

use super::count::{LookupCount, count_lookups};
use super::graph::Graph;
use super::walk::{WalkOptions, walk};

/// A policy as DNS, or a recording of it, had it at one time.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The records that the policy reaches.
    pub graph: Graph,
    /// The lookups that it costs at worst.
    pub lookups: LookupCount,
    /// The answers that it was read from, under the names that hold them.
    answers: BTreeMap<Question, Arc<Answer>>,
    /// Questions whose texts are explanations, not policies.
    explanations: HashSet<Question>,
}

impl Reading {
    /// Reads the policy of `domain`, at `source` where that is another name.
    ///
    /// # Errors
    ///
    /// The questions, at least one, that have to be asked first.
    pub fn read(
        lookup: &dyn Lookup,
        domain: &DomainName,
        source: Option<&DomainName>,
    ) -> Result<Reading, Vec<Question>> {
        let view: Box<dyn Lookup + '_> = match source {
            Some(source) => Box::new(SourceAs::new(lookup, domain.clone(), source.clone())),
            None => Box::new(lookup),
        };
        let graph = walk(&*view, domain, &WalkOptions::default())?;
        let explanations: HashSet<Question> = explanations(&graph).collect();
        let mut answers = BTreeMap::new();
        let mut missing = Vec::new();
        for question in graph.asked.union(&explanations) {
            match view.lookup(question) {
                Ok(answer) => {
                    answers.insert(held_at(question, domain, source), answer);
                }
                Err(question) => missing.push(question),
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        let lookups = count_lookups(&graph).get(&Graph::ROOT).copied().unwrap_or_default();
        let explanations = explanations.difference(&graph.asked).cloned().collect();
        Ok(Reading { graph, lookups, answers, explanations })
    }

    /// The questions that the policy was read from, in order, with their answers.
    pub fn answers(&self) -> impl Iterator<Item = (&Question, &Arc<Answer>)> {
        self.answers.iter()
    }

    /// The answer to a question, if the policy was read from it.
    pub fn answer(&self, question: &Question) -> Option<&Arc<Answer>> {
        self.answers.get(question)
    }

    /// Whether a question is asked for the text of an explanation only.
    pub fn explains(&self, question: &Question) -> bool {
        self.explanations.contains(question)
    }
}

/// The question that DNS is asked in place of this one.
fn held_at(question: &Question, domain: &DomainName, source: Option<&DomainName>) -> Question {
    match source {
        Some(source) if question.record_type == RecordType::Txt && question.name == *domain => {
            Question::new(source.clone(), RecordType::Txt)
        }
        _ => question.clone(),
    }
}

/// The texts of explanations that a fail can come with (RFC 7208 section 6.2).
pub fn explanations(graph: &Graph) -> impl Iterator<Item = Question> + '_ {
    let of_record = |domain: &DomainName, record: &Record| {
        let (_, spec) = record.explanation()?;
        match record.domain_target(spec, domain) {
            DomainTarget::Static(name) => Some(Question::new(name, RecordType::Txt)),
            _ => None,
        }
    };
    graph.nodes.iter().filter_map(move |node| of_record(&node.domain, &node.record()?.record))
}

/// What SPF reads of an answer, in an order of its own: the SPF records among
/// texts, all of them where they are an `explanation`, and addresses and mail
/// exchanges without their preferences. Nothing is the same whether the name
/// exists or not. `None` where DNS failed.
pub fn read_of(answer: &Answer, explanation: bool) -> Option<Vec<Vec<u8>>> {
    let mut read: Vec<Vec<u8>> = match &answer.reply {
        Reply::Failure(_) => return None,
        // Nothing is read of the obsolete type (RFC 7208 section 3.1).
        Reply::NoData | Reply::NoName | Reply::Records(Records::Spf(_)) => Vec::new(),
        Reply::Records(Records::Txt(texts)) => {
            let texts = texts.iter().map(|text| text.joined().into_owned());
            texts.filter(|text| explanation || is_spf_record(text)).collect()
        }
        Reply::Records(Records::A(list)) => {
            list.iter().map(|address| address.octets().to_vec()).collect()
        }
        Reply::Records(Records::Aaaa(list)) => {
            list.iter().map(|address| address.octets().to_vec()).collect()
        }
        Reply::Records(Records::Mx(list)) => {
            list.iter().map(|mx| mx.exchange.to_lowercase().to_text_octets()).collect()
        }
        Reply::Records(Records::Ptr(list)) => {
            list.iter().map(|name| name.to_lowercase().to_text_octets()).collect()
        }
    };
    read.sort();
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::ZoneMap;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn txt(texts: &[&str]) -> Answer {
        let texts = texts.iter().map(|text| crate::dns::Txt::new([text])).collect();
        Answer::new(Reply::from(Records::Txt(texts)))
    }

    #[test]
    fn a_policy_at_another_name_is_read_there() {
        let map = br#"{
            "a.test": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
            "_s.a.test": {"TXT": ["v=spf1 a exp=why.%{d} -all"]},
            "why.a.test": {"TXT": ["no"]}
        }"#;
        let map = ZoneMap::read(map).unwrap();
        let reading = Reading::read(&map, &name("a.test"), Some(&name("_s.a.test"))).unwrap();
        let asked: Vec<String> =
            reading.answers().map(|(question, _)| question.to_string()).collect();
        assert_eq!(asked, ["a.test A", "a.test AAAA", "_s.a.test TXT", "why.a.test TXT"]);
        let why = Question::new(name("why.a.test"), RecordType::Txt);
        assert!(reading.explains(&why) && reading.answer(&why).is_some());
        assert_eq!(reading.lookups.terms, 1);
    }

    #[test]
    fn what_spf_does_not_read_is_left_out() {
        let read = |texts: &[&str]| read_of(&txt(texts), false).unwrap();
        assert_eq!(read(&["verification=1", "v=spf1 -all"]), read(&["v=spf1 -all"]));
        assert_eq!(read(&["verification=1"]), read(&[]));
        assert_ne!(read(&["v=spf1 -all", "v=spf1 -all"]), read(&["v=spf1 -all"]));
        assert_ne!(read_of(&txt(&["no"]), true), read_of(&txt(&["never"]), true));
        assert_eq!(read_of(&Answer::new(Reply::NoName), true), Some(Vec::new()));
        let failed = Answer::new(Reply::Failure(crate::dns::Failure::Timeout));
        assert_eq!(read_of(&failed, false), None);
    }
}
