//! Cookies and limits as a client meets them.

use hickory_proto::op::Message;

use super::{CLIENT, opt, question, server_options, service, set, zone};
use crate::image::{Order, ZoneMechanism};
use crate::responder::{
    BUFFER_OCTETS, COOKIE_LIFE, Counted, Now, RateOptions, Service, Transport, UdpOptions, Worker,
    Zones,
};

const HIT: &str = "7.2.0.192.in-addr.z.example";
const MISS: &str = "7.3.0.192.in-addr.z.example";

/// A service of one thread that gives three answers a second.
fn three_a_second() -> Service {
    let mut options = server_options();
    options.udp = UdpOptions { threads: 1, ..UdpOptions::default() };
    options.rate = RateOptions { per_second: 3, allow: vec![("192.0.2.0".parse().unwrap(), 24)] };
    let set = set(&["192.0.2.0/24"]);
    let zone = zone(ZoneMechanism::Exists, Order::Reversed, true, &[("", &set)]);
    Service::new(Zones::new([zone]).unwrap(), &options, None).unwrap()
}

fn ask(worker: &mut Worker, message: &[u8], client: &str, now: Now) -> Message {
    let mut buffer = vec![0; BUFFER_OCTETS];
    buffer[..message.len()].copy_from_slice(message);
    let client = client.parse().unwrap();
    let octets = worker.respond(&mut buffer, message.len(), client, now).unwrap();
    Message::from_vec(&buffer[..octets]).unwrap()
}

/// The cookie of a reply, client's part and server's.
fn cookie(reply: &Message) -> Vec<u8> {
    match reply.edns.as_ref().and_then(|edns| edns.option(10_u16.into())) {
        Some(hickory_proto::rr::rdata::opt::EdnsOption::Unknown(10, cookie)) => cookie.clone(),
        other => panic!("no cookie but {other:?}"),
    }
}

fn with_cookie(name: &str, cookie: &[u8]) -> Vec<u8> {
    let options = [&[0, 10, 0, cookie.len() as u8][..], cookie].concat();
    question(name, 1, 0, &[&opt(0, 0, &options)])
}

#[test]
fn over_the_limit_every_answer_is_an_empty_one_and_none_is_missing() {
    let service = three_a_second();
    let mut worker = service.worker(Transport::Udp);
    let now = Now { milliseconds: 5_000, seconds: 5 };
    let mut truncated = |name: &str, client: &str, now: Now| {
        let reply = ask(&mut worker, &question(name, 1, 0, &[]), client, now);
        let truncated = reply.metadata.truncation;
        assert_eq!(truncated, reply.answers.is_empty() && reply.authorities.is_empty());
        assert_eq!(reply.queries.len(), 1);
        truncated
    };
    let client = "198.51.100.7";
    let answers: Vec<bool> = (0..6).map(|_| truncated(HIT, client, now)).collect();
    assert_eq!(answers, [false, false, false, true, true, true]);
    // Misses, and other networks, have answers of their own; the list has no end.
    assert!(!truncated(MISS, client, now));
    assert!(!truncated(HIT, "198.51.101.7", now));
    assert!((0..50).all(|_| !truncated(HIT, "192.0.2.9", now)));
    // A second later all is forgotten.
    assert!(!truncated(HIT, client, Now { milliseconds: 6_000, seconds: 6 }));
    assert_eq!(service.counts().get(Counted::LimitedHit), 3);
}

#[test]
fn a_clock_that_jumps_changes_no_answer() {
    let service = service(zone(
        ZoneMechanism::Exists,
        Order::Reversed,
        true,
        &[("", &set(&["192.0.2.0/24"]))],
    ));
    let mut worker = service.worker(Transport::Udp);
    let mut cookie_given = vec![7; 8];
    // Forward by years, back to 1970, to the end of what a cookie can say, and on.
    for seconds in [1_700_000_000, 2_000_000_000, 0, u32::MAX, 3, 1_700_000_000] {
        // The other clock never goes back; here it does, and stands still as well.
        for milliseconds in [5_000, 5_000, 0, u64::MAX, 1] {
            let now = Now { milliseconds, seconds };
            for (name, answers) in [(HIT, 1), (MISS, 0)] {
                let reply =
                    ask(&mut worker, &with_cookie(name, &cookie_given), "198.51.100.7", now);
                assert_eq!(reply.answers.len(), answers, "{name} at {now:?}");
                assert!(!reply.metadata.truncation);
                // Whoever comes with a cookie of another time gets one of this time.
                cookie_given = cookie(&reply);
                assert_eq!(cookie_given[12..16], seconds.to_be_bytes(), "at {now:?}");
            }
        }
    }
}

#[test]
fn who_has_a_cookie_or_a_connection_is_never_limited() {
    let service = three_a_second();
    let mut worker = service.worker(Transport::Udp);
    let now = Now { milliseconds: 5_000, seconds: 1_700_000_000 };
    let client = "198.51.100.7";
    let given = cookie(&ask(&mut worker, &with_cookie(HIT, &[7; 8]), client, now));
    assert_eq!((given.len(), &given[..8]), (24, &[7; 8][..]));
    for _ in 0..20 {
        let reply = ask(&mut worker, &with_cookie(HIT, &given), client, now);
        assert!(!reply.metadata.truncation);
    }
    // Somebody else's, an old one, and one without the server's part are no proof.
    let late = Now { milliseconds: 5_000, seconds: now.seconds + COOKIE_LIFE + 1 };
    let limited = |worker: &mut Worker, cookie: &[u8], client: &str, now: Now| {
        (0..5).any(|_| ask(worker, &with_cookie(HIT, cookie), client, now).metadata.truncation)
    };
    assert!(limited(&mut worker, &given, "198.51.101.8", now));
    assert!(limited(&mut worker, &given, "198.51.102.7", late));
    assert!(limited(&mut worker, &[7; 8], "198.51.103.7", now));
    // An empty answer brings the cookie that the next question needs.
    let reply = ask(&mut worker, &with_cookie(HIT, &[7; 8]), "198.51.103.7", now);
    assert!(reply.metadata.truncation);
    assert_eq!(cookie(&reply).len(), 24);
    let mut tcp = service.worker(Transport::Tcp);
    let reply = |tcp: &mut Worker| ask(tcp, &question(HIT, 1, 0, &[]), client, now);
    assert!((0..50).all(|_| !reply(&mut tcp).metadata.truncation));
    let counts = service.counts();
    assert_eq!(counts.get(Counted::CookieValid), 20);
    assert!(counts.get(Counted::CookieBad) >= 2);
}

#[test]
fn a_sample_of_the_questions_is_logged_as_far_as_there_is_room() {
    let (sender, receiver) = std::sync::mpsc::sync_channel(2);
    let log = crate::responder::QueryLog { one_in: 3, sender };
    let set = set(&["192.0.2.0/24"]);
    let zone = zone(ZoneMechanism::Exists, Order::Reversed, true, &[("", &set)]);
    let service = Service::new(Zones::new([zone]).unwrap(), &server_options(), Some(log)).unwrap();
    let mut worker = service.worker(Transport::Udp);
    for _ in 0..9 {
        ask(&mut worker, &question(HIT, 1, 0, &[]), &CLIENT.to_string(), Now::default());
    }
    let logged: Vec<_> = receiver.try_iter().collect();
    assert_eq!(logged.len(), 2);
    assert!(logged[0].passes && logged[0].client == CLIENT && logged[0].qtype == 1);
    assert_eq!(service.counts().get(Counted::LogDropped), 1);
    // What cannot be read has no name, least of all that of the question before.
    let mut torn = question(HIT, 1, 0, &[]);
    torn[5] = 2;
    for _ in 0..3 {
        ask(&mut worker, &torn, "198.51.100.9", Now::default());
    }
    let logged = receiver.try_recv().unwrap();
    assert_eq!((logged.name.len(), logged.rcode), (0, crate::responder::Rcode::FormErr));
}

#[test]
fn swapped_zones_are_freed_when_no_thread_needs_them() {
    let service = three_a_second();
    let mut worker = service.worker(Transport::Udp);
    let hit = |worker: &mut Worker| {
        let message = question(HIT, 1, 0, &[]);
        ask(worker, &message, "192.0.2.9", Now::default()).answers.len()
    };
    assert_eq!(hit(&mut worker), 1);
    let old = std::sync::Arc::downgrade(&service.zones());
    service.swap(Zones::default());
    service.tidy();
    assert!(old.upgrade().is_some(), "the worker has not looked yet");
    assert_eq!(hit(&mut worker), 0);
    service.tidy();
    assert!(old.upgrade().is_none());
}
