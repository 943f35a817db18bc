//! `spfc verify`.

use crate::support::{Ran, example, keys, offline, spfc};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn verify(a: &str, b: &str, more: &[&str]) -> Ran {
    let example = example();
    spfc(&[&["--dns-file", &example, "verify", a, b], more].concat())
}

#[test]
fn equal_policies_are_proven() {
    let ran = verify(
        "v=spf1 ip4:192.0.2.0/24 -all",
        "v=spf1 ip4:192.0.2.128/25 ip4:192.0.2.0/25 -all",
        &[],
    );
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("equal: the same result for every address, checked again at "));
    let document = verify("v=spf1 -all", "V=SPF1   -ALL", &["--format", "json"]).json();
    assert_eq!(keys(&document), ["differences", "equal", "proof", "reason", "schema"]);
    assert_eq!((&document["equal"], &document["reason"]), (&true.into(), &serde_json::Value::Null));
}

#[test]
fn differences_are_ranges_with_both_results() {
    let ran = verify(
        "v=spf1 ip4:192.0.2.0/24 -all",
        "v=spf1 ip4:192.0.2.0/25 -all",
        &["--format", "json"],
    );
    assert_eq!(ran.status, 1);
    let document = ran.json();
    assert_eq!(document["equal"], false);
    let difference = &document["differences"][0];
    assert_eq!(keys(difference), ["a", "b", "family", "first", "last", "when"]);
    assert_eq!((&difference["a"], &difference["b"]), (&"pass".into(), &"fail".into()));
    assert_eq!(
        (&difference["first"], &difference["last"]),
        (&"192.0.2.128".into(), &"192.0.2.255".into())
    );
}

#[test]
fn what_hangs_on_other_terms_is_open() {
    let ran = verify(
        "v=spf1 exists:%{i}.a.test -all",
        "v=spf1 exists:%{i}.b.test -all",
        &["--format", "json"],
    );
    assert_eq!(ran.status, 1);
    let document = ran.json();
    assert_eq!(document["equal"], serde_json::Value::Null);
    assert!(document["reason"].as_str().unwrap().contains("only one of the policies has"));
    assert_eq!(document["differences"][0]["when"]["exists:%{i}.a.test"], true);
    assert_eq!(document["differences"][0]["when"]["exists:%{i}.b.test"], false);
}

#[test]
fn what_loses_mail_or_lets_forgers_in_is_shown_first() {
    let ran = verify("v=spf1 -all", "v=spf1 exists:%{i}.x.test ~all", &[]);
    assert!(ran.stdout.contains("fail → pass where exists:%{i}.x.test matches"), "{}", ran.stdout);
    // Both policies have the term, so the difference is certain.
    let (a, b) = (
        "v=spf1 ~ip4:192.0.2.4 exists:%{i}.x.test -all",
        "v=spf1 exists:%{i}.x.test ~ip4:192.0.2.4 -all",
    );
    let document = verify(a, b, &["--format", "json"]).json();
    assert_eq!(document["equal"], false);
    assert_eq!(document["differences"][0]["b"], "pass");
    let without = verify(
        "v=spf1 ip4:192.0.2.0/24 exists:%{i}.x.test -all",
        "v=spf1 exists:%{i}.x.test -all",
        &[],
    );
    assert!(
        without.stdout.contains("where exists:%{i}.x.test does not match"),
        "{}",
        without.stdout
    );
}

#[test]
fn outputs_in_files_are_verified_against_their_source() {
    let folder = folder();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let source = format!("{}#example.com", example());
    let run = |args: &[&str]| spfc(&[&["-q", "--dns-file", &example()], args].concat()).stdout;
    let flat = file("flat.zone", &run(&["flatten", "example.com", "--output", "zone"]));
    assert_eq!(verify(&source, &format!("{flat}#example.com"), &[]).status, 0);
    let shorter = std::fs::read_to_string(&flat).unwrap().replace(" ip4:192.0.2.25", "");
    let shorter = file("shorter.zone", &shorter);
    let ran = verify(&source, &format!("{shorter}#example.com"), &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("- 192.0.2.25  pass → softfail"), "{}", ran.stdout);
    // A file without the domain is no reason to ask DNS in its place.
    let other = file("other.zone", "other.test. 300 IN TXT \"v=spf1 -all\"\n");
    assert_eq!(verify(&source, &format!("{other}#example.com"), &[]).status, 2);
    // Two records in the file: which one is meant has to be said.
    assert_eq!(verify(&source, &flat, &[]).status, 2);
    let zone = run(&[
        "macro",
        "example.com",
        "--zone",
        "_spf.example.com",
        "--style",
        "exists-static",
        "--output",
        "zone",
    ]);
    let zone = file("macro.zone", &zone);
    let record = "v=spf1 exists:%{ir}.%{v}._spf.example.com ~all";
    let ran = verify(&format!("{zone}#example.com"), &source, &["--record", record]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn policies_in_error_are_named() {
    let ran = verify("v=spf1 include:nowhere.test -all", "v=spf1 -all", &[]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("term 'include:nowhere.test'"), "{}", ran.stderr);
    assert_eq!(offline(&["verify", "./nothing.zone", "v=spf1 -all"]).status, 2);
    assert_eq!(offline(&["verify", "small.test"]).status, 2);
}
