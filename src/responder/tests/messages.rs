//! Messages in, messages out: every reply is read back with a library that knows
//! all of DNS, and the two readers of questions are held against each other.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};
use proptest::prelude::*;

use super::{CLIENT, opt, question, service, set, zone};
use crate::image::{Order, ZoneMechanism};
use crate::responder::name::QuestionName;
use crate::responder::{BUFFER_OCTETS, Counted, Now, Service, Transport, general};

fn exists() -> Service {
    let set = set(&["192.0.2.0/24", "198.51.100.128/25", "2001:db8::/32"]);
    service(zone(ZoneMechanism::Exists, Order::Reversed, true, &[("", &set)]))
}

/// The reply to a message, as octets.
fn respond(service: &Service, message: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = vec![0; BUFFER_OCTETS];
    buffer[..message.len()].copy_from_slice(message);
    let mut worker = service.worker(Transport::Udp);
    let octets = worker.respond(&mut buffer, message.len(), CLIENT, Now::default())?;
    buffer.truncate(octets);
    Some(buffer)
}

fn reply(service: &Service, message: &[u8]) -> Message {
    Message::from_vec(&respond(service, message).unwrap()).unwrap()
}

const HIT: &str = "7.2.0.192.in-addr.z.example";

#[test]
fn messages_of_every_kind_get_their_code() {
    let service = exists();
    let two = [opt(0, 0, &[]), opt(0, 0, &[])];
    let wrong = |at: usize, octet: u8| {
        let mut message = question(HIT, 1, 0, &[]);
        message[at] = octet;
        message
    };
    let class = |class: u8| {
        let mut message = question(HIT, 1, 0, &[]);
        *message.last_mut().unwrap() = class;
        message
    };
    let cases: Vec<(&str, Vec<u8>, ResponseCode)> = vec![
        ("NOTIFY", question("z.example", 6, 0x2000, &[]), ResponseCode::NotImp),
        ("UPDATE", question("z.example", 6, 0x2800, &[]), ResponseCode::NotImp),
        ("opcode 15", question(HIT, 1, 0x7800, &[]), ResponseCode::NotImp),
        ("class CH", class(3), ResponseCode::Refused),
        ("class ANY", class(255), ResponseCode::Refused),
        ("no question", wrong(5, 0)[..12].to_vec(), ResponseCode::FormErr),
        ("two questions", wrong(5, 2), ResponseCode::FormErr),
        ("an answer that is not there", wrong(7, 1), ResponseCode::FormErr),
        (
            "a name that loops",
            [&question("", 1, 0, &[])[..12], b"\xc0\x0c\0\x01\0\x01"].concat(),
            ResponseCode::FormErr,
        ),
        ("a label of another kind", wrong(12, 0x41), ResponseCode::FormErr),
        ("two OPT records", question(HIT, 1, 0, &[&two[0], &two[1]]), ResponseCode::FormErr),
        ("EDNS version 1", question(HIT, 1, 0, &[&opt(1, 0, &[])]), ResponseCode::BADVERS),
        (
            "a torn cookie",
            question(HIT, 1, 0, &[&opt(0, 0, &[0, 10, 0, 3, 1, 2, 3])]),
            ResponseCode::FormErr,
        ),
        ("transfer", question("z.example", 252, 0, &[]), ResponseCode::Refused),
        ("another zone", question("example.org", 1, 0, &[]), ResponseCode::Refused),
        ("type OPT", question(HIT, 41, 0, &[]), ResponseCode::FormErr),
        ("a hit", question(HIT, 1, 0, &[]), ResponseCode::NoError),
        (
            "octets behind it",
            [question(HIT, 1, 0, &[]), b"garbage!".to_vec()].concat(),
            ResponseCode::NoError,
        ),
        ("a miss", question("7.3.0.192.in-addr.z.example", 1, 0, &[]), ResponseCode::NXDomain),
    ];
    for (what, message, code) in cases {
        let reply = reply(&service, &message);
        let high = reply.edns.as_ref().map_or(0, |edns| edns.rcode_high());
        let found = ResponseCode::from(high, reply.metadata.response_code.low());
        assert_eq!(u16::from(found), u16::from(code), "{what}");
        assert_eq!(reply.metadata.id, 0xbeef, "{what}");
    }
}

#[test]
fn options_that_cannot_be_read_are_a_format_error_with_an_opt_record() {
    let service = exists();
    for options in
        [&[0, 10][..], &[0, 12, 0], &[0, 3, 0, 0, 0], &[0, 12, 0, 4, 1], &[0, 10, 0, 1, 7]]
    {
        let message = question(HIT, 1, 0, &[&opt(0, 0, options)]);
        let reply = reply(&service, &message);
        assert_eq!(reply.metadata.response_code, ResponseCode::FormErr, "{options:?}");
        assert!(reply.edns.is_some() && reply.queries.len() == 1, "{options:?}");
    }
    assert_eq!(service.counts().get(Counted::Unusual), 0);
}

#[test]
fn who_asks_for_a_cookie_alone_gets_one() {
    let mut message = question("", 1, 0, &[&opt(0, 0, &[0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8])]);
    message.drain(12..17);
    message[5] = 0;
    let reply = reply(&exists(), &message);
    assert_eq!(reply.metadata.response_code, ResponseCode::NoError);
    assert!(reply.queries.is_empty() && !reply.metadata.authoritative);
    assert!(reply.edns.unwrap().option(10_u16.into()).is_some());
}

#[test]
fn responses_and_fragments_get_no_answer() {
    let service = exists();
    for message in [question(HIT, 1, 0x8000, &[]), vec![0xbe, 0xef, 0, 0, 0], Vec::new()] {
        assert_eq!(respond(&service, &message), None);
    }
    assert_eq!(service.counts().get(Counted::Dropped), 3);
}

#[test]
fn flags_and_case_of_a_question_come_back() {
    let service = exists();
    let asked = "7.2.0.192.in-ADDR.Z.eXample";
    let message = question(asked, 1, 0x0710, &[&opt(0, 0x80, &[])]);
    let octets = respond(&service, &message).unwrap();
    assert_eq!(octets[12..message.len() - 11], message[12..message.len() - 11]);
    let reply = reply(&service, &message);
    assert!(reply.metadata.authoritative && reply.metadata.recursion_desired);
    assert!(!reply.metadata.truncation && !reply.metadata.recursion_available);
    assert!(reply.metadata.checking_disabled);
    assert!(reply.edns.unwrap().flags().dnssec_ok);
}

#[test]
fn answers_without_proof_of_the_sender_stay_small() {
    let service = exists();
    for (asked, qtype) in [("z.example", 2), ("z.example", 6), ("z.example", 16), (HIT, 255)] {
        let message = question(asked, qtype, 0, &[&opt(0, 0x80, &[0, 3, 0, 0])]);
        let octets = respond(&service, &message).unwrap();
        let most = message.len() * crate::responder::MAX_AMPLIFICATION;
        assert!(octets.len() <= most, "{asked} {qtype}: {} of {most}", octets.len());
    }
}

#[test]
fn counters_tell_what_was_answered() {
    let service = exists();
    for asked in [HIT, HIT, "7.3.0.192.in-addr.z.example", "2.0.192.in-addr.z.example", "x.test"] {
        respond(&service, &question(asked, 1, 0, &[]));
    }
    let counts = service.counts();
    let of = |counted| counts.get(counted);
    assert_eq!([of(Counted::Udp), of(Counted::Hit), of(Counted::Miss)], [5, 2, 1]);
    assert_eq!([of(Counted::NoData), of(Counted::Refused), of(Counted::Unusual)], [1, 1, 0]);
    assert_eq!(counts.iter().count(), Counted::ALL.len());
}

/// A message that is nearly a question: spoiled here and there.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let names =
        prop_oneof![Just(HIT), Just("z.example"), Just(""), Just("2.0.192.in-addr.z.example")];
    let opts = prop_oneof![
        Just(Vec::new()),
        Just(opt(0, 0, &[])),
        Just(opt(0, 0x80, &[0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8])),
        Just(opt(0, 0, &[0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2])),
        Just(opt(1, 0, &[])),
    ];
    let spoiled = proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4);
    (names, opts, any::<u8>(), spoiled, any::<u16>()).prop_map(
        |(name, opt, qtype, spoiled, cut)| {
            let additional: Vec<&[u8]> = if opt.is_empty() { vec![] } else { vec![&opt] };
            let mut message = question(name, qtype.into(), 0, &additional);
            for (at, octet) in spoiled {
                let at = usize::from(at) % message.len();
                message[at] = octet;
            }
            if cut % 4 == 0 {
                message.truncate(usize::from(cut) / 4 % (message.len() + 1));
            }
            message
        },
    )
}

proptest! {
    #[test]
    fn both_readers_read_the_same(message in nearly()) {
        let mut name = QuestionName::default();
        let read = crate::responder::question::read(&message, &mut name);
        if let Some(read) = read.filter(|read| read.edns.is_none_or(|edns| !edns.malformed)) {
            let general = general::read(&message);
            prop_assert_eq!(general.refused, None);
            let asked = general.asked.unwrap();
            prop_assert_eq!((asked.qtype, asked.qclass), (read.qtype, read.qclass));
            let wire = asked.wire.to_ascii_lowercase();
            prop_assert_eq!(&wire[..wire.len() - 1], name.wire());
            prop_assert_eq!(general.edns, read.edns);
        }
    }

    #[test]
    fn every_reply_reads_back(message in nearly()) {
        let service = exists();
        let Some(octets) = respond(&service, &message) else {
            prop_assert!(message.len() < 12 || message[2] & 0x80 != 0);
            return Ok(());
        };
        let mut decoder = BinDecoder::new(&octets);
        let reply = Message::read(&mut decoder);
        prop_assert!(reply.is_ok(), "{:?} {:02x?}", reply, octets);
        let reply = reply.unwrap();
        prop_assert!(decoder.is_empty(), "{:?} {:02x?}", reply, octets);
        prop_assert_eq!(&octets[..2], &message[..2]);
        prop_assert!(octets[2] & 0x80 != 0);
        prop_assert!(octets.len() <= 1232);
        let asked = Message::from_vec(&message);
        let edns = asked.is_ok_and(|asked| asked.edns.is_some());
        prop_assert!(!edns || reply.edns.is_some() || octets.len() == 12, "{:?}", reply);
    }

    #[test]
    fn any_octets_get_an_answer_or_none(message in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Some(octets) = respond(&exists(), &message) {
            prop_assert!(Message::from_vec(&octets).is_ok());
        }
    }
}
