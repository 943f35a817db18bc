//! Whatever a configuration holds, it is read or refused at a place in it, and
//! what is read can be served.

#![no_main]

use std::net::{IpAddr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use spfc::config::{Config, ZoneConfig, read_tenants};
use spfc::image::Layout;
use spfc::name::MAX_NAME_OCTETS;

fuzz_target!(|octets: &[u8]| {
    if let Ok(tenants) = read_tenants(octets) {
        assert!(tenants.iter().all(|tenant| tenant.line > 0 && !tenant.source.is_empty()));
    }
    match Config::read(octets) {
        Ok(config) => {
            let serve = config.serve;
            assert!(serve.server.tcp.idle <= serve.server.tcp.total);
            for zone in &serve.zones {
                let named = zone.source.iter().chain(zone.tenants.values());
                named.for_each(|source| assert!(serve.sources.contains_key(source)));
                holds(zone);
            }
            for tenant in read_tenants(octets).unwrap_or_default() {
                serve.zones.iter().for_each(|zone| drop(zone.admit(&tenant.domain)));
            }
        }
        Err(error) => {
            let lines = octets.split(|octet| *octet == b'\n').count();
            assert!((1..=lines).contains(&error.line) && error.column > 0);
            let _ = error.to_string();
        }
    }
});

/// Every name of an address fits, and a zone's servers do not stand among them.
fn holds(zone: &ZoneConfig) {
    let layout = &zone.layout;
    assert!(zone.has_sources() || zone.image.is_some());
    assert!(!zone.options.servers.is_empty() && !zone.outcomes.is_empty());
    assert_eq!(zone.by_domain, zone.layout.version() && zone.by_domain);
    let longest = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    for outcome in &zone.outcomes {
        let domains = zone.tenants.keys().filter_map(|domain| domain.prefixed(&outcome.name).ok());
        for name in domains.chain((!zone.by_domain).then(|| outcome.name.clone())) {
            let name = layout.zone().prefixed(&name).expect("names of a zone fit");
            let own = Layout::new(&name, layout.order(), layout.version()).expect("as do addresses");
            assert!(own.owner(longest).expect("names fit").octets() <= MAX_NAME_OCTETS);
            let mut servers = zone.options.servers.iter();
            let root = outcome.name.is_root() && !zone.by_domain;
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
