//! Whatever a configuration and the list of its tenants hold, they are read or
//! refused at a place in them, and what is read can be served. The list stands
//! behind the first NUL, which no configuration has.

#![no_main]

mod asking;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use spfc::addr::{AddressSet, Range};
use spfc::config::{Config, ServeConfig, ZoneConfig, read_tenants};
use spfc::image::{AddressIndex, Layout, Tree, ZoneImage};
use spfc::name::{DomainName, MAX_NAME_OCTETS};
use spfc::responder::{Zone, Zones};

/// An address that passes, and one that does not.
const PASSES: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
/// Trees of a zone that are asked.
const ASKED: usize = 8;

fuzz_target!(|octets: &[u8]| {
    let mut parts = octets.splitn(2, |octet| *octet == 0);
    let text = parts.next().unwrap_or_default();
    let list = parts.next().unwrap_or_default();
    if let Ok(tenants) = read_tenants(list) {
        assert!(tenants.iter().all(|tenant| tenant.line > 0 && !tenant.source.is_empty()));
    }
    match Config::read(text) {
        Ok(config) => {
            let serve = config.serve;
            assert!(serve.server.tcp.idle <= serve.server.tcp.total);
            assert!(serve.refresh.least <= serve.refresh.most);
            for zone in &serve.zones {
                let named = zone.source.iter().chain(zone.tenants.values());
                named.for_each(|source| assert!(serve.sources.contains_key(source)));
                holds(zone);
                is_served(zone, domains(&serve, zone, list));
            }
        }
        Err(error) => {
            assert!((1..=lines(text)).contains(&error.line) && error.column > 0);
            let _ = error.to_string();
        }
    }
});

fn lines(text: &[u8]) -> usize {
    text.split(|octet| *octet == b'\n').count()
}

/// The domains of a zone: those of its list too, if that is none to be refused.
fn domains(serve: &ServeConfig, zone: &ZoneConfig, list: &[u8]) -> Vec<DomainName> {
    if !zone.terms.by_domain {
        return vec![DomainName::root()];
    }
    let tenants = serve.tenants(zone, list).unwrap_or_else(|error| {
        assert!((1..=lines(list)).contains(&error.line));
        let _ = error.to_string();
        zone.tenants.clone()
    });
    assert!(tenants.values().all(|source| serve.sources.contains_key(source)));
    tenants.into_keys().collect()
}

/// What was accepted is served, and each domain is answered for each outcome.
fn is_served(zone: &ZoneConfig, domains: Vec<DomainName>) {
    let set = AddressSet {
        ip4: [Range { first: 0xc000_0201, last: 0xc000_0201 }].into_iter().collect(),
        ..AddressSet::default()
    };
    let trees = domains.iter().flat_map(|domain| {
        let names = zone.terms.outcomes.iter().map(|outcome| domain.prefixed(&outcome.name));
        names.map(|name| Tree { name: name.expect("names of a zone fit"), set: 0 })
    });
    let sets = vec![Arc::new(AddressIndex::new(&set))];
    let image = ZoneImage::new(zone.terms.layout.clone(), zone.terms.mechanism, trees, sets);
    let image = image.expect("what is accepted is a zone");
    let served = Zone::new(&image, &zone.options).expect("what is accepted can be served");
    let zones = Zones::new([served]).expect("one zone");
    for tree in image.trees().iter().take(ASKED) {
        assert!(asking::passes(&zones, &image, tree, PASSES), "{:?}", tree.name);
        assert!(!asking::passes(&zones, &image, tree, OTHER), "{:?}", tree.name);
    }
}

/// Every name of an address fits, and a zone's servers do not stand among them.
fn holds(zone: &ZoneConfig) {
    let layout = &zone.terms.layout;
    assert!(zone.has_sources() || zone.image.is_some());
    assert!(!zone.options.servers.is_empty() && !zone.terms.outcomes.is_empty());
    assert_eq!(zone.terms.by_domain, zone.terms.layout.version() && zone.terms.by_domain);
    let longest = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    for outcome in &zone.terms.outcomes {
        let domains = zone.tenants.keys().filter_map(|domain| domain.prefixed(&outcome.name).ok());
        for name in domains.chain((!zone.terms.by_domain).then(|| outcome.name.clone())) {
            let name = layout.zone().prefixed(&name).expect("names of a zone fit");
            let own =
                Layout::new(&name, layout.order(), layout.version()).expect("as do addresses");
            assert!(own.owner(longest).expect("names fit").octets() <= MAX_NAME_OCTETS);
            let mut servers = zone.options.servers.iter();
            let root = outcome.name.is_root() && !zone.terms.by_domain;
            assert!(root || servers.all(|server| !server.name.is_at_or_below(&name)));
        }
    }
    for server in &zone.options.servers {
        let own = server.name.is_at_or_below(layout.zone());
        assert_eq!(own, !server.addresses.is_empty());
        assert_eq!(layout.client(&server.name), None);
        // Above the zone's own name every address lies below.
        let networks = layout.networks(&server.name);
        assert!(networks.ip4.is_none() && networks.ip6.is_none());
    }
}
