//! Evaluations as a whole: what is asked when, what ends a loop, what a trace
//! says. Single cases of RFC 7208 are in tests/conformance.

use std::net::IpAddr;
use std::sync::Arc;

use proptest::prelude::*;

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

/// Answers each TXT question with the same record, and no other question.
struct Everywhere(&'static str);

impl Lookup for Everywhere {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Ok(Arc::new(Answer::new(match question.record_type {
            RecordType::Txt => txt(self.0),
            _ => Reply::NoName,
        })))
    }
}

fn ceiling_of(evaluation: &Evaluation) -> Ceiling {
    assert_eq!(evaluation.result, SpfResult::Permerror);
    match &evaluation.problem {
        Some(Problem::Ceiling { ceiling, .. }) => *ceiling,
        other => panic!("{other:?}"),
    }
}

#[test]
fn asks_for_all_that_is_known_the_needed_first() {
    let mut dns = Cache::default();
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["example.com TXT"]);
    let record = "v=spf1 a:h1.example include:inner.example mx:m.example exists:%{p}.example \
                  -all exp=why.example";
    dns.insert(question("example.com", RecordType::Txt), Answer::new(txt(record)));
    assert_eq!(
        needed(run(&dns, "192.0.2.1", Limits::RFC7208)),
        [
            "h1.example A",
            "inner.example TXT",
            "m.example MX",
            "1.2.0.192.in-addr.arpa PTR",
            "why.example TXT"
        ]
    );
    let hosts = mx(&["m1.example", "m2.example"]);
    dns.insert(question("m.example", RecordType::Mx), Answer::new(hosts));
    dns.insert(question("h1.example", RecordType::A), Answer::new(a(&["192.0.2.9"])));
    assert_eq!(
        needed(run(&dns, "192.0.2.1", Limits::RFC7208)),
        [
            "inner.example TXT",
            "m1.example A",
            "m2.example A",
            "1.2.0.192.in-addr.arpa PTR",
            "why.example TXT"
        ]
    );
}

#[test]
fn asks_nothing_behind_a_match() {
    let dns = cache(
        &[("example.com", "v=spf1 a:h1.example ip4:192.0.2.1 a:h2.example include:x.example")],
        &[],
    );
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["h1.example A"]);
}

#[test]
fn a_verdict_waits_for_what_is_missing_in_an_include() {
    let dns = cache(
        &[
            ("example.com", "v=spf1 include:b.example -all"),
            ("b.example", "v=spf1 a:h.example ?all"),
        ],
        &[],
    );
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["h.example A"]);
}

#[test]
fn overlaid_questions_are_asked_where_they_are_read() {
    let dns = crate::dns::SourceAs::new(Cache::default(), name("example.com"), name("src.example"));
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::RFC7208)), ["src.example TXT"]);
}

#[test]
fn malformed_domains_ask_nothing() {
    let message = Message::mail_from("192.0.2.1".parse().unwrap(), "h", "a@[192.0.2.1]");
    let step =
        check_host(&Cache::default(), &mut RecordStore::new(), &message, &Options::default());
    let evaluation = done(step);
    assert_eq!(evaluation.result, SpfResult::None);
    assert_eq!(evaluation.lookups, Lookups::default());
}

#[test]
fn counts_what_it_cost() {
    let dns = cache(
        &[("example.com", "v=spf1 include:b.example mx ~all"), ("b.example", "v=spf1 a:h.example")],
        &[
            ("h.example", RecordType::A, Reply::NoName),
            ("example.com", RecordType::Mx, mx(&["h.example", "m.example"])),
            ("m.example", RecordType::A, a(&["192.0.2.2"])),
        ],
    );
    let evaluation = done(run(&dns, "192.0.2.1", Limits::RFC7208));
    assert_eq!(evaluation.result, SpfResult::Softfail);
    assert_eq!(
        evaluation.lookups,
        Lookups { terms: 3, void: 2, void_ip4: 2, void_ip6: 0, queries: 5 }
    );
}

#[test]
fn says_which_term_matched_and_how_it_got_there() {
    let dns = cache(
        &[
            ("example.com", "v=spf1 ip4:192.0.2.9 redirect=r.example"),
            ("r.example", "v=spf1 -include:b.example +all"),
            ("b.example", "v=spf1 ?ip4:192.0.2.8 IP4:192.0.2.0/24 -all"),
        ],
        &[],
    );
    let evaluation = done(run(&dns, "192.0.2.1", Limits::RFC7208));
    assert_eq!(evaluation.result, SpfResult::Fail);
    let path: Vec<String> = evaluation
        .path
        .iter()
        .map(|matched| format!("{} {}", matched.domain(), matched.term()))
        .collect();
    assert_eq!(path, ["r.example -include:b.example", "b.example IP4:192.0.2.0/24"]);
    assert_eq!(evaluation.directive().unwrap().mechanism(), "include");
    assert_eq!(evaluation.matched().unwrap().mechanism(), "ip4");
    let trace: Vec<String> = evaluation
        .trace
        .iter()
        .map(|entry| format!("{} {} {}", entry.depth, entry.term, entry.outcome.as_str()))
        .collect();
    assert_eq!(
        trace,
        [
            "0 ip4:192.0.2.9 no-match",
            "0 redirect=r.example followed",
            "1 -include:b.example match",
            "2 ?ip4:192.0.2.8 no-match",
            "2 IP4:192.0.2.0/24 match",
        ]
    );
}

#[test]
fn an_error_is_the_last_thing_in_the_trace() {
    let dns = cache(
        &[
            ("example.com", "v=spf1 include:b.example -all"),
            ("b.example", "v=spf1 a:h.example ?all"),
        ],
        &[("h.example", RecordType::A, Reply::Failure(Failure::ServerFailure))],
    );
    let evaluation = done(run(&dns, "192.0.2.1", Limits::RFC7208));
    assert_eq!(evaluation.result, SpfResult::Temperror);
    assert!(evaluation.trace.iter().all(|entry| entry.outcome == TermOutcome::Error));
    let problem = evaluation.problem.unwrap();
    assert_eq!(
        problem.to_string(),
        "b.example: a:h.example: h.example A: the server failed (SERVFAIL)"
    );
    assert_eq!(
        (problem.domain(), problem.term().as_deref()),
        (&name("b.example"), Some("a:h.example"))
    );
}

#[test]
fn a_syntax_problem_keeps_all_errors() {
    let dns = cache(&[("example.com", "v=spf1 ip4:192.0.2.1 foo a:%x.example all:y")], &[]);
    let problem = done(run(&dns, "192.0.2.1", Limits::RFC7208)).problem.unwrap();
    assert_eq!(problem.syntax_errors().len(), 3);
    assert_eq!(problem.result(), SpfResult::Permerror);
    assert_eq!(problem.term().as_deref(), Some("foo"));
}

#[test]
fn loops_end_at_the_level_ceiling_without_limits() {
    for record in
        ["v=spf1 include:%{d} -all", "v=spf1 redirect=%{d}", "v=spf1 include:x.%{d2} -all"]
    {
        let evaluation = done(run(&Everywhere(record), "192.0.2.1", Limits::UNLIMITED));
        assert_eq!(ceiling_of(&evaluation), Ceiling::Levels(64), "{record}");
        assert_eq!(evaluation.trace.len(), 64);
    }
    let limited = done(run(&Everywhere("v=spf1 include:%{d} -all"), "192.0.2.1", Limits::RFC7208));
    assert!(matches!(limited.problem, Some(Problem::LookupTerms { limit: 10, .. })));
}

#[test]
fn distinct_names_end_at_the_question_ceiling() {
    let limits =
        Limits { ceilings: Ceilings { levels: 10, ..Ceilings::DEFAULT }, ..Limits::UNLIMITED };
    // Each record includes two others of names that never come again, until
    // they are cut to 253 octets; the tenth level alone has a thousand.
    let record = "v=spf1 include:a.%{d} include:b.%{d} a:%{d} -all";
    struct Tree(&'static str);
    impl Lookup for Tree {
        fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
            Ok(Arc::new(Answer::new(match question.record_type {
                RecordType::Txt if question.name.label_count() > 10 => txt("v=spf1 -all"),
                RecordType::Txt => txt(self.0),
                _ => Reply::NoName,
            })))
        }
    }
    assert_eq!(
        ceiling_of(&done(run(&Tree(record), "192.0.2.1", limits))),
        Ceiling::Questions(1_000)
    );
}

#[test]
fn large_answers_and_many_prefixes_meet_their_ceilings() {
    let small = Ceilings { octets: 100, prefixes: 3, ..Ceilings::DEFAULT };
    let limits = Limits { ceilings: small, ..Limits::UNLIMITED };
    let octets = "v=spf1 include:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.%{d} ~all";
    let evaluation = done(run(&Everywhere(octets), "192.0.2.1", limits));
    assert_eq!(ceiling_of(&evaluation), Ceiling::Octets(100));
    let prefixes = "v=spf1 ip4:192.0.2.2 ip6:::1 ip4:192.0.2.3 ip4:192.0.2.4 -all";
    let evaluation = done(run(&Everywhere(prefixes), "192.0.2.1", limits));
    assert_eq!(ceiling_of(&evaluation), Ceiling::Prefixes(3));
}

#[test]
fn records_included_again_and_again_are_evaluated_once() {
    // Ten includes deep ten times: 10^10 evaluations if each were repeated.
    let mut dns = Cache::default();
    for level in 0..10 {
        let owner = if level == 0 { "example.com".to_owned() } else { format!("l{level}.example") };
        let include = format!(" include:l{}.example", level + 1);
        let record = format!("v=spf1{} ?all", include.repeat(10));
        dns.insert(question(&owner, RecordType::Txt), Answer::new(txt(&record)));
    }
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::UNLIMITED)), ["l10.example TXT"]);
    let last = Answer::new(txt("v=spf1 exists:no.example -all"));
    dns.insert(question("l10.example", RecordType::Txt), last);
    dns.insert(question("no.example", RecordType::A), Answer::new(Reply::NoName));
    let evaluation = done(run(&dns, "192.0.2.1", Limits::UNLIMITED));
    assert_eq!(evaluation.result, SpfResult::Neutral);
    assert_eq!(evaluation.lookups.queries, 12);
    // 10 + 100 + … + 10^10 includes and 10^10 exists: more than the counter holds.
    assert_eq!((evaluation.lookups.terms, evaluation.lookups.void), (u32::MAX, u32::MAX));
}

#[test]
fn the_ten_names_of_ptr_stay_without_limits() {
    let hosts: Vec<DomainName> =
        (0..11).map(|host| name(&format!("h{host}.example.com"))).collect();
    let mut dns = cache(&[("example.com", "v=spf1 ptr -all")], &[]);
    let names = Reply::from(Records::Ptr(hosts.clone()));
    dns.insert(question("1.2.0.192.in-addr.arpa", RecordType::Ptr), Answer::new(names));
    assert_eq!(needed(run(&dns, "192.0.2.1", Limits::UNLIMITED)).len(), 10);
    for host in &hosts[..10] {
        dns.insert(Question::new(host.clone(), RecordType::A), Answer::new(a(&["192.0.2.7"])));
    }
    assert_eq!(done(run(&dns, "192.0.2.1", Limits::UNLIMITED)).result, SpfResult::Fail);
}

#[test]
fn one_store_serves_many_addresses_and_sources() {
    let mut records = RecordStore::new();
    let options = Options::default();
    let mut message = message("192.0.2.1");
    for (record, inside) in
        [("v=spf1 ip4:192.0.2.0/25 -all", 128), ("v=spf1 ip4:192.0.2.0/26 -all", 64)]
    {
        let dns = cache(&[("example.com", record)], &[]);
        let mut passes = 0;
        for last in 0..=255 {
            message.set_ip(IpAddr::from([192, 0, 2, last]));
            let evaluation = done(check_host(&dns, &mut records, &message, &options));
            passes += usize::from(evaluation.result == SpfResult::Pass);
        }
        assert_eq!(passes, inside);
    }
}

/// Terms that ask for a handful of names, to be joined to records.
fn any_term() -> impl Strategy<Value = String> {
    let host = "[a-d]";
    prop_oneof![
        host.prop_map(|host| format!("include:{host}.example")),
        host.prop_map(|host| format!("-include:{host}.example")),
        host.prop_map(|host| format!("redirect={host}.example")),
        host.prop_map(|host| format!("a:{host}.example/24")),
        host.prop_map(|host| format!("~mx:{host}.example")),
        host.prop_map(|host| format!("?exists:%{{ir}}.{host}.example")),
        host.prop_map(|host| format!("exists:%{{p}}.{host}.example")),
        host.prop_map(|host| format!("exp={host}.example")),
        Just("ptr:example".to_owned()),
        Just("ip4:192.0.2.0/31".to_owned()),
        Just("-all".to_owned()),
    ]
}

fn any_record() -> impl Strategy<Value = String> {
    proptest::collection::vec(any_term(), 0..6)
        .prop_map(|terms| format!("v=spf1 {}", terms.join(" ")))
}

/// A closed world of four hosts, each with a record, an address and itself as
/// mail exchange.
struct World(Vec<String>);

impl World {
    fn reply(&self, question: &Question) -> Reply {
        let text = question.name.to_string();
        if question.record_type == RecordType::Ptr {
            return Reply::from(Records::Ptr(vec![name("b.example"), name("no.example")]));
        }
        let Some(host) = text.strip_suffix(".example").filter(|host| host.len() == 1) else {
            return Reply::NoName;
        };
        let index = usize::from(host.as_bytes()[0] - b'a');
        match question.record_type {
            RecordType::Txt => self.0.get(index).map_or(Reply::NoData, |record| txt(record)),
            RecordType::A => {
                a(&[["192.0.2.1", "192.0.2.130", "198.51.100.1", "203.0.113.9"][index]])
            }
            RecordType::Mx => mx(&[&text]),
            _ => Reply::NoData,
        }
    }
}

impl Lookup for World {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Ok(Arc::new(Answer::new(self.reply(question))))
    }
}

proptest! {
    /// Answers that come in one after the other lead to the same evaluation as
    /// answers that were all there, and the first question of each step is
    /// one that the evaluation asks.
    #[test]
    fn answers_may_come_one_by_one(
        records in proptest::collection::vec(any_record(), 4),
        last in 0u8..=255,
        unlimited: bool,
    ) {
        let world = World(records);
        let ip = IpAddr::from([192, 0, 2, last]);
        let message = Message::mail_from(ip, "h.example.org", "x@a.example");
        let limits = if unlimited { Limits::UNLIMITED } else { Limits::RFC7208 };
        let options = Options { limits, trace: true };
        let whole = done(check_host(&world, &mut RecordStore::new(), &message, &options));
        let mut dns = Cache::default();
        let mut store = RecordStore::new();
        let one_by_one = loop {
            match check_host(&dns, &mut store, &message, &options) {
                Step::Done(evaluation) => break evaluation,
                Step::Need(questions) => {
                    let first = questions[0].clone();
                    let answer = Answer::new(world.reply(&first));
                    dns.insert(first, answer);
                }
            }
        };
        prop_assert_eq!(one_by_one.result, whole.result);
        prop_assert_eq!(one_by_one.explanation, whole.explanation);
        prop_assert_eq!(one_by_one.lookups, whole.lookups);
        prop_assert_eq!(one_by_one.trace, whole.trace);
        // Nothing but the needed questions was asked.
        prop_assert_eq!(dns.len(), whole.lookups.queries as usize);
    }

    /// Hostile records and messages end in some result, without a panic.
    #[test]
    fn hostile_records_end(
        text in "v=spf1( [-+~?]?(a|mx|ptr|ip4|exists|include|redirect=|exp=)?[:=/]?[%{}a-z0-9./-]{0,12}){0,8}",
        helo in proptest::collection::vec(any::<u8>(), 0..80),
        sender in proptest::collection::vec(any::<u8>(), 0..40),
        ip in any::<IpAddr>(),
    ) {
        struct Same(String);
        impl Lookup for Same {
            fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
                Ok(Arc::new(Answer::new(match question.record_type {
                    RecordType::Txt => txt(&self.0),
                    RecordType::Ptr => Reply::from(Records::Ptr(vec![name("a.example")])),
                    _ => Reply::NoName,
                })))
            }
        }
        let message = Message::mail_from(ip, &helo, &sender).with_domain("example.com");
        for limits in [Limits::RFC7208, Limits::UNLIMITED] {
            let options = Options { limits, trace: true };
            let step = check_host(&Same(text.clone()), &mut RecordStore::new(), &message, &options);
            let evaluation = done(step);
            received_spf(&message, &evaluation);
            authentication_results(&message, &evaluation);
        }
    }
}
