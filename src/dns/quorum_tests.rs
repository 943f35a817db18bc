//! Who agrees with whom, and that nothing is believed that too few say.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;
use crate::dns::{MailExchange, RecordType, Txt};

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn question() -> Question {
    Question::new(name("a.test"), RecordType::Txt)
}

fn texts(texts: &[&str]) -> Answer {
    let records = texts.iter().map(|text| Txt::new([text])).collect();
    Answer::new(Records::Txt(records).into())
}

fn no_name() -> Answer {
    Answer::new(Reply::NoName)
}

/// Gives out each question to the test, which answers when it likes.
#[derive(Default)]
struct ByHand {
    waiting: Mutex<Vec<oneshot::Sender<Answer>>>,
}

impl Ask for Arc<ByHand> {
    fn ask(&self, _question: Question) -> BoxFuture<'static, Answer> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap().push(sender);
        receiver.map(Result::unwrap).boxed()
    }
}

/// A resolver by its number.
fn resolver(number: u8) -> SocketAddr {
    SocketAddr::new([192, 0, 2, number].into(), DNS_PORT)
}

/// Asks as many resolvers as there are answers, which come in the order given
/// by their places; what was given, and behind how many answers.
fn ask(needed: usize, answers: &[Answer], order: &[usize]) -> (Answer, usize) {
    let hands: Vec<Arc<ByHand>> = answers.iter().map(|_| Arc::default()).collect();
    let askers =
        (1..).zip(&hands).map(|(host, hand)| (resolver(host), Box::new(hand.clone()) as Asker));
    let quorum = Quorum::new(askers, needed).unwrap();
    let mut asked = pin!(quorum.ask(question()));
    let mut context = Context::from_waker(futures_util::task::noop_waker_ref());
    assert!(asked.as_mut().poll(&mut context).is_pending());
    for (count, place) in order.iter().enumerate() {
        let sender = hands[*place].waiting.lock().unwrap().pop().unwrap();
        sender.send(answers[*place].clone()).unwrap();
        if let Poll::Ready(answer) = asked.as_mut().poll(&mut context) {
            return (answer, count + 1);
        }
    }
    panic!("no answer behind all");
}

#[test]
fn the_answer_is_given_as_soon_as_enough_agree() {
    let spf = |ttl, aliases: &[&str]| Answer {
        ttl: Some(ttl),
        aliases: aliases.iter().map(|alias| name(alias)).collect(),
        ..texts(&["v=spf1 -all", "x"])
    };
    let turned = Answer { ttl: Some(60), ..texts(&["x", "v=spf1 -all"]) };
    let answers = [spf(300, &["b.test"]), no_name(), turned, spf(5, &[])];
    let (answer, count) = ask(2, &answers, &[0, 1, 2, 3]);
    assert_eq!((answer.ttl, count), (Some(60), 3));
    assert_eq!(answer, Answer { ttl: Some(60), ..spf(300, &["b.test"]) });
    assert_eq!(ask(3, &answers, &[1, 3, 2, 0]).0.ttl, Some(5));
    assert_eq!(ask(1, &answers, &[1, 0, 2, 3]), (no_name(), 1));
}

#[test]
fn disagreement_is_told_as_soon_as_it_is_certain() {
    let none = Answer::new(Reply::NoData);
    let (answer, count) = ask(2, &[no_name(), none.clone(), texts(&["x"])], &[0, 1, 2]);
    assert_eq!((answer.failure(), count), (Some(Failure::Disagreement), 3));
    let (answer, count) =
        ask(4, &[no_name(), none, no_name(), no_name(), no_name()], &[1, 0, 2, 3, 4]);
    assert_eq!((answer, count), (no_name(), 5));
    let many = [texts(&["a"]), texts(&["b"]), texts(&["c"]), texts(&["d"]), texts(&["e"])];
    let (answer, count) = ask(3, &many, &[4, 3, 2, 1, 0]);
    assert_eq!((answer.failure(), count), (Some(Failure::Disagreement), 4));
}

#[test]
fn failures_are_no_agreement() {
    let fail = |failure| failed(failure);
    for (failures, told) in [
        ([Failure::Timeout, Failure::Timeout], Failure::Timeout),
        ([Failure::Timeout, Failure::ServerFailure], Failure::ServerFailure),
        ([Failure::Unreachable, Failure::Refused], Failure::Refused),
        ([Failure::ResponseCode(9), Failure::ResponseCode(4)], Failure::ResponseCode(4)),
    ] {
        let answers = [fail(failures[0]), texts(&["x"]), fail(failures[1])];
        for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]] {
            assert_eq!(ask(2, &answers, &order).0.failure(), Some(told), "{order:?}");
        }
        assert_eq!(ask(1, &answers, &[0, 1, 2]), (texts(&["x"]), 2));
    }
    let split = [no_name(), texts(&["x"]), fail(Failure::Timeout)];
    assert_eq!(ask(2, &split, &[0, 1, 2]).0.failure(), Some(Failure::Disagreement));
    assert_eq!(Failure::Disagreement.to_string(), "the resolvers disagree");
}

#[test]
fn who_said_what_is_told_and_is_short() {
    let none = Answer::new(Reply::NoData);
    let slow = failed(Failure::Timeout);
    let remark = |needed, answers: &[Answer], order: &[usize]| {
        let (answer, _) = ask(needed, answers, order);
        answer.remark.map(String::from).unwrap_or_default()
    };
    let two = [texts(&["a"]), no_name(), texts(&["a"]), texts(&["b", "c"]), slow.clone()];
    let said = "192.0.2.1, 192.0.2.3: 1 record; 192.0.2.2: no such name; 192.0.2.4: 2 other records; \
                192.0.2.5: no answer in time";
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]] {
        assert_eq!(remark(5, &two, &order), said);
    }
    let split = [texts(&["a"]), texts(&["a"]), none, no_name()];
    let early = "192.0.2.1: 1 record; 192.0.2.2: not waited for; 192.0.2.3: no record of this type; \
                 192.0.2.4: no such name";
    assert_eq!(remark(3, &split, &[2, 0, 3, 1]), early);
    let failures = [slow.clone(), failed(Failure::ServerFailure), slow];
    let said = "192.0.2.1, 192.0.2.3: no answer in time; 192.0.2.2: the server failed (SERVFAIL)";
    assert_eq!(remark(1, &failures, &[1, 2, 0]), said);
    // What is agreed on needs no words.
    assert_eq!(remark(2, &two, &[0, 2]), "");
    let many: Vec<Answer> = (0..60u8).map(|number| texts(&[&number.to_string()])).collect();
    let order: Vec<usize> = (0..60).collect();
    let said = remark(60, &many, &order);
    assert!(said.starts_with("192.0.2.1: 1 record; 192.0.2.2: 1 other record; "), "{said}");
    assert!(said.ends_with("; 192.0.2.8: 1 other record; and 52 more"), "{said}");
}

#[test]
fn what_spf_cannot_tell_apart_agrees() {
    let mx = |list: &[(u16, &str)]| {
        let exchange = |(preference, host): &(u16, &str)| MailExchange {
            preference: *preference,
            exchange: name(host),
        };
        Reply::from(Records::Mx(list.iter().map(exchange).collect()))
    };
    let txt = |strings: &[&str]| Reply::from(Records::Txt(vec![Txt::new(strings)]));
    let same = |one: &Reply, other: &Reply| Meaning::of(one) == Meaning::of(other);
    assert!(same(&mx(&[(10, "A.test"), (20, "b.test")]), &mx(&[(20, "B.test"), (10, "a.test")])));
    assert!(!same(&mx(&[(10, "a.test")]), &mx(&[(20, "a.test")])));
    assert!(same(&txt(&["v=spf1 ", "-all"]), &txt(&["v=spf1 -all"])));
    assert!(!same(&txt(&["v=spf1 -all"]), &txt(&["v=spf1 -ALL"])));
    assert!(!same(&texts(&["x"]).reply, &texts(&["x", "x"]).reply), "two records are a permerror");
    assert!(!same(&Reply::NoData, &Reply::NoName));
    let addresses = |last: &[u8]| {
        Reply::from(Records::A(last.iter().map(|last| [192, 0, 2, *last].into()).collect()))
    };
    assert!(same(&addresses(&[1, 2]), &addresses(&[2, 1])));
    assert!(!same(&addresses(&[1, 2]), &addresses(&[2, 3])), "round robin");
}

#[test]
fn quorums_that_cannot_be_are_refused() {
    let asker = || (resolver(1), Box::new(Arc::<ByHand>::default()) as Asker);
    assert_eq!(Quorum::new([asker()], 0).err(), Some(QuorumError::Nobody));
    assert_eq!(
        Quorum::new([asker()], 2).unwrap_err().to_string(),
        "a quorum of 2 needs as many resolvers, and there are 1"
    );
    assert_eq!(format!("{:?}", Quorum::new([asker(), asker()], 2).unwrap()), "Quorum { 2 of 2 }");
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let text = prop_oneof![Just("a"), Just("b")];
    let reply = prop_oneof![
        Just(Reply::NoName),
        Just(Reply::NoData),
        vec(text, 1..3).prop_map(|list| texts(&list).reply),
        Just(Reply::Failure(Failure::ServerFailure)),
        Just(Reply::Failure(Failure::Timeout)),
        (0u16..3).prop_map(|code| Reply::Failure(Failure::ResponseCode(code))),
    ];
    (reply, proptest::option::of(0u32..5))
        .prop_map(|(reply, ttl)| Answer { ttl, ..Answer::new(reply) })
}

/// Answers with two orders in which they come in, and how many have to agree.
fn polls() -> impl Strategy<Value = (Vec<Answer>, Vec<usize>, Vec<usize>, usize)> {
    vec(any_answer(), 1..6).prop_flat_map(|answers| {
        let places: Vec<usize> = (0..answers.len()).collect();
        let needed = 1..=answers.len();
        let (one, other) = (Just(places.clone()).prop_shuffle(), Just(places).prop_shuffle());
        (Just(answers), one, other, needed)
    })
}

proptest! {
    #[test]
    fn only_what_enough_say_is_given((answers, one, other, needed) in polls()) {
        let said = |reply: &Reply| -> Vec<Option<u32>> {
            let same = |answer: &&Answer| Meaning::of(&answer.reply) == Meaning::of(reply);
            answers.iter().filter(same).map(|answer| answer.ttl).collect()
        };
        let agreed: HashSet<String> = answers
            .iter()
            .filter(|answer| answer.failure().is_none() && said(&answer.reply).len() >= needed)
            .map(|answer| format!("{:?}", Meaning::of(&answer.reply)))
            .collect();
        let ((first, _), (second, _)) = (ask(needed, &answers, &one), ask(needed, &answers, &other));
        for given in [&first, &second] {
            prop_assert_eq!(given.failure().is_some(), agreed.is_empty());
            if given.failure().is_none() {
                let meaning = format!("{:?}", Meaning::of(&given.reply));
                prop_assert!(agreed.contains(&meaning));
                let ttls = said(&given.reply);
                prop_assert!(ttls.len() >= needed && ttls.contains(&given.ttl));
            }
        }
        if agreed.len() <= 1 {
            prop_assert_eq!(Meaning::of(&first.reply), Meaning::of(&second.reply));
        }
    }
}
