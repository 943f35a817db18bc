//! Evaluations as a whole: what is asked when, what ends a loop, what a trace
//! says. Single cases of RFC 7208 are in tests/conformance.

mod ceilings;
mod outcomes;
mod properties;
mod questions;

use super::*;
use crate::dns::{
    Answer, Cache, Failure, Lookup, MailExchange, Question, RecordType, Records, Reply, Step, Txt,
};
use crate::limits::{Ceilings, Limits};
use crate::name::DomainName;
use crate::outcome::SpfResult;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn question(text: &str, record_type: RecordType) -> Question {
    Question::new(name(text), record_type)
}

fn txt(text: &str) -> Reply {
    Reply::Records(Records::Txt(vec![Txt::new([text])]))
}

fn a(addresses: &[&str]) -> Reply {
    Reply::from(Records::A(addresses.iter().map(|ip| ip.parse().unwrap()).collect()))
}

fn mx(hosts: &[&str]) -> Reply {
    let exchange = |host: &&str| MailExchange { preference: 10, exchange: name(host) };
    Reply::from(Records::Mx(hosts.iter().map(exchange).collect()))
}

/// A cache of SPF records and other answers; everything else is missing.
fn cache(records: &[(&str, &str)], others: &[(&str, RecordType, Reply)]) -> Cache {
    let mut cache = Cache::default();
    for (owner, text) in records {
        cache.insert(question(owner, RecordType::Txt), Answer::new(txt(text)));
    }
    for (owner, record_type, reply) in others {
        cache.insert(question(owner, *record_type), Answer::new(reply.clone()));
    }
    cache
}

fn message(ip: &str) -> Message {
    Message::mail_from(ip.parse().unwrap(), "h.example.org", "a@example.com")
}

fn run(lookup: &dyn Lookup, ip: &str, limits: Limits) -> Step<Evaluation> {
    let options = Options { limits, trace: true };
    check_host(lookup, &mut RecordStore::new(), &message(ip), &options)
}

fn done(step: Step<Evaluation>) -> Evaluation {
    match step {
        Step::Done(evaluation) => evaluation,
        Step::Need(questions) => panic!("needs {questions:?}"),
    }
}

fn needed(step: Step<Evaluation>) -> Vec<String> {
    match step {
        Step::Done(evaluation) => panic!("is done: {evaluation:?}"),
        Step::Need(questions) => questions.iter().map(Question::to_string).collect(),
    }
}
