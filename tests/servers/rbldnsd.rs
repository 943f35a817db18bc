//! The data files for rbldnsd, in rbldnsd.

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, RecordType};
use spfc::addr::AddressSet;
use spfc::compile::{MacroStyle, compile_macro};
use spfc::image::{Layout, Order};
use tempfile::tempdir;

use crate::outputs::{addresses, macros, source, source_text};
use crate::programs::programs;
use crate::resolver::strict_resolver;
use crate::running::{Running, ask};

const DOMAIN: &str = "rbldnsd.example";
const ZONES: [&str; 2] = ["in-addr._spf.rbldnsd.example", "ip6._spf.rbldnsd.example"];

/// The data files that the command line prints, in rbldnsd.
fn rbldnsd(program: &Path, folder: &Path) -> Running {
    let dns = folder.join("source.json");
    std::fs::write(&dns, source_text(DOMAIN)).unwrap();
    for family in ["ip4", "ip6"] {
        let output = Command::new(env!("CARGO_BIN_EXE_spfc"))
            .args(["macro", DOMAIN, "--zone", "_spf.rbldnsd.example", "--output", "rbldnsd"])
            .args(["--ns=-ns;1.example.net", "--family", family, "--dns-file"])
            .arg(&dns)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::write(folder.join(family), output.stdout).unwrap();
    }
    readable(folder);
    let place = folder.display();
    Running::start(program, folder, ZONES[0], |port| {
        let [ip4, ip6] = ZONES;
        vec![
            String::from("-n"),
            format!("-b127.0.0.1/{port}"),
            format!("{ip4}:ip4trie:{place}/ip4"),
            format!("{ip6}:ip6trie:{place}/ip6"),
        ]
    })
}

/// Started by root, rbldnsd reads its files as somebody else.
#[cfg(unix)]
fn readable(folder: &Path) {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn readable(_: &Path) {}

/// The addresses that the zone passes, as a responder is given them.
fn passing() -> (Layout, AddressSet) {
    let style = MacroStyle::Exists { order: Order::Reversed, version: true };
    let output = compile_macro(&source(DOMAIN), &macros(DOMAIN, style, 0)).unwrap();
    (output.sets[0].layout.clone(), output.sets[0].read().unwrap())
}

#[test]
fn rbldnsd_answers_for_the_addresses_that_pass() {
    let Some([program]) = programs(["rbldnsd"]) else { return };
    let folder = tempdir().unwrap();
    let server = rbldnsd(&program, folder.path());
    let (layout, set) = passing();
    let answer = RData::A(A([127, 0, 0, 2].into()));
    let mut counts = [0; 2];
    for address in addresses() {
        let owner = layout.owner(address).unwrap().to_string();
        let answered = ask(server.address, &owner, RecordType::A);
        let held = set.contains(address);
        counts[usize::from(held)] += 1;
        let records: Vec<&RData> = answered.answers.iter().map(|record| &record.data).collect();
        let expected = match held {
            true => (ResponseCode::NoError, vec![&answer]),
            false => (ResponseCode::NXDomain, vec![]),
        };
        assert_eq!((answered.metadata.response_code, records), expected, "{address}");
        let text = ask(server.address, &owner, RecordType::TXT);
        assert!(text.answers.is_empty(), "{address}: {text:?}");
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
    for zone in ZONES {
        let servers = ask(server.address, zone, RecordType::NS);
        assert_eq!(servers.answers[0].data.to_string(), "\\-ns\\;1.example.net.", "{zone}");
        assert_eq!(ask(server.address, zone, RecordType::SOA).answers.len(), 1);
    }
}

/// What `--output rbldnsd` warns of; it also shows that the resolver is strict.
#[test]
fn strict_resolvers_find_nobody_in_rbldnsd() {
    let Some([program, resolver]) = programs(["rbldnsd", "unbound"]) else { return };
    let (folder, cache) = (tempdir().unwrap(), tempdir().unwrap());
    let server = rbldnsd(&program, folder.path());
    let resolver = strict_resolver(&resolver, cache.path(), server.address, &ZONES);
    let (layout, set) = passing();
    for address in ["192.0.2.7", "2001:db8:7::7"].map(|ip| ip.parse::<IpAddr>().unwrap()) {
        assert!(set.contains(address));
        let owner = layout.owner(address).unwrap().to_string();
        let direct = ask(server.address, &owner, RecordType::A);
        assert_eq!(direct.answers.len(), 1, "{address}");
        let through = ask(resolver.address, &owner, RecordType::A);
        assert_eq!(through.metadata.response_code, ResponseCode::NXDomain, "{address}");
    }
}
