//! Any policy, any message.

use std::net::IpAddr;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;

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

/// A network of one of few, so that some nest and some repeat.
fn any_network() -> impl Strategy<Value = String> {
    let ip4 = (0u8..4, 0u8..4, 20u8..=32)
        .prop_map(|(high, low, length)| format!("ip4:192.0.{high}.{low}/{length}"));
    let ip6 = (0u8..4, 120u8..=128).prop_map(|(low, length)| format!("ip6:::{low}/{length}"));
    let qualifier = prop_oneof![Just(""), Just("-"), Just("?")];
    (qualifier, prop_oneof![4 => ip4, 1 => ip6, 1 => any_term()]).prop_map(|(qualifier, term)| {
        format!("{qualifier}{}", term.trim_start_matches(['-', '~', '?']))
    })
}

proptest! {
    /// A long record is gone through the first times, then looked up in.
    #[test]
    fn a_long_record_decides_alike_however_often_it_is_used(
        terms in proptest::collection::vec(any_network(), 2..12),
        clients in proptest::collection::vec((0u8..4, 0u8..4), 1..6),
        short in proptest::collection::vec(any_record(), 3),
    ) {
        // Nothing that any client matches makes it long.
        let mut record = String::from("v=spf1");
        (0..300).for_each(|place| record.push_str(&format!(" ip4:10.0.{}.{}", place / 250, place % 250)));
        terms.iter().for_each(|term| record.push_str(&format!(" {term}")));
        let world = World([vec![record], short].concat());
        let options = Options { limits: Limits::UNLIMITED, trace: false };
        let mut used = RecordStore::new();
        let ip4 = clients.iter().map(|(high, low)| IpAddr::from([192, 0, *high, *low]));
        let ip6 = clients.iter().map(|(_, low)| IpAddr::from([0, 0, 0, 0, 0, 0, 0, u16::from(*low)]));
        for ip in ip4.chain(ip6).cycle().take(4 * clients.len() + 8) {
            let message = Message::mail_from(ip, "h.example.org", "x@a.example");
            let again = done(check_host(&world, &mut used, &message, &options));
            let first = done(check_host(&world, &mut RecordStore::new(), &message, &options));
            prop_assert_eq!(again.result, first.result);
            prop_assert_eq!(again.path.len(), first.path.len());
            for (again, first) in again.path.iter().zip(&first.path) {
                prop_assert_eq!(&again.term, &first.term);
            }
        }
    }
}
