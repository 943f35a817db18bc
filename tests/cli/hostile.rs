//! Policies written by somebody who means harm: a clear message, the right exit
//! status, no control characters, no panic, no endless run.

use std::fs;

use crate::support::{Ran, spfc};
use serde_json::{Value, json};

struct Zones(tempfile::TempDir);

impl Zones {
    fn new(zones: &Value) -> Zones {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("zones.json"), zones.to_string()).unwrap();
        Zones(folder)
    }

    fn run(&self, args: &[&str]) -> Ran {
        let file = self.0.path().join("zones.json");
        spfc(&[&["--dns-file", file.to_str().unwrap()], args].concat())
    }

    /// Runs every subcommand that reads a policy; the exit status of `flatten`.
    fn all(&self, domain: &str) -> Ran {
        for args in [
            &["check", domain, "--ip", "192.0.2.1"][..],
            &["check", domain, "--ip", "2001:db8::1", "--format", "json"],
            &["tree", domain],
            &["tree", domain, "--format", "json"],
            &["tree", domain, "--format", "dot"],
            &["lock", domain],
        ] {
            sound(&self.run(args), args);
        }
        let ran = self.run(&["flatten", domain]);
        sound(&ran, &["flatten", domain]);
        ran
    }
}

fn sound(ran: &Ran, args: &[&str]) {
    assert!((0..=4).contains(&ran.status), "{args:?}: {} {}", ran.status, ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{args:?}: {}", ran.stderr);
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!ran.stdout.contains(control) && !ran.stderr.contains(control), "{args:?}");
    if args.contains(&"json") && !ran.stdout.is_empty() {
        ran.json();
    }
    if ran.status == 0 && args[0] != "check" {
        assert!(!ran.stdout.is_empty(), "{args:?}");
    }
    assert!(ran.status == 0 || ran.stderr.contains("error: "), "{args:?}: {}", ran.stderr);
}

fn refused(zones: &Value, domain: &str, status: i32, message: &str) {
    let ran = Zones::new(zones).all(domain);
    assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains(message), "{}", ran.stderr);
    assert!(ran.stderr.len() < 20_000);
}

#[test]
fn names_of_300_octets() {
    let long = vec!["a".repeat(49); 6].join(".");
    let label = "a".repeat(64);
    let zones = Zones::new(&json!({
        "long.test": {"TXT": [format!("v=spf1 include:{long} -all")]},
        "label.test": {"TXT": [format!("v=spf1 include:{label}.test -all")]}
    }));
    // Such a target loses labels on the left (RFC 7208 section 7.3).
    let ran = zones.all("long.test");
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("has no SPF record"), "{}", ran.stderr);
    let ran = zones.all("label.test");
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("has a label over 63 octets"), "{}", ran.stderr);
    for command in ["tree", "flatten", "lock"] {
        let ran = zones.run(&[command, &long]);
        assert!(ran.status == 2 && ran.stderr.contains("is over 253 octets"), "{}", ran.stderr);
    }
    let sender = format!("a@{long}");
    let ran = zones.run(&["check", "--ip", "192.0.2.1", "--sender", &sender]);
    assert!(ran.status == 0 && ran.stdout.starts_with("none: "), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn octets_that_are_not_ascii() {
    let zones = json!({"a.test": {"TXT": ["v=spf1 ip4:192.0.2.1 é\u{202e}\u{9b}2J -all"]}});
    refused(&zones, "a.test", 3, "octet that no term may hold");
}

#[test]
fn control_characters() {
    let zones = json!({"a.test": {"TXT": ["v=spf1 include:\u{1b}[2Jb.test\u{7} -all"]}});
    refused(&zones, "a.test", 3, "octet that no term may hold");
    let zones = Zones::new(&json!({
        "a.test": {"TXT": ["v=spf1 -all exp=why.test"]},
        "why.test": {"TXT": ["go \u{1b}]0;away\r\nX-Injected: yes"]}
    }));
    zones.all("a.test");
    let ran = zones.run(&["check", "a.test", "--ip", "192.0.2.1", "--receiver", "r\r\nX: y"]);
    sound(&ran, &["check"]);
    assert!(!ran.stdout.contains("\nX"), "{}", ran.stdout);
}

#[test]
fn records_of_64_kilobytes() {
    let networks = |count: usize| -> String {
        (0..count).map(|n| format!(" ip4:10.{}.{}.0/25", n / 256, n % 256)).collect()
    };
    let zones = Zones::new(&json!({
        "terms.test": {"TXT": [format!("v=spf1{} -all", networks(3_800))]},
        "token.test": {"TXT": [format!("v=spf1 {}", "a".repeat(65_000))]}
    }));
    let ran = zones.all("terms.test");
    assert!(ran.stderr.contains("over the limit of 10: 158 for chunk records"), "{}", ran.stderr);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
    let ran = zones.all("token.test");
    assert!(ran.status == 3 && ran.stderr.len() < 4_000);
}

#[test]
fn ten_thousand_terms() {
    let terms = |term: &str| format!("v=spf1 {} -all", vec![term; 10_000].join(" "));
    let zones = Zones::new(&json!({
        "same.test": {"TXT": [terms("ip4:192.0.2.1")]},
        "bad.test": {"TXT": [terms("zz")]}
    }));
    assert_eq!(zones.all("same.test").status, 0);
    assert_eq!(zones.all("bad.test").status, 3);
}

#[test]
fn loops() {
    let zones = json!({
        "a.test": {"TXT": ["v=spf1 include:b.test -all"]},
        "b.test": {"TXT": ["v=spf1 redirect=a.test"]}
    });
    refused(&zones, "a.test", 3, "never ends");
    let own = json!({"a.test": {"TXT": ["v=spf1 redirect=a.test"]}});
    refused(&own, "a.test", 3, "never ends");
}

#[test]
fn deep_chains_and_diamonds() {
    let chain = |last: usize, includes: &dyn Fn(usize) -> String| {
        let mut zones = serde_json::Map::new();
        for n in 0..last {
            let text = format!("v=spf1 {} -all", includes(n + 1));
            zones.insert(format!("n{n}.test"), json!({"TXT": [text]}));
        }
        zones.insert(format!("n{last}.test"), json!({"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}));
        Value::Object(zones)
    };
    let single = |n: usize| format!("include:n{n}.test");
    refused(&chain(200, &single), "n0.test", 3, "more than 64 levels deep");
    let double = |n: usize| format!("include:n{n}.test include:n{n}.test");
    assert_eq!(Zones::new(&chain(60, &double)).all("n0.test").status, 0);
}

#[test]
fn ten_includes_deep_ten_times() {
    let mut zones = serde_json::Map::new();
    let mut level = vec!["w.test".to_owned()];
    for _ in 0..3 {
        let mut next = Vec::new();
        for name in level {
            let children: Vec<String> = (0..10).map(|n| format!("{n}.{name}")).collect();
            let includes: Vec<String> =
                children.iter().map(|child| format!("include:{child}")).collect();
            let text = format!("v=spf1 {} -all", includes.join(" "));
            zones.insert(name, json!({"TXT": [text]}));
            next.extend(children);
        }
        level = next;
    }
    for name in level {
        zones.insert(name, json!({"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}));
    }
    refused(&Value::Object(zones), "w.test", 3, "more than 1000 distinct DNS questions");
}
