//! Outputs served by NSD, asked directly and through a strict resolver: for every
//! client `spfc check` gives what it gives for the source.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::nsd::nsd;
use crate::outputs::{Output, Zone, addresses, outputs, source_text, spoiled};
use crate::programs::programs;
use crate::resolver::strict_resolver;

/// The results of `spfc check` for the policy at a domain, with DNS read as the
/// flags say: one for each address.
fn results(domain: &str, flags: &[&str]) -> Results {
    let addresses = addresses();
    let messages: String = addresses
        .iter()
        .map(|ip| format!("{}\n", json!({ "ip": ip.to_string(), "domain": domain })))
        .collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_spfc"))
        .args(["check", "--batch", "-", "--format", "json"])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(messages.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let result = |line: &str| {
        let document: Value = serde_json::from_str(line).unwrap();
        let problem = document["problem"].as_str().unwrap_or_default();
        format!("{}{problem}", document["result"].as_str().unwrap())
    };
    let results: Vec<String> =
        std::str::from_utf8(&output.stdout).unwrap().lines().map(result).collect();
    assert_eq!(results.len(), addresses.len());
    addresses.iter().map(ToString::to_string).zip(results).collect()
}

/// Results by address.
type Results = Vec<(String, String)>;

/// What the source decides, without any server.
fn wanted(folder: &Path) -> Results {
    let file = folder.join("source.json");
    std::fs::write(&file, source_text("source.example")).unwrap();
    let wanted = results("source.example", &["--dns-file", file.to_str().unwrap()]);
    for result in ["pass", "fail", "softfail", "neutral"] {
        assert!(wanted.iter().any(|(_, wanted)| wanted == result), "nobody gets {result}");
    }
    wanted
}

/// Where a server's answers decide otherwise: what is wanted, and what they give.
fn differing(output: &Output, server: SocketAddr, wanted: &Results) -> Vec<String> {
    let got = results(&output.domain, &["--dns", &server.to_string()]);
    let pairs = wanted.iter().zip(&got).filter(|(wanted, got)| wanted != got);
    pairs.map(|((address, wanted), (_, got))| format!("{address} {wanted} {got}")).collect()
}

#[test]
fn served_zones_mean_what_the_source_means() {
    let Some([server, resolver]) = programs(["nsd", "unbound"]) else { return };
    let (outputs, spoiled) = (outputs(), spoiled());
    let zones = outputs.iter().chain([&spoiled]).flat_map(|output| &output.zones);
    let zones: Vec<&Zone> = zones.collect();
    let (place, cache) = (tempdir().unwrap(), tempdir().unwrap());
    let named: Vec<(&str, &str)> =
        zones.iter().map(|zone| (&zone.name[..], &zone.text[..])).collect();
    let server = nsd(&server, place.path(), &named);
    let names: Vec<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
    let resolver = strict_resolver(&resolver, cache.path(), server.address, &names);
    let wanted = wanted(place.path());
    for output in &outputs {
        for address in [server.address, resolver.address] {
            let differ = differing(output, address, &wanted);
            assert!(differ.is_empty(), "{}: {differ:?}", output.domain);
        }
    }
    let differ = differing(&spoiled, server.address, &wanted);
    assert!(differ.contains(&String::from("192.0.2.7 pass softfail")), "{differ:?}");
    assert!(differ.iter().all(|line| line.starts_with("192.0.")), "{differ:?}");
}
