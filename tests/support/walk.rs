//! A program that asks all that an include tree needs, and nothing else: what
//! the sources are tried with.

// Each test uses its own part.
#![allow(dead_code)]

use std::collections::BTreeSet;

use spfc::dns::{Lookup, Question, RecordType, Step};
use spfc::name::DomainName;

/// Asks for the tree of `domain`: TXT of each include, and the addresses of `a`
/// and `mx`. Done with the questions, once all are answered.
pub(crate) fn walk(domain: &str, lookup: &dyn Lookup) -> Step<BTreeSet<Question>> {
    let mut asked = BTreeSet::new();
    let mut needed = Vec::new();
    let mut open = vec![Question::new(parse(domain), RecordType::Txt)];
    while let Some(question) = open.pop() {
        if !asked.insert(question.clone()) {
            continue;
        }
        let Ok(answer) = lookup.lookup(&question) else {
            needed.push(question);
            continue;
        };
        for mx in answer.mail_exchanges() {
            open.extend(addresses(&mx.exchange));
        }
        for text in answer.texts() {
            let text = String::from_utf8_lossy(&text.joined()).into_owned();
            for term in text.strip_prefix("v=spf1").unwrap_or_default().split_whitespace() {
                open.extend(questions(&question.name, term));
            }
        }
    }
    if needed.is_empty() { Step::Done(asked) } else { Step::Need(needed) }
}

fn questions(domain: &DomainName, term: &str) -> Vec<Question> {
    match term.split_once([':', '=']) {
        Some(("include" | "redirect", target)) => {
            vec![Question::new(parse(target), RecordType::Txt)]
        }
        Some(("a", host)) => addresses(&parse(host)),
        Some(("mx", host)) => vec![Question::new(parse(host), RecordType::Mx)],
        None if term == "a" => addresses(domain),
        None if term == "mx" => vec![Question::new(domain.clone(), RecordType::Mx)],
        _ => Vec::new(),
    }
}

fn addresses(host: &DomainName) -> Vec<Question> {
    [RecordType::A, RecordType::Aaaa].map(|kind| Question::new(host.clone(), kind)).to_vec()
}

fn parse(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}
