//! The shard zone in the servers of others: checked by three of them, served by
//! NSD, and asked directly and through a resolver with strict QNAME minimisation.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use spfc::addr::{Address, AddressSet, Prefix};
use tempfile::tempdir;

use crate::ZONE;
use crate::nsd::nsd;
use crate::programs::programs;
use crate::resolver::strict_resolver;
use crate::running::said;

/// Every so many ranges one has its edges asked for.
const EACH: usize = 55;
/// Other addresses of each family.
const OTHERS: u64 = 400;

/// Checks and serves the zone of a policy with these terms; says so where the
/// programs are not there.
pub(crate) fn served(terms: &[String], zone: &str) {
    let names = ["nsd", "unbound", "nsd-checkzone", "kzonecheck", "named-checkzone"];
    let Some([server, resolver, nsd_check, knot_check, bind_check]) = programs(names) else {
        return;
    };
    let (place, cache) = (tempdir().unwrap(), tempdir().unwrap());
    let file = place.path().join("checked");
    std::fs::write(&file, zone).unwrap();
    let file = file.to_str().unwrap();
    check(&nsd_check, &[ZONE, file]);
    check(&knot_check, &["-o", ZONE, file]);
    check(&bind_check, &["-i", "local", ZONE, file]);
    let own = format!(
        "$TTL 300\nexample.com. IN SOA ns.example.com. hostmaster.example.com. 1 7200 1800 1209600 300\n\
         example.com. IN NS ns.example.com.\nns.example.com. IN A 127.0.0.1\n{ZONE}. IN NS ns1.example.com.\n\
         ns1.example.com. IN A 127.0.0.1\nexample.com. IN TXT \"v=spf1 include:%{{ir}}.%{{v}}.{ZONE} ~all\"\n"
    );
    let server = nsd(&server, place.path(), &[("example.com", &own), (ZONE, zone)]);
    let zones = ["example.com", ZONE];
    let resolver = strict_resolver(&resolver, cache.path(), server.address, &zones);
    let set = set(terms);
    let clients = clients(terms);
    for (who, address) in [("NSD", server.address), ("unbound, strict", resolver.address)] {
        let right = right(&set, &clients, address);
        println!(
            "zones: shard at {who}: {right} of {} clients right, one lookup each",
            clients.len()
        );
        assert_eq!(right, clients.len());
    }
}

fn check(program: &Path, args: &[&str]) {
    let (good, words) = said(program, args);
    assert!(good && !words.to_lowercase().contains("warning"), "{}: {words}", program.display());
}

/// The networks of terms.
fn prefixes(terms: &[String]) -> (Vec<Prefix<u32>>, Vec<Prefix<u128>>) {
    // A single address may stand without a length.
    let network = |text: &str, length: &str| match text.contains('/') {
        true => text.to_owned(),
        false => format!("{text}/{length}"),
    };
    let ip4 = terms.iter().filter_map(|term| term.strip_prefix("ip4:"));
    let ip6 = terms.iter().filter_map(|term| term.strip_prefix("ip6:"));
    let ip4 = ip4.map(|text| network(text, "32").parse::<ipnet::Ipv4Net>().unwrap().into());
    let ip6 = ip6.map(|text| network(text, "128").parse::<ipnet::Ipv6Net>().unwrap().into());
    (ip4.collect(), ip6.collect())
}

fn set(terms: &[String]) -> AddressSet {
    let (ip4, ip6) = prefixes(terms);
    AddressSet {
        ip4: ip4.iter().map(|prefix| prefix.range()).collect(),
        ip6: ip6.iter().map(|prefix| prefix.range()).collect(),
    }
}

/// Both ends of some ranges, their neighbours, and addresses from anywhere.
fn clients(terms: &[String]) -> Vec<IpAddr> {
    fn edges<A: Address>(prefix: &Prefix<A>) -> impl Iterator<Item = IpAddr> {
        let (first, last) = (prefix.first(), prefix.last());
        let edges = [first.previous(), Some(first), Some(last), last.next()];
        edges.into_iter().flatten().map(Address::to_ip)
    }
    let (ip4, ip6) = prefixes(terms);
    let mut clients: Vec<IpAddr> = ip4.iter().step_by(EACH).flat_map(edges).collect();
    clients.extend(ip6.iter().step_by(EACH).flat_map(edges));
    let mut state: u64 = 7208;
    let mut random = || {
        // Knuth's constants.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 32
    };
    for _ in 0..OTHERS {
        clients.push(IpAddr::V4((random() as u32).into()));
        clients.push(IpAddr::V6((1 << 125 | u128::from(random()) << 93).into()));
    }
    clients
}

/// How many clients get what the set says, in one lookup that is not void.
fn right(set: &AddressSet, clients: &[IpAddr], server: SocketAddr) -> usize {
    let messages: String = clients
        .iter()
        .map(|ip| {
            format!("{}\n", serde_json::json!({ "ip": ip.to_string(), "domain": "example.com" }))
        })
        .collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(["check", "--batch", "-", "--format", "json", "--dns", &server.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(messages.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    let is_right = |(client, line): &(&IpAddr, &str)| {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        let expected = if set.contains(**client) { "pass" } else { "softfail" };
        let lookups = &document["lookups"];
        document["result"] == expected && lookups["terms"] == 1 && lookups["void"] == 0
    };
    clients.iter().zip(lines).filter(is_right).count()
}
