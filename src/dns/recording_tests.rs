//! What is written is read as the same answers, whatever they hold.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::dns::{MailExchange, Records, Txt};

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn recording(answers: Vec<(Question, Answer)>) -> Recording {
    let answers = answers.into_iter().map(|(question, answer)| (question, Arc::new(answer)));
    Recording::new(
        "2026-11-23T12:00:00Z",
        [name("B.test"), name("a.test"), name("b.test")],
        answers,
    )
}

#[test]
fn sources_are_kept() {
    let without = recording(Vec::new());
    assert_eq!(without.source(&name("a.test")), None);
    let with = without.with_source(name("A.test"), name("_s.a.test"));
    let written = with.to_string();
    assert!(written.contains("\n\"sources\":{\"a.test\":\"_s.a.test\"},\n"), "{written}");
    let read = Recording::read(written.as_bytes()).unwrap();
    assert_eq!(read, with);
    assert_eq!(read.source(&name("a.TEST")), Some(&name("_s.a.test")));
    let strange = written.replace("{\"a.test\":", "{\"c.test\":");
    let error = Recording::read(strange.as_bytes()).unwrap_err().to_string();
    assert_eq!(error, "c.test has a source, but is not among the domains");
    let broken = written.replace("\"_s.a.test\"", "\"a..b\"");
    assert!(Recording::read(broken.as_bytes()).is_err());
}

#[test]
fn one_answer_a_line_sorted() {
    let text = Records::Txt(vec![Txt::new([&b"v=spf1 \xff\\"[..]]), Txt::new(["a", ""])]);
    let mx = Records::Mx(vec![
        MailExchange { preference: 20, exchange: name("Mx.b.test") },
        MailExchange { preference: 10, exchange: DomainName::root() },
    ]);
    let written = recording(vec![
        (
            Question::new(name("www.b.test"), RecordType::Mx),
            Answer { ttl: Some(60), aliases: vec![name("B.test")], ..Answer::new(mx.into()) },
        ),
        (Question::new(name("b.test"), RecordType::Txt), Answer::new(text.into())),
        (Question::new(name("b.test"), RecordType::A), Answer::new(Reply::NoData)),
        (
            Question::new(name("z.a.test"), RecordType::A),
            Answer::new(Reply::Failure(Failure::ResponseCode(16))),
        ),
    ])
    .to_string();
    assert_eq!(
        written,
        r#"{
"spfc_lock":1,
"schema":1,
"taken":"2026-11-23T12:00:00Z",
"domains":["a.test","b.test"],
"answers":[
{"name":"z.a.test","type":"A","status":"rcode16"},
{"name":"b.test","type":"A","status":"nodata"},
{"name":"b.test","type":"TXT","records":[["a",""],"v=spf1 \\255\\\\"]},
{"name":"www.b.test","type":"MX","ttl":60,"aliases":["b.test"],"records":["10 .","20 mx.b.test"]}
]
}
"#
    );
}

#[test]
fn what_it_lacks_is_not_known() {
    let asked = Question::new(name("a.test"), RecordType::Txt);
    let empty = recording(Vec::new());
    assert_eq!(empty.lookup(&asked), Err(asked));
    assert_eq!(Recording::read(empty.to_string().as_bytes()).unwrap(), empty);
}

#[test]
fn errors_name_the_question() {
    let line = |line: &str| format!("{{\"spfc_lock\":1,\"answers\":[{line}]}}");
    for (text, message) in [
        (
            r#"{"spfc_lock":2,"answers":[]}"#.to_owned(),
            "the lock file has format 2; this version reads format 1",
        ),
        (line(r#"{"name":"a..b","type":"A"}"#), "the name \"a..b\" has an empty label"),
        (
            line(r#"{"name":"a","type":"SRV"}"#),
            "a: the type \"SRV\" is none of A, AAAA, MX, TXT, PTR, SPF",
        ),
        (line(r#"{"name":"a","type":"A"}"#), "a A: expected either records or a status"),
        (
            line(r#"{"name":"a","type":"A","records":[]}"#),
            "a A: expected an array of IPv4 addresses, at least one",
        ),
        (
            line(r#"{"name":"a","type":"A","status":"gone"}"#),
            "a A: the status \"gone\" is not known",
        ),
        (
            line(
                r#"{"name":"a","type":"A","status":"nodata"},{"name":"A","type":"A","status":"nodata"}"#,
            ),
            "a A: answered twice",
        ),
        (
            line(r#"{"name":"a","type":"TXT","records":["\\256"]}"#),
            "a TXT: expected an array of strings or of arrays of character-strings, at least one",
        ),
    ] {
        assert_eq!(Recording::read(text.as_bytes()).unwrap_err().to_string(), message);
    }
}

fn any_name() -> impl Strategy<Value = DomainName> {
    vec(vec(any::<u8>(), 1..12), 0..6)
        .prop_map(|labels| DomainName::from_labels(labels.iter().map(Vec::as_slice)).unwrap())
}

fn any_records() -> impl Strategy<Value = Records> {
    let text = vec(vec(any::<u8>(), 0..60), 0..4).prop_map(Txt::new);
    let exchange = (any::<u16>(), any_name())
        .prop_map(|(preference, exchange)| MailExchange { preference, exchange });
    prop_oneof![
        vec(any::<Ipv4Addr>(), 1..4).prop_map(Records::A),
        vec(any::<Ipv6Addr>(), 1..4).prop_map(Records::Aaaa),
        vec(exchange, 1..4).prop_map(Records::Mx),
        vec(text.clone(), 1..4).prop_map(Records::Txt),
        vec(text, 1..4).prop_map(Records::Spf),
        vec(any_name(), 1..4).prop_map(Records::Ptr),
    ]
}

fn any_answer() -> impl Strategy<Value = (Question, Answer)> {
    let failure = prop_oneof![
        Just(Failure::ServerFailure),
        Just(Failure::Refused),
        any::<u16>().prop_map(Failure::ResponseCode),
        Just(Failure::Timeout),
        Just(Failure::Malformed),
        Just(Failure::Aliases),
        Just(Failure::Unreachable),
        Just(Failure::Disagreement),
        Just(Failure::Bogus),
        Just(Failure::Unsigned),
    ];
    let reply = prop_oneof![
        any_records().prop_map(Reply::Records),
        Just(Reply::NoData),
        Just(Reply::NoName),
        failure.prop_map(Reply::Failure),
    ];
    let rest = (any_name(), 0..5usize, proptest::option::of(any::<u32>()), vec(any_name(), 0..3));
    (reply, rest).prop_map(|(reply, (name, record_type, ttl, aliases))| {
        let record_type = match &reply {
            Reply::Records(records) => records.record_type(),
            _ => RecordType::ALL[record_type],
        };
        (Question::new(name, record_type), Answer { ttl, aliases, ..Answer::new(reply) })
    })
}

/// Equal but for the order of the records.
fn same(left: &Answer, right: &Answer) -> bool {
    let sorted = |answer: &Answer| match &answer.reply {
        Reply::Records(records) => {
            let mut lines: Vec<String> = match records {
                Records::Txt(texts) => texts.iter().map(|text| format!("{text:?}")).collect(),
                records => write_records(records).iter().map(Value::to_string).collect(),
            };
            lines.sort();
            (lines, None)
        }
        reply => (Vec::new(), Some(reply.clone())),
    };
    sorted(left) == sorted(right) && left.ttl == right.ttl && left.aliases == right.aliases
}

proptest! {
    #[test]
    fn hostile_answers_survive(answers in vec(any_answer(), 0..6)) {
        let taken = recording(answers);
        let written = taken.to_string();
        let read = Recording::read(written.as_bytes()).unwrap();
        prop_assert_eq!(read.domains(), taken.domains());
        prop_assert_eq!(read.answers().len(), taken.answers().len());
        for ((question, answer), (other, read)) in taken.answers().into_iter().zip(read.answers()) {
            prop_assert_eq!(question, other);
            prop_assert!(same(answer, read), "{:?} became {:?}", answer, read);
        }
        prop_assert_eq!(read.to_string(), written.clone());
        let lines = taken.answers().len();
        prop_assert_eq!(written.lines().count(), 8 + lines);
        prop_assert!(written.bytes().all(|octet| octet == b'\n' || (b' '..=b'~').contains(&octet)));
    }

    #[test]
    fn never_panics(octets in vec(any::<u8>(), 0..200)) {
        let _ = Recording::read(&octets);
    }

    #[test]
    fn never_panics_on_near_misses(
        name in "[a-z.\\\\0-9]{0,8}", kind in "(A|AAAA|MX|TXT|PTR|x)",
        values in "(\\[|\"|\\]|,|10|a| |\\\\|null|192.0.2.1){0,8}",
    ) {
        let line = format!("{{\"name\":\"{name}\",\"type\":\"{kind}\",\"records\":[{values}]}}");
        let _ = Recording::read(format!("{{\"spfc_lock\":1,\"answers\":[{line}]}}").as_bytes());
    }
}
