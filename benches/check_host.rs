//! How long `check_host()` takes on a policy of ten lookups whose answers and
//! parsed records are in memory, for clients that match early, late and never.
//!
//! `cargo bench --bench check_host`

use std::hint::black_box;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use spfc::dns::{Answer, Cache, MailExchange, Question, RecordType, Records, Reply, Step, Txt};
use spfc::eval::{Message, Options, RecordStore, check_host};
use spfc::name::DomainName;
use spfc::outcome::SpfResult;

const POLICIES: [(&str, &str); 5] = [
    (
        "example.com",
        "v=spf1 ip4:192.0.2.0/28 a mx include:_spf.mailer.example include:_spf.office.example \
         a:shop.example.com ~all",
    ),
    ("_spf.mailer.example", "v=spf1 include:_a.mailer.example include:_b.mailer.example ~all"),
    (
        "_a.mailer.example",
        "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.192/26 ip4:203.0.113.0/27 ip6:2001:db8:1::/48 \
         ip6:2001:db8:2::/48 ~all",
    ),
    ("_b.mailer.example", "v=spf1 ip4:203.0.113.64/26 exists:%{ir}.list.mailer.example ~all"),
    (
        "_spf.office.example",
        "v=spf1 ip4:203.0.113.128/26 a:out.office.example mx:office.example -all",
    ),
];

const ADDRESSES: [(&str, &str); 7] = [
    ("example.com", "192.0.2.80"),
    ("mx1.example.com", "192.0.2.81"),
    ("mx2.example.com", "192.0.2.82"),
    ("shop.example.com", "192.0.2.83"),
    ("out.office.example", "203.0.113.240"),
    ("mx1.office.example", "203.0.113.241"),
    ("mx2.office.example", "203.0.113.242"),
];

const EXCHANGES: [(&str, [&str; 2]); 2] = [
    ("example.com", ["mx1.example.com", "mx2.example.com"]),
    ("office.example", ["mx1.office.example", "mx2.office.example"]),
];

fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a name of this file")
}

fn answers(clients: &[IpAddr]) -> Cache {
    let mut cache = Cache::default();
    let mut insert = |owner: &str, record_type, records| {
        let question = Question::new(name(owner), record_type);
        cache.insert(question, Answer::new(Reply::Records(records)));
    };
    for (owner, record) in POLICIES {
        insert(owner, RecordType::Txt, Records::Txt(vec![Txt::new([record])]));
    }
    for (owner, address) in ADDRESSES {
        let address = address.parse().expect("an address of this file");
        insert(owner, RecordType::A, Records::A(vec![address]));
    }
    for (owner, hosts) in EXCHANGES {
        let exchange = |host| MailExchange { preference: 10, exchange: name(host) };
        insert(owner, RecordType::Mx, Records::Mx(hosts.map(exchange).to_vec()));
    }
    for client in clients {
        let IpAddr::V4(ip) = client else { continue };
        let [a, b, c, d] = ip.octets();
        let listed =
            Question::new(name(&format!("{d}.{c}.{b}.{a}.list.mailer.example")), RecordType::A);
        cache.insert(listed, Answer::new(Reply::NoName));
    }
    cache
}

fn main() {
    let clients = [
        ("first term", IpAddr::from([192, 0, 2, 1]), SpfResult::Pass, 0),
        ("in an include", IpAddr::from([203, 0, 113, 65]), SpfResult::Pass, 5),
        ("no match", IpAddr::from([8, 8, 8, 8]), SpfResult::Softfail, 10),
    ];
    let dns = answers(&clients.map(|(_, ip, ..)| ip));
    let options = Options::default();
    let mut records = RecordStore::new();
    for (what, ip, result, terms) in clients {
        let message = Message::mail_from(ip, "mx1.example.com", "someone@example.com");
        let mut evaluate = || match check_host(&dns, &mut records, black_box(&message), &options) {
            Step::Done(evaluation) => evaluation,
            Step::Need(questions) => panic!("not in memory: {questions:?}"),
        };
        let evaluation = evaluate();
        assert_eq!((evaluation.result, evaluation.lookups.terms), (result, terms), "{what}");
        let queries = evaluation.lookups.queries;
        // The best of many rounds is the one that nothing else disturbed.
        let rounds = 2_000;
        let best = (0..100).map(|_| time(rounds, &mut evaluate)).min().unwrap_or_default();
        let nanoseconds = best.as_nanos() / rounds;
        println!("check_host, {what}: {terms} terms, {queries} questions, {nanoseconds} ns");
    }
}

fn time<T>(rounds: u128, mut run: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(run());
    }
    start.elapsed()
}
