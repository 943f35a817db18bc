//! Zones of every form behind a resolver that minimises names strictly (RFC 9156):
//! it asks for every name above an address first, and takes NXDOMAIN for all that
//! lies below.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::policies::{Client, Policy, Scene};
use crate::programs::programs;
use crate::running::ask;

/// What `spfc check` decides for these messages, asking a resolver: results with
/// void lookups, in order.
fn check(messages: &[(&Policy, Client)], resolver: SocketAddr) -> Vec<(String, u64)> {
    let lines: String = messages
        .iter()
        .map(|(policy, client)| format!("{}\n", json!({"ip": client.ip, "domain": policy.domain})))
        .collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(["check", "--batch", "-", "--format", "json", "--dns", &resolver.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let read = |line: &str| {
        let document: Value = serde_json::from_str(line).unwrap();
        let result = document["result"].as_str().unwrap().to_owned();
        (result, document["lookups"]["void"].as_u64().unwrap())
    };
    let results: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(read).collect();
    assert_eq!(results.len(), messages.len());
    results
}

#[test]
fn every_client_gets_its_result_whoever_asked_before() {
    let Some([unbound]) = programs(["unbound"]) else { return };
    let scene = Scene::new();
    let place = tempdir().unwrap();
    let server = scene.serve(place.path());
    // Each client in turn is the first to ask, of an empty cache.
    let turns = scene.most_clients();
    for first in 0..turns {
        let cache = tempdir().unwrap();
        let resolver = scene.resolver(&unbound, cache.path(), server.address);
        for turn in 0..turns {
            let messages: Vec<(&Policy, Client)> = scene
                .policies
                .iter()
                .map(|policy| (policy, policy.clients[(first + turn) % policy.clients.len()]))
                .collect();
            let results = check(&messages, resolver.address);
            for ((policy, client), (result, void)) in messages.iter().zip(results) {
                let wanted = (client.result, client.void);
                let shown = format!("{} {} after {turn} others", policy.record, client.ip);
                assert_eq!((&result[..], void), wanted, "{shown}");
            }
        }
    }
}

/// The names of one resolver's questions with what comes, in this order.
type Questions<'a> = [(&'a str, (ResponseCode, usize))];

#[test]
fn a_name_of_both_families_hides_neither() {
    let Some([unbound]) = programs(["unbound"]) else { return };
    let scene = Scene::new();
    let place = tempdir().unwrap();
    let server = scene.serve(place.path());
    let below = format!("7.{}8.0.0.2", "0.".repeat(27));
    let (nodata, absent) = ((ResponseCode::NoError, 0), (ResponseCode::NXDomain, 0));
    let found = (ResponseCode::NoError, 1);
    let ip6: &Questions = &[("8.0.0.2", nodata), (&below, found), ("9.0.0.2", absent)];
    let ip4: &Questions = &[("8.0.0.2", found), (&below, absent), ("0.0.2", nodata)];
    let both: &Questions = &[("8.0.0.2", found), (&below, found), ("0.8.0.0.2", nodata)];
    for (source, questions) in [("ip6", ip6), ("ip4", ip4), ("both", both)] {
        let zone = format!("_spf.{source}-exists.example");
        for first in 0..questions.len() {
            let cache = tempdir().unwrap();
            let resolver = scene.resolver(&unbound, cache.path(), server.address);
            for turn in 0..questions.len() {
                let (name, wanted) = questions[(first + turn) % questions.len()];
                let answer = ask(resolver.address, &format!("{name}.{zone}"), RecordType::A);
                let got = (answer.metadata.response_code, answer.answers.len());
                assert_eq!(got, wanted, "{name}.{zone} after {turn} others");
            }
        }
    }
}
