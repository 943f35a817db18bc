//! Questions of every kind, and packets that are none, beside NSD: each is answered
//! as NSD answers it, or better in a way that is argued here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use tempfile::tempdir;

use crate::nsd::nsd;
use crate::policies::serve;
use crate::programs::{fed, programs};
use crate::running::ask;
use crate::shared::shared;

const ZONE: &str = "_spf.example.com";

const CONFIG: &str = "\
[source.all]
cidrs = 'addresses.txt'
[[zone]]
record = 'v=spf1 exists:%{ir}._spf.example.com -all'
ns = ['ns._spf.example.com']
addresses = { 'ns._spf.example.com' = ['127.0.0.1'] }
source = 'all'
";

/// Probes that are answered otherwise than by NSD: with what, and why that is better.
const BETTER: [(&str, &str, &str); 6] = [
    (
        "below a hit x.7.2.0.192",
        "NXDOMAIN aa 0/1",
        "it is the name of no address; NSD's wildcard answers for everything below",
    ),
    ("256.2.0.192", "NXDOMAIN aa 0/1", "it is the name of no address"),
    (
        "007.2.0.192",
        "NXDOMAIN aa 0/1",
        "no receiver writes zeros before a number, and some would read it as octal",
    ),
    (
        "class ANY",
        "REFUSED 0/0",
        "records of one class are no answer for all; NSD gives them, and marks them as \
         not authoritative",
    ),
    (
        "AXFR over UDP",
        "REFUSED 0/0",
        "a transfer is never allowed (RFC 5936 section 4.2 has none over UDP); it is \
         said as over TCP",
    ),
    (
        "NOTIFY",
        "NOTIMP 0/0",
        "no zone is anybody's secondary, so the opcode is one that is not implemented \
         (RFC 1035 section 4.1.1), as UPDATE is",
    ),
];

/// The addresses as NSD takes them: wildcards, and names for a part of an octet.
fn zone_file() -> String {
    let mut text = String::from(
        "$ORIGIN _spf.example.com.\n$TTL 3600\n@ SOA ns hostmaster 1 3600 600 86400 300\n\
         @ NS ns\nns A 127.0.0.1\n*.2.0.192 A 127.0.0.2\n*.8.b.d.0.1.0.0.2 A 127.0.0.2\n",
    );
    for octet in 128..=255 {
        writeln!(text, "{octet}.100.51.198 A 127.0.0.2").unwrap();
    }
    text
}

/// The table that the probes print: what two servers answered to each.
fn table(probes: &Path, ports: [u16; 2]) -> BTreeMap<String, [String; 2]> {
    let servers = [format!("nsd={}", ports[0]), format!("spfc={}", ports[1])];
    let args = ["--kill-after=2", "55", "python3", probes.to_str().unwrap()];
    let (well, said, warned) =
        fed("timeout", &[&args[..], &[&servers[0], &servers[1]]].concat(), "");
    assert!(well, "{warned}");
    let mut rows = BTreeMap::new();
    for line in said.lines().skip(2) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [probe, nsd, spfc] = cells[..] else { panic!("{line}") };
        let earlier = rows.insert(probe.to_owned(), [nsd, spfc].map(str::to_owned));
        assert_eq!(earlier, None, "{line}");
    }
    rows
}

#[test]
fn each_probe_is_answered_as_by_nsd_or_better() {
    let Some([program, _]) = programs(["nsd", "python3"]) else { return };
    let Some(probes) = shared("bench/responder/probe.py") else { return };
    let (place, folder) = (tempdir().unwrap(), tempdir().unwrap());
    let other = nsd(&program, place.path(), &[(ZONE, &zone_file())]);
    let cidrs = "192.0.2.0/24\n198.51.100.128/25\n2001:db8::/32\n";
    std::fs::write(folder.path().join("addresses.txt"), cidrs).unwrap();
    let server = serve(folder.path(), CONFIG, ZONE);
    let mut rows = table(&probes, [other.address, server.address].map(|it| it.port()));
    assert!(rows.len() >= 59, "{}", rows.len());
    assert_eq!(rows["after 20k mutated packets"], ["alive", "alive"]);
    for (probe, wanted, why) in BETTER {
        let [nsd, spfc] = rows.remove(probe).unwrap();
        assert_eq!(spfc, wanted, "{probe}: {why}");
        assert_ne!(nsd, spfc, "{probe} is answered as by NSD");
    }
    let differ: Vec<_> = rows.iter().filter(|(_, [nsd, spfc])| nsd != spfc).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    // After the mutated packets it is not only alive, it is right.
    let (found, nodata) = ((ResponseCode::NoError, 1), (ResponseCode::NoError, 0));
    let absent = (ResponseCode::NXDomain, 0);
    let ip6 = format!("1.{}8.b.d.0.1.0.0.2", "0.".repeat(23));
    let other_ip6 = format!("1.{}9.b.d.0.1.0.0.2", "0.".repeat(23));
    let questions = [
        ("7.2.0.192", found),
        ("128.100.51.198", found),
        ("127.100.51.198", absent),
        ("7.3.0.192", absent),
        ("2.0.192", nodata),
        (&ip6, found),
        (&other_ip6, absent),
    ];
    for (name, wanted) in questions {
        let answer = ask(server.address, &format!("{name}.{ZONE}"), RecordType::A);
        let got = (answer.metadata.response_code, answer.answers.len());
        assert_eq!(got, wanted, "{name}");
    }
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains("ERROR"), "{log}");
}
