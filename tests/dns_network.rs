//! The network as a source of answers, tried on a server on the loopback.

// What fails here is a failed run.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;
use std::net::{Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use hickory_proto::op::ResponseCode;
use proptest::prelude::*;
use spfc::dns::{
    Answer, Ask, Bounds, Failure, Hickory, Lookup, Question, RecordType, Records, Reply, Source,
    Step, Txt,
};
use spfc::limits::ALIASES;
use spfc::name::DomainName;
use spfc::policy::{WalkOptions, walk};
use support::dns_server::Server;
use support::zone::{Behaviour, NEGATIVE_TTL, TTL, Zone};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(250);

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn start(zone: Zone) -> Server {
    Server::start(zone, Duration::ZERO)
}

/// Asks one question, on a runtime of its own.
fn ask_all(
    servers: &[SocketAddr],
    timeout: Duration,
    questions: &[(&str, RecordType)],
) -> Vec<Answer> {
    let hickory = Hickory::new(servers, timeout).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    questions
        .iter()
        .map(|(owner, kind)| runtime.block_on(hickory.ask(Question::new(name(owner), *kind))))
        .collect()
}

fn ask(server: &Server, owner: &str, kind: RecordType) -> Answer {
    ask_all(&[server.address], LONG, &[(owner, kind)]).remove(0)
}

#[test]
fn reads_every_type() {
    let server = start(Zone::from_json(
        r#"{"all.test": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": ["2001:db8::1"],
            "MX": ["10 mx.test", [20, ""]], "PTR": ["host.test"], "TXT": [["v=spf1 ", "-all"], ""],
            "SPF": ["\u0007v=spf1 \u0004-all"]}}"#,
    ));
    let replies: Vec<Reply> = RecordType::ALL
        .into_iter()
        .map(|kind| ask(&server, "ALL.test", kind))
        .inspect(|answer| assert_eq!(answer.ttl, Some(TTL), "{:?}", answer.reply))
        .map(|answer| answer.reply)
        .collect();
    let exchange =
        |preference, host: &str| spfc::dns::MailExchange { preference, exchange: name(host) };
    assert_eq!(
        replies,
        [
            Records::A(vec![[192, 0, 2, 1].into(), [192, 0, 2, 2].into()]),
            Records::Aaaa(vec!["2001:db8::1".parse().unwrap()]),
            Records::Mx(vec![exchange(10, "mx.test"), exchange(20, ".")]),
            Records::Txt(vec![Txt::new(["v=spf1 ", "-all"]), Txt::new([""])]),
            Records::Ptr(vec![name("host.test")]),
            Records::Spf(vec![Txt::new(["v=spf1 ", "-all"])]),
        ]
        .map(Reply::Records)
    );
}

#[test]
fn negative_answers_and_failures_stay_apart() {
    let mut zone = Zone::default().a("below.empty.test", [192, 0, 2, 1]);
    for (owner, behaviour) in [
        ("servfail.test", Behaviour::Code(ResponseCode::ServFail)),
        ("refused.test", Behaviour::Code(ResponseCode::Refused)),
        ("formerr.test", Behaviour::Code(ResponseCode::FormErr)),
        ("badvers.test", Behaviour::Code(ResponseCode::BADVERS)),
        ("unknown.test", Behaviour::Code(ResponseCode::from(0, 13))),
        ("garbage.test", Behaviour::Garbage),
        ("referral.test", Behaviour::Referral),
        ("silent.test", Behaviour::Silent),
        ("wrong-id.test", Behaviour::WrongId),
    ] {
        zone = zone.behave(owner, behaviour);
    }
    let server = start(zone);
    for (owner, reply) in [
        ("none.test", Reply::NoName),
        ("empty.test", Reply::NoData),
        ("below.empty.test", Reply::NoData),
    ] {
        let answer = ask(&server, owner, RecordType::Txt);
        assert_eq!((answer.reply, answer.ttl), (reply, Some(NEGATIVE_TTL)), "{owner}");
    }
    for (owner, failure) in [
        ("servfail.test", Failure::ServerFailure),
        ("refused.test", Failure::Refused),
        ("formerr.test", Failure::ResponseCode(1)),
        ("badvers.test", Failure::ResponseCode(16)),
        ("unknown.test", Failure::ResponseCode(13)),
        ("garbage.test", Failure::Malformed),
        // Not that there is nothing (RFC 2308 section 2.2).
        ("referral.test", Failure::Malformed),
    ] {
        assert_eq!(ask(&server, owner, RecordType::Txt).failure(), Some(failure), "{owner}");
    }
    assert_eq!(server.asked().len(), 10, "nothing is asked again but over a lost packet");
    for owner in ["silent.test", "wrong-id.test"] {
        let started = Instant::now();
        let answer = ask_all(&[server.address], SHORT, &[(owner, RecordType::Txt)]).remove(0);
        assert_eq!(answer.failure(), Some(Failure::Timeout), "{owner}");
        assert!(started.elapsed() >= SHORT);
    }
}

#[test]
fn every_name_is_asked() {
    let owners = [
        "x.invalid",
        "localhost",
        "a.localhost",
        "1.0.0.127.in-addr.arpa",
        "x.onion",
        "x.local",
        ".",
    ];
    let mut zone = Zone::default();
    for owner in owners {
        zone = zone.txt(owner, &[b"asked"]);
    }
    let server = start(zone);
    for owner in owners {
        assert_eq!(ask(&server, owner, RecordType::Txt).texts(), [Txt::new(["asked"])], "{owner}");
    }
    assert_eq!(server.asked().len(), owners.len());
}

#[test]
fn truncated_answers_are_asked_again_over_tcp() {
    let long = [b'x'; 255];
    let strings: Vec<&[u8]> = (0..20).map(|_| &long[..]).collect();
    let server = start(
        Zone::default()
            .txt("long.test", &strings)
            .txt("short.test", &[b"short"])
            .behave("short.test", Behaviour::Truncated)
            .txt("closed.test", &[b"never"])
            .behave("closed.test", Behaviour::CloseTcp),
    );
    assert_eq!(ask(&server, "long.test", RecordType::Txt).texts(), [Txt::new(strings)]);
    assert_eq!(ask(&server, "short.test", RecordType::Txt).texts(), [Txt::new(["short"])]);
    let transports: Vec<bool> = server.asked().iter().map(|asked| asked.tcp).collect();
    assert_eq!(transports, [false, true, false, true]);
    let closed = ask(&server, "closed.test", RecordType::Txt);
    assert!(matches!(closed.failure(), Some(Failure::Unreachable | Failure::Timeout)));
}

#[test]
fn aliases_are_followed() {
    let mut zone = Zone::default()
        .cname("www.test", "mid.test")
        .cname("mid.test", "Host.test")
        .a("host.test", [192, 0, 2, 1])
        .cname("nowhere.test", "none.test")
        .cname("loop.test", "pool.test")
        .cname("pool.test", "loop.test")
        .cname("bare.test", "www.test")
        .behave("bare.test", Behaviour::AliasOnly);
    for step in 0..=ALIASES {
        zone = zone.cname(&format!("n{step}.test"), &format!("n{}.test", step + 1));
    }
    zone = zone.a(&format!("n{}.test", ALIASES + 1), [192, 0, 2, 2]);
    let server = start(zone);

    let www = ask(&server, "www.test", RecordType::A);
    assert_eq!(www.ip4_addresses(), [std::net::Ipv4Addr::new(192, 0, 2, 1)]);
    assert_eq!(www.aliases, [name("mid.test"), name("host.test")]);
    assert_eq!(server.asked().len(), 1);

    let no_data = ask(&server, "www.test", RecordType::Txt);
    assert_eq!((no_data.reply, no_data.ttl), (Reply::NoData, Some(NEGATIVE_TTL)));
    assert_eq!(no_data.aliases.len(), 2);
    let nowhere = ask(&server, "nowhere.test", RecordType::A);
    assert_eq!((nowhere.reply, nowhere.aliases), (Reply::NoName, vec![name("none.test")]));
    assert_eq!(ask(&server, "loop.test", RecordType::A).failure(), Some(Failure::Aliases));
    assert_eq!(ask(&server, "n0.test", RecordType::A).failure(), Some(Failure::Aliases));
    assert_eq!(ask(&server, "n1.test", RecordType::A).aliases.len(), ALIASES);

    server.forget();
    let bare = ask(&server, "bare.test", RecordType::A);
    assert_eq!((bare.reply, bare.aliases.len()), (www.reply, 3));
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn the_next_server_is_asked_where_one_is_silent() {
    let refusing = start(Zone::default().behave("a.test", Behaviour::Code(ResponseCode::Refused)));
    let silent = start(Zone::default().behave("a.test", Behaviour::Silent));
    let server = Server::start_at(
        Zone::default().txt("a.test", &[b"there"]),
        Duration::ZERO,
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
    );
    let addresses = [refusing.address, silent.address, server.address];
    let timeout = Duration::from_secs(1);
    let answer = ask_all(&addresses, timeout, &[("a.test", RecordType::Txt)]).remove(0);
    assert_eq!(answer.texts(), [Txt::new(["there"])]);
    let answer = ask_all(&addresses, timeout, &[("b.test", RecordType::Txt)]).remove(0);
    assert_eq!(answer.reply, Reply::NoName);
    assert_eq!(server.asked().len(), 1, "an answer of the first server counts");
}

#[test]
fn nobody_listens() {
    // Bound and closed again, so that nothing listens there.
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answer = ask_all(&[closed], SHORT, &[("a.test", RecordType::Txt)]).remove(0);
    assert!(matches!(answer.failure(), Some(Failure::Timeout | Failure::Unreachable)));
    assert!(Hickory::new(&[], LONG).is_err());
}

/// The questions behind the policy of `a.test`.
fn asked(lookup: &dyn Lookup) -> Step<HashSet<Question>> {
    let domain = DomainName::parse("a.test").unwrap();
    match walk(lookup, &domain, &WalkOptions::default()) {
        Ok(graph) => Step::Done(graph.asked),
        Err(questions) => Step::Need(questions),
    }
}

#[test]
fn no_question_is_asked_twice() {
    let zone = Zone::from_json(
        r#"{
        "a.test": {"TXT": ["v=spf1 include:b.test include:c.test include:d.test a mx mx:b.test -all"],
                   "MX": ["10 h.test"], "A": ["192.0.2.1"]},
        "b.test": {"TXT": ["v=spf1 include:d.test a:h.test include:c.test -all"], "MX": ["10 h.test"]},
        "c.test": {"CNAME": "d.test"}, "d.test": {"TXT": ["v=spf1 a:h.test include:none.test -all"]},
        "h.test": {"A": ["192.0.2.2"]}}"#,
    )
    .behave("c.test", Behaviour::AliasOnly);
    let server = Server::start(zone, Duration::from_millis(2));
    let mut source = Source::network(Hickory::new(&[server.address], LONG).unwrap()).unwrap();
    let needed = source.run(|lookup| asked(lookup)).unwrap();
    assert_eq!(source.answers().len(), needed.len());
    let again = source.run(|lookup| asked(lookup)).unwrap();
    assert_eq!(again, needed);
    let mut asked: Vec<(String, String)> =
        server.asked().into_iter().map(|asked| (asked.name, asked.record_type)).collect();
    assert_eq!(asked.len(), needed.len());
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), needed.len());
}

#[test]
fn many_programs_share_their_questions() {
    let mut zone = Zone::default()
        .txt("provider.test", &[b"v=spf1 include:alias.test -all"])
        .cname("alias.test", "target.test")
        .txt("target.test", &[b"v=spf1 -all"])
        .behave("alias.test", Behaviour::AliasOnly)
        .behave("d7.test", Behaviour::Silent);
    for index in 0..100 {
        zone = zone.txt(&format!("d{index}.test"), &[b"v=spf1 include:provider.test a -all"]);
    }
    let server = Server::start(zone, Duration::from_millis(2));
    let hickory = Hickory::new(&[server.address], SHORT).unwrap().forgetting();
    let source = Source::network(hickory).unwrap();
    let (sender, mut jobs) = tokio::sync::mpsc::channel(100);
    (0..100).for_each(|index| sender.try_send(name(&format!("d{index}.test"))).unwrap());
    drop(sender);
    let (results, mut ended) = tokio::sync::mpsc::channel(100);
    let asked = source.run_each(
        Bounds { programs: 16, questions: 16, kept_octets: 1 << 20 },
        &mut jobs,
        &results,
        |domain: &DomainName, lookup| match walk(lookup, domain, &WalkOptions::default()) {
            Ok(graph) => Step::Done(graph),
            Err(questions) => Step::Need(questions),
        },
        |domain, graph| (domain, graph.unwrap().root().record().is_some()),
    );
    drop(results);
    let ended: Vec<(DomainName, bool)> = std::iter::from_fn(|| ended.try_recv().ok()).collect();
    let failed: Vec<_> = ended.iter().filter(|(_, found)| !found).map(|(name, _)| name).collect();
    // Each domain's own record, the addresses of all but the one that does not
    // answer, the provider and the alias: the program knows no more questions.
    assert_eq!((asked, ended.len(), failed), (100 + 2 * 99 + 2, 100, vec![&name("d7.test")]));
    // What is asked again is a question whose answer got lost, and the target of
    // an alias is one more.
    let asked: HashSet<(String, String)> =
        server.asked().into_iter().map(|asked| (asked.name, asked.record_type)).collect();
    assert_eq!(asked.len(), 100 + 2 * 99 + 3);
}

#[test]
fn a_run_can_be_repeated_from_its_recording() {
    let server = start(
        Zone::default()
            .txt("a.test", &[b"v=spf1 include:b.test include:silent.test", b"\xff\x00\\"])
            .txt("b.test", &[b"v=spf1 include:none.test -all"])
            .behave("silent.test", Behaviour::Silent),
    );
    let mut source = Source::network(Hickory::new(&[server.address], SHORT).unwrap()).unwrap();
    let needed = source.run(|lookup| asked(lookup)).unwrap();
    let taken = spfc::dns::Recording::of_run("", [name("a.test")], source.answers());
    let read = spfc::dns::Recording::read(taken.to_string().as_bytes()).unwrap();
    assert_eq!(read, taken);
    let mut closed = Source::closed(read);
    assert_eq!(closed.run(|lookup| asked(lookup)).unwrap(), needed);
}

#[test]
fn many_questions_at_once() {
    let mut zone = Zone::default();
    for number in 0..1000 {
        zone = zone.a(&format!("h{number}.test"), [192, 0, 2, (number % 250) as u8]);
    }
    let server = Server::start(zone, Duration::from_millis(2));
    let mut source = Source::network(Hickory::new(&[server.address], LONG).unwrap()).unwrap();
    let questions: Vec<Question> = (0..1000)
        .map(|number| Question::new(name(&format!("h{number}.test")), RecordType::A))
        .collect();
    let answered = source
        .run(|lookup| {
            let missing: Vec<Question> =
                questions.iter().filter_map(|question| lookup.lookup(question).err()).collect();
            if missing.is_empty() { Step::Done(true) } else { Step::Need(missing) }
        })
        .unwrap();
    assert!(answered);
    assert!(source.answers().iter().all(|(_, answer)| answer.ip4_addresses().len() == 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_octets_survive(
        labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 1..6),
        strings in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..=255), 1..4),
    ) {
        let owner = hickory_proto::rr::Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
        let texts: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
        let server = start(Zone::default().txt_at(owner, &texts));
        let owner = DomainName::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
        let hickory = Hickory::new(&[server.address], LONG).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(hickory.ask(Question::new(owner, RecordType::Txt)));
        prop_assert_eq!(answer.reply, Reply::Records(Records::Txt(vec![Txt::new(strings)])));
    }
}
