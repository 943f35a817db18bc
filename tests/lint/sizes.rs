//! The size of an answer against the octets that a DNS library writes for it.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use proptest::prelude::*;
use serde_json::json;
use spfc::lint::{LintOptions, Subject};

use super::case::{name, run, zone};

/// Octets of the answer with these texts, as the library writes it.
fn written(domain: &str, texts: &[Vec<String>]) -> usize {
    let owner = Name::from_ascii(format!("{domain}.")).unwrap();
    let mut message = Message::new(1, MessageType::Response, OpCode::Query);
    message.add_query(Query::query(owner.clone(), RecordType::TXT));
    for strings in texts {
        let data = RData::TXT(TXT::new(strings.clone()));
        message.add_answer(Record::from_rdata(owner.clone(), 300, data));
    }
    message.set_edns(Edns::new());
    message.to_vec().unwrap().len()
}

/// The octets that lint tells, where it tells any.
fn told(domain: &str, texts: &[Vec<String>]) -> Option<(&'static str, usize)> {
    let world = zone(&json!({ domain: { "TXT": texts } }));
    let report = run(&world, &Subject::domain(name(domain)), &LintOptions::default());
    let found = report.diagnostics.iter().find(|found| found.message.starts_with("the answer"))?;
    let mut words = found.message.split(' ');
    let octets = words.find_map(|word| word.parse().ok()).unwrap();
    Some((found.rule.code, octets))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_counted_to_the_octet(
        labels in proptest::collection::vec("[a-z]{1,20}", 1..4),
        terms in 0usize..20,
        others in proptest::collection::vec(proptest::collection::vec("[a-z]{0,255}", 1..3), 0..8),
    ) {
        let domain = format!("{}.example.com", labels.join("."));
        let terms = " ip4:192.0.2.0/24".repeat(terms);
        let own: Vec<String> = vec!["v=spf1".into()]
            .into_iter()
            .chain(terms.as_bytes().chunks(255).map(|part| String::from_utf8(part.to_vec()).unwrap()))
            .chain([" ~all".into()])
            .collect();
        let texts: Vec<Vec<String>> = others.into_iter().chain([own]).collect();
        let expected = match written(&domain, &texts) {
            ..=512 => None,
            octets @ ..=1232 => Some(("SPF802", octets)),
            octets => Some(("SPF803", octets)),
        };
        prop_assert_eq!(told(&domain, &texts), expected);
    }
}
