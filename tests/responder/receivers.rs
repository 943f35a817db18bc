//! Receivers' own code over a strict resolver: pyspf, Mail::SPF and libspf2 decide
//! about each client as they should.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::policies::{Client, Policy, Scene};
use crate::programs::{fed, programs, python_with};

/// All messages: the policy that each is checked against, and its client.
fn messages(scene: &Scene) -> Vec<(&Policy, Client)> {
    let policies = scene.policies.iter();
    policies.flat_map(|policy| policy.clients.iter().map(move |client| (policy, *client))).collect()
}

/// Has a receiver decide about all messages, over a resolver at the port that it
/// is told.
fn decides(unbound: &Path, results: impl FnOnce(&[(&Policy, Client)], u16) -> Vec<String>) {
    let scene = Scene::new();
    let (place, cache) = (tempdir().unwrap(), tempdir().unwrap());
    let server = scene.serve(place.path());
    let resolver = scene.resolver(unbound, cache.path(), server.address);
    let messages = messages(&scene);
    let results = results(&messages, resolver.address.port());
    assert_eq!(results.len(), messages.len(), "{results:?}");
    let mut counts = std::collections::BTreeMap::new();
    for ((policy, client), result) in messages.iter().zip(&results) {
        assert_eq!(result, client.result, "{} of {}", client.ip, policy.record);
        let family = if client.ip.contains(':') { "ip6" } else { "ip4" };
        *counts.entry((result.as_str(), family)).or_insert(0) += 1;
    }
    // Each result for both families, over both mechanisms.
    assert!(counts.len() == 6 && counts.values().all(|count| *count > 2), "{counts:?}");
}

#[test]
fn pyspf_decides_rightly() {
    let Some([unbound]) = programs(["unbound"]) else { return };
    let Some(python) = python_with("spf, dns.resolver") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/responder/pyspf.py");
    decides(&unbound, |messages, port| {
        let lines: String = messages
            .iter()
            .map(|(policy, client)| format!("{} {}\n", client.ip, policy.domain))
            .collect();
        let port = port.to_string();
        let args = ["--kill-after=2", "50", &python, script, &port];
        let (well, said, warned) = fed("timeout", &args, &lines);
        assert!(well, "{warned}");
        said.lines().map(str::to_owned).collect()
    });
}

#[test]
fn mail_spf_decides_rightly() {
    let Some([unbound, spfquery]) = programs(["unbound", "spfquery.mail-spf-perl"]) else { return };
    decides(&unbound, |messages, port| {
        let lines: String = messages
            .iter()
            .map(|(policy, client)| format!("{} postmaster@{1} {1}\n", client.ip, policy.domain))
            .collect();
        // Net::DNS reads where to ask from the environment.
        let (spfquery, port) = (spfquery.to_str().unwrap(), format!("RES_OPTIONS=port:{port}"));
        let args = ["RES_NAMESERVERS=127.0.0.1", &port, "timeout", "--kill-after=2", "50"];
        let args = [&args[..], &[spfquery, "--file", "-"]].concat();
        let (_, said, warned) = fed("env", &args, &lines);
        // Beside a result stand lines of explanation.
        let results = ["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"];
        let results = said.lines().filter(|line| results.contains(line));
        let results: Vec<String> = results.map(str::to_owned).collect();
        assert_eq!(results.len(), messages.len(), "{said}{warned}");
        results
    });
}

/// What `spfquery` of libspf2 says about a client: its first line.
fn ask_libspf2(spfquery: &Path, preload: &Path, port: u16, policy: &Policy, ip: &str) -> String {
    let sender = format!("postmaster@{}", policy.domain);
    let Output { stdout, stderr, .. } = Command::new("timeout")
        .args(["--kill-after=2", "20"])
        .arg(spfquery)
        .args(["-ip", ip, "-sender", &sender, "-helo", &policy.domain])
        .env("LD_PRELOAD", preload)
        .env("RESOLVER_PORT", port.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned();
    let first = said.lines().next().map(str::to_owned);
    first.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&stderr)))
}

/// Builds what tells the C library its resolver's port.
fn resolver_port(compiler: &Path, folder: &Path) -> PathBuf {
    let library = folder.join("resolver_port.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/responder/resolver_port.c");
    let mut command = Command::new(compiler);
    command.args(["-shared", "-fPIC", "-o"]).arg(&library).args([source, "-ldl"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    library
}

#[test]
fn libspf2_decides_rightly() {
    let names = ["unbound", "spfquery.libspf2", "cc"];
    let Some([unbound, spfquery, compiler]) = programs(names) else { return };
    let folder = tempdir().unwrap();
    let preload = resolver_port(&compiler, folder.path());
    decides(&unbound, |messages, port| {
        let ask = |(policy, client): &(&Policy, Client)| {
            ask_libspf2(&spfquery, &preload, port, policy, client.ip)
        };
        messages.iter().map(ask).collect()
    });
}
