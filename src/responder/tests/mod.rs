//! Zones and messages for the tests of this module.

mod answers;
mod limits;
mod messages;
mod replies;
mod unready;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crate::addr::AddressSet;
use crate::image::{AddressIndex, Layout, Order, Tree, ZoneImage, ZoneMechanism};
use crate::name::DomainName;

use super::{ServerOptions, Service, Ttls, Zone, ZoneOptions, ZoneServer, Zones};

pub(super) fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

/// Ranges `first-last` or prefixes.
pub(super) fn set(texts: &[&str]) -> AddressSet {
    let mut ip4 = Vec::new();
    let mut ip6 = Vec::new();
    for text in texts {
        match text.parse::<ipnet::IpNet>().unwrap() {
            ipnet::IpNet::V4(net) => ip4.push(crate::addr::Prefix::from(net).range()),
            ipnet::IpNet::V6(net) => ip6.push(crate::addr::Prefix::from(net).range()),
        }
    }
    AddressSet { ip4: ip4.into_iter().collect(), ip6: ip6.into_iter().collect() }
}

pub(super) fn options() -> ZoneOptions {
    ZoneOptions {
        servers: vec![
            ZoneServer {
                name: name("ns1.z.example"),
                addresses: vec!["192.0.2.53".parse().unwrap()],
            },
            ZoneServer { name: name("ns.other.test"), addresses: Vec::new() },
        ],
        hostmaster: name("hostmaster.z.example"),
        address: Ipv4Addr::new(127, 0, 0, 2),
        texts: vec![b"run by us".to_vec()],
        ttls: Ttls::default(),
        serial: 7,
    }
}

/// The zone z.example with trees of names and their sets.
pub(super) fn zone(
    mechanism: ZoneMechanism,
    order: Order,
    version: bool,
    trees: &[(&str, &AddressSet)],
) -> Zone {
    let layout = Layout::new(&name("z.example"), order, version).unwrap();
    let sets: Vec<_> = trees.iter().map(|(_, set)| Arc::new(AddressIndex::new(set))).collect();
    let trees = trees.iter().enumerate();
    let trees = trees.map(|(at, (below, _))| Tree { name: name(below), set: at as u32 });
    let image = ZoneImage::new(layout, mechanism, trees, sets).unwrap();
    Zone::new(&image, &options()).unwrap()
}

pub(super) fn server_options() -> ServerOptions {
    ServerOptions {
        listen: Vec::new(),
        udp: Default::default(),
        tcp: Default::default(),
        rate: Default::default(),
        nsid: Some(b"one".to_vec()),
        cookie_secret: Some([7; 16]),
        log_one_in: 0,
    }
}

pub(super) fn service(zone: Zone) -> Service {
    Service::new(Zones::new([zone]).unwrap(), &server_options(), None).unwrap()
}

/// Somebody who asks.
pub(super) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// A question on the wire, with what stands behind it.
pub(super) fn question(name: &str, qtype: u16, flags: u16, additional: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0xbe, 0xef];
    for field in [flags, 1, 0, 0, additional.len() as u16] {
        message.extend_from_slice(&field.to_be_bytes());
    }
    for label in name.split('.').filter(|label| !label.is_empty()) {
        message.push(label.len() as u8);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    for field in [qtype, 1] {
        message.extend_from_slice(&field.to_be_bytes());
    }
    additional.iter().for_each(|record| message.extend_from_slice(record));
    message
}

/// An OPT record.
pub(super) fn opt(version: u8, flags: u8, options: &[u8]) -> Vec<u8> {
    let [high, low] = (options.len() as u16).to_be_bytes();
    let head = [0, 0, 41, 4, 208, 0, version, flags, 0, high, low];
    [&head[..], options].concat()
}
