//! `spfc map`.

use std::fs;

use serde_json::json;

use crate::folder::Folder;
use crate::support::{example, keys, offline, spfc};

/// The octets that every PNG file begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let document = offline(&["map", "dynamic.test", "--format", "json"]).json();
    let expected = ["change", "decided_by_message", "domain", "errors", "providers", "schema"];
    assert_eq!(keys(&document), expected);
    assert_eq!((&document["schema"], &document["domain"]), (&json!(1), &json!("dynamic.test")));
    assert_eq!(document["decided_by_message"], json!(["exists:%{i}.list.test"]));
    let provider = &document["providers"][0];
    assert_eq!(keys(provider), ["addresses", "domain", "ranges", "term"]);
    assert_eq!(provider["addresses"], json!({"ip4": 256, "ip6_prefixes": 0}));
    assert_eq!(
        provider["ranges"],
        json!([{"family": "ip4", "first": "192.0.2.0", "last": "192.0.2.255"}])
    );
}

#[test]
fn people_are_told_who_passes_what() {
    let ran = spfc(&["--dns-file", &example(), "map", "example.com"]);
    insta::assert_snapshot!("map_example", ran.transcript());
    let ran = spfc(&["--dns-file", &example(), "map", "example.com", "-v"]);
    assert!(ran.stdout.contains("    198.51.100.192/29\n"), "{}", ran.stdout);
}

#[test]
fn pictures_are_files() {
    let folder = Folder::new();
    let (png, svg) = (folder.file("map.png"), folder.file("map.SVG"));
    let ran = offline(&["map", "small.test", "-o", &png, "--prefix", "192.0.2.0/24"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("drawn "), "{}", ran.stderr);
    assert!(fs::read(&png).unwrap().starts_with(PNG));
    let ran = offline(&["map", "small.test", "-o", &svg, "--theme", "dark", "--format", "json"]);
    assert_eq!(ran.json()["domain"], "small.test");
    let text = fs::read_to_string(&svg).unwrap();
    assert!(text.starts_with("<svg ") && text.contains(">include:child.test</text>"));
    let again = folder.file("again.svg");
    offline(&["-q", "map", "small.test", "-o", &again, "--theme", "dark"]);
    assert_eq!(fs::read_to_string(&again).unwrap(), text);
}

#[test]
fn changes_are_shown_against_a_recording() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({"child.test": {"TXT": ["v=spf1 ip4:203.0.113.0/25 ~all"]}}));
    let map = |more: &[&str]| {
        spfc(&[&["--dns-file", &zones, "map", "small.test", "--against", &lock], more].concat())
    };
    let document = map(&["--format", "json"]).json();
    let change = &document["change"];
    assert_eq!(keys(change), ["against", "decided_by_message_before", "gained", "lost"]);
    // One of the addresses passed before, as another provider's.
    let (gained, lost) = (&change["gained"][0], &change["lost"][0]);
    assert_eq!(
        (&gained["term"], &gained["addresses"]["ip4"]),
        (&json!("include:child.test"), &json!(127))
    );
    assert_eq!(
        (&lost["term"], &lost["addresses"]["ip4"]),
        (&json!("include:child.test"), &json!(255))
    );
    let ran = map(&[]);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.contains("+ gained  127 IPv4\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("- lost  255 IPv4\n"), "{}", ran.stdout);
    let svg = folder.file("change.svg");
    assert_eq!(map(&["-o", &svg]).status, 0);
    let text = fs::read_to_string(&svg).unwrap();
    assert!(text.contains(">gained</text>") && text.contains(">lost</text>"));
    // What the recording lacks is asked of nobody else.
    let text = fs::read_to_string(&lock).unwrap();
    let lacking: Vec<&str> =
        text.lines().filter(|line| !line.starts_with(r#"{"name":"child.test""#)).collect();
    let lacking = folder.write("lacking.lock", &lacking.join("\n"));
    let ran = offline(&["map", "small.test", "--against", &lacking]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("child.test TXT is not recorded\n"), "{}", ran.stderr);
    // A file of several policies holds that of the same domain.
    let ran = offline(&["map", "small.test", "--against", &crate::support::path("zones.json")]);
    assert!(ran.stdout.contains("+ gained  no address\n"), "{}", ran.stdout);
}

#[test]
fn records_need_no_domain() {
    let ran = offline(&["map", "v=spf1 ip4:192.0.2.0/30 -all", "--format", "json"]);
    let document = ran.json();
    assert_eq!((ran.status, &document["domain"]), (0, &serde_json::Value::Null));
    let ran = offline(&["map", "v=spf1 -all", "--against", "v=spf1 ip4:192.0.2.0/30 -all"]);
    assert!(ran.stdout.contains("- lost  4 IPv4\n"), "{}", ran.stdout);
    let ran = offline(&["map", "small.test", "--record", "v=spf1 ip4:192.0.2.0/30 -all"]);
    assert!(ran.stdout.starts_with("small.test  4 IPv4\n"), "{}", ran.stdout);
}

#[test]
fn errors_are_told_and_failures_draw_nothing() {
    let folder = Folder::new();
    let file = folder.file("map.svg");
    // What is in error for some addresses is drawn for the others.
    let ran = offline(&["map", "broken.test", "-o", &file]);
    assert_eq!(ran.status, 3);
    assert!(fs::read_to_string(&file).unwrap().contains("In error for 4,294,967,296 addresses"));
    for (domain, status) in [("failing.test", 4), ("nowhere.test", 3), ("two.test", 3)] {
        let file = folder.file(domain);
        let ran = offline(&["map", domain, "-o", &format!("{file}.svg")]);
        assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{domain}: {}", ran.stderr);
    }
    assert_eq!(folder.files(), 1);
    for wrong in [
        &["map", "small.test", "-o", "map.jpeg"][..],
        &["map", "small.test", "--prefix", "192.0.2.0/33"],
        &["map", "small.test", "--prefix", "2001:db8::/32"],
        &["map", "small.test", "--format", "dot"],
        &["map", "v=spf1 -all", "--record", "v=spf1 -all"],
        &["map"],
    ] {
        assert_eq!(offline(wrong).status, 2, "{wrong:?}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let folder = Folder::new();
    let zones = folder.zones(json!({"small.test": {"TXT": [
        "v=spf1 include:<script>\u{1b}]0;owned\u{7}&%{i}.test exists:</svg>%{i}.test ip4:192.0.2.1 -all"
    ]}}));
    let svg = folder.file("map.svg");
    let ran = spfc(&["--dns-file", &zones, "map", "small.test", "-o", &svg, "--format", "json"]);
    let hostile = |text: &str| text.chars().any(|it| it.is_control() && it != '\n');
    assert!(!hostile(&ran.stdout) && !hostile(&ran.stderr), "{}{}", ran.stdout, ran.stderr);
    if let Ok(text) = fs::read_to_string(&svg) {
        assert!(!text.contains("<script") && text.matches("</svg>").count() == 1);
        assert!(!hostile(&text));
    }
}
