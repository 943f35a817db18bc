//! Reads octets as a message to a server, as they are and behind a header that
//! makes a question of them. Both readers must agree, and a reply must read back.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use libfuzzer_sys::fuzz_target;
use spfc::addr::{AddressSet, Range};
use spfc::image::{AddressIndex, Layout, Order, Tree, ZoneImage, ZoneMechanism};
use spfc::name::DomainName;
use spfc::responder::name::QuestionName;
use spfc::responder::{
    BUFFER_OCTETS, MAX_AMPLIFICATION, Now, RateOptions, ServerOptions, Service, Transport, Ttls,
    Worker, Zone, ZoneOptions, ZoneServer, Zones, general, question,
};

/// Three threads of a server: one that limits nobody, one that soon does, and one
/// for connections.
static WORKERS: LazyLock<Mutex<[Worker; 3]>> = LazyLock::new(|| {
    let [open, limited] = [0, 2].map(|per_second| {
        let zones = [
            zone(
                "z.example",
                ZoneMechanism::Exists,
                Order::Reversed,
                true,
                &["", "soft1", "a.test"],
            ),
            zone("y.example", ZoneMechanism::Include, Order::Forward, false, &[""]),
            zone(
                "a-long-name.of-some-labels.test",
                ZoneMechanism::Include,
                Order::Reversed,
                true,
                &[""],
            ),
        ];
        let options = ServerOptions {
            listen: Vec::new(),
            udp: Default::default(),
            tcp: Default::default(),
            rate: RateOptions { per_second, allow: Vec::new() },
            nsid: Some(b"fuzz".to_vec()),
            cookie_secret: Some([7; 16]),
            log_one_in: 0,
        };
        let zones = Zones::new(zones).expect("names apart");
        Service::new(zones, &options, None).expect("a secret is given")
    });
    let (udp, tcp) = (Transport::Udp, Transport::Tcp);
    Mutex::new([open.worker(udp), limited.worker(udp), open.worker(tcp)])
});

fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a name")
}

fn zone(zone: &str, mechanism: ZoneMechanism, order: Order, version: bool, trees: &[&str]) -> Zone {
    let layout = Layout::new(&name(zone), order, version).expect("a short zone");
    let set = AddressSet {
        ip4: [Range { first: 0x0102_0300, last: 0x0102_0380 }].into_iter().collect(),
        ip6: [Range { first: 0x2001 << 112, last: 0x2002 << 112 }].into_iter().collect(),
    };
    let sets = vec![Arc::new(AddressIndex::new(&set))];
    let trees = trees.iter().map(|below| Tree { name: name(below), set: 0 });
    let image = ZoneImage::new(layout, mechanism, trees, sets).expect("names apart");
    let options = ZoneOptions {
        servers: ["ns", "other.ns"]
            .map(|below| ZoneServer {
                name: name(&format!("{below}.{zone}")),
                addresses: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            })
            .into(),
        hostmaster: name("hostmaster.example"),
        address: Ipv4Addr::new(127, 0, 0, 2),
        texts: vec![vec![b't'; 390]],
        ttls: Ttls::default(),
        serial: 1,
    };
    Zone::new(&image, &options).expect("a server with an address")
}

/// The time of the next message, in seconds.
static TIME: AtomicU32 = AtomicU32::new(1);

fuzz_target!(|octets: &[u8]| {
    check(octets);
    let question = [&b"\xbe\xef\0\0\0\x01\0\0\0\0\0\x01"[..], octets].concat();
    check(&question);
    // The name of an address, whatever stands behind it.
    let hit = b"\x015\x013\x012\x011\x07in-addr\x01z\x07example\0\0\x01\0\x01";
    check(&[&question[..12], hit, octets].concat());
});

fn check(message: &[u8]) {
    let mut name = QuestionName::default();
    let read = question::read(message, &mut name);
    if let Some(read) = read.filter(|read| read.edns.is_none_or(|edns| !edns.malformed)) {
        let general = general::read(message);
        assert_eq!(general.refused, None);
        let asked = general.asked.expect("one question");
        assert_eq!((asked.qtype, asked.qclass, general.edns), (read.qtype, read.qclass, read.edns));
        assert_eq!(asked.wire.to_ascii_lowercase(), [name.wire(), b"\0"].concat());
    }
    for number in 0..3 {
        respond(number, message);
    }
}

/// Lets one of the threads answer, and reads the reply.
fn respond(number: usize, message: &[u8]) {
    let mut buffer = [0; BUFFER_OCTETS];
    let Some(room) = buffer.get_mut(..message.len()) else { return };
    room.copy_from_slice(message);
    let client = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
    // Each message comes at a time of its own, so that it is answered as when it
    // comes alone.
    let seconds = TIME.fetch_add(10, Ordering::Relaxed);
    let now = Now { milliseconds: u64::from(seconds) * 1000, seconds };
    let worker = &mut WORKERS.lock().expect("one thread")[number];
    let Some(octets) = worker.respond(&mut buffer, message.len(), client, now) else {
        assert!(message.len() < 12 || message[2] & 0x80 != 0);
        return;
    };
    let reply = Message::from_vec(&buffer[..octets]).expect("a message");
    assert_eq!(buffer[..2], message[..2]);
    assert!(buffer[2] & 0x80 != 0);
    let records = reply.answers.len() + reply.authorities.len();
    match reply.metadata.response_code {
        _ if reply.metadata.truncation => assert!(records == 0 && number < 2),
        ResponseCode::NXDomain => assert!(reply.answers.is_empty() && records == 1),
        ResponseCode::NoError => assert!(records > 0 || reply.queries.is_empty()),
        _ => assert_eq!(records, 0),
    }
    assert!(number == 2 || octets <= 1232 && octets <= message.len() * MAX_AMPLIFICATION + 64);
    // The last octet belongs to the message: without it, it is none.
    assert!(Message::from_vec(&buffer[..octets - 1]).is_err());
}
