//! `spfc lint` against recordings, from recordings, and below domains.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::shared::shared;
use crate::support::{offline, path, spfc};

fn codes(document: &Value) -> Vec<&str> {
    let targets = document["targets"].as_array().unwrap().iter();
    let found = targets.flat_map(|target| target["diagnostics"].as_array().unwrap());
    found.map(|found| found["code"].as_str().unwrap()).collect()
}

/// A lock file of the zones with one sound policy added.
fn sound(folder: &Folder, record: &str) -> String {
    folder.zones(json!({
        "mail.test": {"TXT": ["v=spf1 include:list.test ~all"]},
        "list.test": {"TXT": [record]}
    }))
}

fn locked(folder: &Folder, zones: &str, domains: &[&str]) -> String {
    let lock = folder.file("mail.lock");
    let ran = spfc(&[&["--dns-file", zones, "lock", "-o", &lock], domains].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    lock
}

#[test]
fn drift_is_caught_in_the_same_run() {
    let folder = Folder::new();
    let zones = sound(&folder, "v=spf1 ip4:192.0.2.0/25 -all");
    let lock = locked(&folder, &zones, &["mail.test"]);
    let lint = |zones: &str, more: &[&str]| {
        spfc(&[&["--dns-file", zones, "lint", "--lock", &lock, "--format", "json"], more].concat())
    };
    let ran = lint(&zones, &[]);
    assert_eq!((ran.status, codes(&ran.json())), (0, vec![]), "{}", ran.stdout);
    assert_eq!(ran.json()["targets"][0]["target"], "mail.test");

    let grown = sound(&folder, "v=spf1 ip4:192.0.2.0/24 -all");
    for (more, status) in [
        (&[][..], 1),
        (&["mail.test"], 1),
        (&["mail.test", "--warn", "SPF9"], 0),
        (&["mail.test", "--warn", "SPF9", "--fail-on", "warning"], 1),
        (&["mail.test", "--record", "v=spf1 include:list.test ~all"], 1),
    ] {
        let ran = lint(&grown, more);
        assert_eq!((ran.status, codes(&ran.json())), (status, vec!["SPF901"]), "{more:?}");
        assert_eq!(
            ran.json()["targets"][0]["diagnostics"][0]["span"],
            json!({"start": 7, "end": 24})
        );
    }
    let undone = lint(&grown, &["mail.test", "--record", "v=spf1 ip4:192.0.2.0/25 ~all"]);
    assert_eq!(codes(&undone.json()), ["SPF904"]);

    let shrunken = sound(&folder, "v=spf1 ip4:192.0.2.0/26 -all");
    assert_eq!(codes(&lint(&shrunken, &[]).json()), ["SPF902"]);
    assert_eq!(codes(&lint(&shrunken, &["--max-shrink", "50"]).json()), ["SPF901"]);
    let config = folder.write("spfc.toml", "[lint]\nmax-shrink = 50\n");
    let configured =
        |more: &[&str]| lint(&shrunken, &[&["--config", &config], more].concat()).json();
    assert_eq!(codes(&configured(&[])), ["SPF901"]);
    assert_eq!(codes(&configured(&["--max-shrink", "49"])), ["SPF902"]);
}

#[test]
fn a_zone_file_is_compared_before_it_is_published() {
    let folder = Folder::new();
    let zones = sound(&folder, "v=spf1 ip4:192.0.2.0/25 -all");
    let lock = locked(&folder, &zones, &["mail.test"]);
    let zone = "$ORIGIN mail.test.\n@ 300 IN TXT \"v=spf1 include:list.test ip4:198.51.100.1 ~all\"\n\
                other 300 IN TXT \"v=spf1 -all\"\n";
    let zone = folder.write("mail.zone", zone);
    let args = ["--dns-file", &zones, "lint", &zone, "--lock", &lock, "--format", "json"];
    let ran = spfc(&args);
    assert_eq!((ran.status, codes(&ran.json())), (1, vec!["SPF901"]), "{}", ran.stderr);
    let found = &ran.json()["targets"][0]["diagnostics"][0];
    assert_eq!(found["span"], json!({"start": 25, "end": 41}));
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_recording_of_other_domains_is_a_mistake() {
    let folder = Folder::new();
    let zones = sound(&folder, "v=spf1 ip4:192.0.2.0/25 -all");
    let lock = locked(&folder, &zones, &["mail.test"]);
    let lint =
        |more: &[&str]| spfc(&[&["--dns-file", &zones, "lint", "--lock", &lock], more].concat());
    let ran = lint(&["list.test"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("records the policy of none"), "{}", ran.stderr);
    let ran = lint(&["list.test", "mail.test", "--sending", "yes", "--allow", "SPF6"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("note: list.test is not recorded in "), "{}", ran.stderr);
    for args in [
        &["lint"][..],
        &["lint", "--lock", &path("zones.json")],
        &["lint", "v=spf1 -all", "--offline", "--lock", &lock],
        &["lint", "small.test", "--max-shrink", "20"],
        &["lint", "v=spf1 -all", "--lock", &lock],
    ] {
        let ran = offline(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
    }
    // Nothing to lint must not look like nothing to find.
    let empty = folder.write("empty.lock", r#"{"spfc_lock": 1, "answers": []}"#);
    for flag in ["--dns-file", "--lock"] {
        let ran = spfc(&["lint", flag, &empty]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{flag}");
        assert!(ran.stderr.contains("names no domain whose policy it records"), "{}", ran.stderr);
    }
}

#[test]
fn a_recording_is_linted_without_dns() {
    let folder = Folder::new();
    let zones = folder.zones(json!({
        "mail.test": {"TXT": ["v=spf1 ip4:192.0.2.0/25 -all"]},
        "_dmarc.mail.test": {"TXT": ["v=DMARC1; p=reject"]}
    }));
    let lock = locked(&folder, &zones, &["mail.test", "small.test"]);
    let json = ["lint", "--format", "json"];
    let there = spfc(&[&["--dns-file", &lock], &json[..]].concat());
    let here = spfc(&[&["--dns-file", &zones], &json[..], &["mail.test", "small.test"]].concat());
    assert_eq!(there.json(), here.json());
    // The recorded DMARC record makes the difference.
    assert_eq!(there.json()["targets"][0]["diagnostics"][0]["severity"], "warning");
    // What is not recorded beside the policy is not known, and no mistake.
    let more = ["--warn", "SPF608", "mail.test"];
    let there = spfc(&[&["--dns-file", &lock], &json[..], &more[..]].concat());
    assert_eq!(there.status, 0, "{}", there.stderr);
    let names = folder.write("names", "www\n");
    let below = spfc(&["--dns-file", &lock, "lint", "--subdomains", &names]);
    assert_eq!(below.status, 2);
}

#[test]
fn a_recorded_source_is_linted_as_its_domain() {
    let folder = Folder::new();
    let lock = folder.file("source.lock");
    let args = ["lock", "published.test", "--source", "_source.published.test", "-o", &lock];
    assert_eq!(offline(&args).status, 0);
    let ran = spfc(&["--dns-file", &lock, "lint", "--format", "json"]);
    let target = &ran.json()["targets"][0];
    assert_eq!(target["target"], "published.test");
    assert_eq!(target["record"], "v=spf1 include:child.test ip4:192.0.2.0/24 -all");
}

#[test]
fn published_policies_are_linted_alike_from_their_recordings() {
    let (Some(zones), Some(domains)) = (shared("corpus/zones.json"), shared("corpus/domains.txt"))
    else {
        return;
    };
    let folder = Folder::new();
    let zones = zones.to_str().unwrap();
    let domains = std::fs::read_to_string(domains).unwrap();
    let some: Vec<&str> = domains.lines().map(str::trim).step_by(80).collect();
    let lock = folder.file("corpus.lock");
    let mut compared = 0;
    for domain in some {
        let ran = spfc(&["--dns-file", zones, "lock", domain, "-o", &lock]);
        if ran.status != 0 {
            assert_eq!(ran.status, 3, "{domain}: {}", ran.stderr);
            continue;
        }
        let lint = |file: &str| spfc(&["--dns-file", file, "lint", domain, "--format", "json"]);
        let (there, here) = (lint(&lock), lint(zones));
        assert_eq!((there.status, there.json()), (here.status, here.json()), "{domain}");
        assert_eq!(spfc(&["--dns-file", zones, "diff", "-f", &lock]).status, 0, "{domain}");
        compared += 1;
    }
    assert!(compared > 5, "only {compared} policies were recorded");
}

#[test]
fn names_below_a_domain_need_policies() {
    let folder = Folder::new();
    let zones = folder.zones(json!({
        "mail.test": {"TXT": ["v=spf1 ip4:192.0.2.0/25 ~all"]},
        "www.mail.test": {"A": ["192.0.2.1"]},
        "a.b.mail.test": {"MX": ["10 www.mail.test"]},
        "has.mail.test": {"A": ["192.0.2.2"], "TXT": ["v=spf1 -all"]}
    }));
    let names = folder.write("names", "www # here\na.b\nhas.mail.test\ngone\nwww.other.test.\n");
    let lint = ["--dns-file", &zones, "lint", "mail.test", "--subdomains", &names];
    let ran = spfc(&lint);
    insta::assert_snapshot!("lint_subdomains", ran.transcript().replace(&names, "(names)"));
    assert_eq!(spfc(&[&lint[..], &["--fail-on", "warning"]].concat()).status, 1);
    assert_eq!(
        spfc(&[&lint[..], &["--fail-on", "warning", "--allow", "SPF609"]].concat()).status,
        0
    );
    let offline = ["lint", "v=spf1 -all", "--offline", "--subdomains", &names];
    assert_eq!(spfc(&offline).status, 2);
}
