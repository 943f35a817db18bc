//! What stands in replies, record by record.

use hickory_proto::op::Message;
use hickory_proto::rr::Record;

use super::{CLIENT, opt, question, service, set, zone};
use crate::image::{Order, ZoneMechanism};
use crate::responder::{BUFFER_OCTETS, Now, Service, Transport, Zone};

fn tree(mechanism: ZoneMechanism) -> Zone {
    let set = set(&["192.0.2.0/24", "2001:db8::/32"]);
    zone(mechanism, Order::Reversed, true, &[("", &set)])
}

fn ask(service: &Service, transport: Transport, message: &[u8]) -> (Message, usize) {
    let mut buffer = vec![0; BUFFER_OCTETS];
    buffer[..message.len()].copy_from_slice(message);
    let octets =
        service.worker(transport).respond(&mut buffer, message.len(), CLIENT, Now::default());
    let octets = octets.unwrap();
    (Message::from_vec(&buffer[..octets]).unwrap(), octets)
}

fn lines(records: &[Record]) -> Vec<String> {
    records.iter().map(ToString::to_string).collect()
}

#[test]
fn records_are_what_a_zone_file_would_hold() {
    let service = service(tree(ZoneMechanism::Exists));
    let of =
        |name: &str, qtype: u16| ask(&service, Transport::Tcp, &question(name, qtype, 0, &[])).0;
    let hit = of("7.2.0.192.in-addr.z.example", 1);
    assert_eq!(lines(&hit.answers), ["7.2.0.192.in-addr.z.example. 300 IN A 127.0.0.2"]);
    let soa = |ttl: u32| {
        [format!(
            "z.example. {ttl} IN SOA ns1.z.example. hostmaster.z.example. 7 3600 600 86400 3600"
        )]
    };
    assert_eq!(lines(&of("7.3.0.192.in-addr.z.example", 1).authorities), soa(60));
    assert_eq!(lines(&of("2.0.192.in-addr.z.example", 1).authorities), soa(3600));
    assert_eq!(lines(&of("z.example", 6).answers), soa(3600));
    let servers = of("z.example", 2);
    assert_eq!(
        lines(&servers.answers),
        ["z.example. 3600 IN NS ns1.z.example.", "z.example. 3600 IN NS ns.other.test."]
    );
    assert_eq!(lines(&servers.additionals), ["ns1.z.example. 3600 IN A 192.0.2.53"]);
    assert_eq!(lines(&of("ns1.z.example", 1).answers), ["ns1.z.example. 3600 IN A 192.0.2.53"]);
    assert_eq!(lines(&of("z.example", 16).answers), ["z.example. 3600 IN TXT run by us"]);
}

#[test]
fn policies_pass_their_own_client_or_nobody() {
    let service = service(tree(ZoneMechanism::Include));
    let of = |name: &str| {
        let (reply, _) = ask(&service, Transport::Udp, &question(name, 16, 0, &[]));
        lines(&reply.answers).join("|")
    };
    assert_eq!(
        of("7.2.0.192.in-addr.z.example"),
        "7.2.0.192.in-addr.z.example. 300 IN TXT v=spf1 ip4:192.0.2.7 -all"
    );
    assert_eq!(
        of("7.3.0.192.in-addr.z.example"),
        "7.3.0.192.in-addr.z.example. 60 IN TXT v=spf1 -all"
    );
    let ip6 = format!("{}8.b.d.0.1.0.0.2.ip6.z.example", "f.".repeat(24));
    assert_eq!(
        of(&ip6),
        format!("{ip6}. 300 IN TXT v=spf1 ip6:2001:db8:ffff:ffff:ffff:ffff:ffff:ffff -all")
    );
}

#[test]
fn what_has_no_room_is_asked_for_again_over_tcp() {
    let set = set(&["192.0.2.0/24"]);
    let mut options = super::options();
    options.texts = vec![vec![b'x'; 390]];
    let layout =
        crate::image::Layout::new(&super::name("z.example"), Order::Reversed, true).unwrap();
    let sets = vec![std::sync::Arc::new(crate::image::AddressIndex::new(&set))];
    let tree = crate::image::Tree { name: crate::name::DomainName::root(), set: 0 };
    let image = crate::image::ZoneImage::new(layout, ZoneMechanism::Exists, [tree], sets).unwrap();
    let service = service(Zone::new(&image, &options).unwrap());
    let message = question("z.example", 16, 0, &[]);
    let (udp, octets) = ask(&service, Transport::Udp, &message);
    assert!(udp.metadata.truncation && udp.answers.is_empty());
    assert_eq!(octets, message.len());
    let (tcp, _) = ask(&service, Transport::Tcp, &message);
    assert!(!tcp.metadata.truncation);
    assert_eq!(tcp.answers.len(), 1);
}

#[test]
fn the_server_tells_its_name_where_it_is_asked_for() {
    let service = service(tree(ZoneMechanism::Exists));
    let asked = question("7.2.0.192.in-addr.z.example", 1, 0, &[&opt(0, 0, &[0, 3, 0, 0])]);
    let (reply, _) = ask(&service, Transport::Udp, &asked);
    let nsid = reply.edns.unwrap().option(3_u16.into()).map(|option| format!("{option:?}"));
    assert!(nsid.unwrap().contains("[111, 110, 101]"));
    let (reply, _) = ask(&service, Transport::Udp, &question("x.test", 1, 0, &[&opt(0, 0, &[])]));
    let edns = reply.edns.unwrap();
    assert!(edns.option(3_u16.into()).is_none());
    assert!(edns.option(15_u16.into()).is_some(), "why it is refused");
}
