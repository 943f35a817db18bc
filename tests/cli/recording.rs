//! `spfc lock` and `spfc diff`.

use std::fs;

use crate::folder::{Folder, undated};
use crate::support::{keys, offline, path, spfc};
use serde_json::{Value, json};

#[test]
fn a_lock_answers_in_place_of_dns() {
    let folder = Folder::new();
    let lock = folder.lock();
    insta::assert_snapshot!("lock", undated(&fs::read_to_string(&lock).unwrap(), &lock));
    assert_eq!(folder.files(), 1);
    let there = spfc(&["--dns-file", &lock, "flatten", "small.test"]);
    let here = offline(&["flatten", "small.test"]);
    assert_eq!(there.stdout, here.stdout);
    assert!(there.stderr.contains("note: a recording does not say"), "{}", there.stderr);
    for ip in ["192.0.2.1", "2001:db8::9", "2001:db8::1"] {
        assert_eq!(spfc(&["--dns-file", &lock, "check", "small.test", "--ip", ip]).status, 0);
    }
}

#[test]
fn a_question_that_is_not_recorded_is_named() {
    let folder = Folder::new();
    let lock = folder.lock();
    let ran = spfc(&["--dns-file", &lock, "check", "other.test", "--ip", "192.0.2.1"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("error: other.test TXT is not recorded in "), "{}", ran.stderr);
}

#[test]
fn without_a_file_the_lock_goes_to_stdout() {
    let ran = offline(&["lock", "child.test", "last.test"]);
    let document: Value = ran.json();
    assert_eq!(document["spfc_lock"], 1);
    assert_eq!(document["domains"], json!(["child.test", "last.test"]));
}

#[test]
fn nothing_is_written_when_something_is_wrong() {
    let folder = Folder::new();
    let file = folder.file("spf.lock");
    fs::write(&file, "before").unwrap();
    for (domain, status) in [("failing.test", 4), ("broken.test", 3), ("none.test", 3)] {
        let ran = offline(&["lock", "small.test", domain, "-o", &file]);
        assert_eq!(ran.status, status, "{}", ran.stderr);
        assert_eq!(fs::read_to_string(&file).unwrap(), "before");
    }
    assert_eq!(folder.files(), 1);
    assert_eq!(offline(&["lock", "small.test", "-o", &folder.file("none/spf.lock")]).status, 2);
    assert_eq!(offline(&["lock", "small.test", "--record", "v=spf1 -all"]).status, 2);
}

#[test]
fn no_change_is_success() {
    let folder = Folder::new();
    let lock = folder.lock();
    let ran = offline(&["diff", "-f", &lock]);
    assert_eq!(undated(&ran.stdout, &lock), "unchanged since (taken): 8 answers for 1 domain\n");
    assert_eq!(ran.status, 0);
}

#[test]
fn a_change_is_shown_as_records_and_as_addresses() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({
        "child.test": {"TXT": ["v=spf1 ip4:198.51.100.0/25 include:new.test ~all"]},
        "new.test": {"TXT": ["v=spf1 ip4:203.0.113.64/26 ip6:2001:db8:1::/48 -all"]},
        "host.test": {"A": ["203.0.113.9"]}
    }));
    let args = ["--dns-file", &zones, "diff", "-f", &lock];
    let ran = spfc(&args);
    insta::assert_snapshot!("diff", undated(&ran.transcript(), &lock));
    let document = spfc(&[&args[..], &["--format", "json"]].concat()).json();
    assert_eq!(
        keys(&document),
        [
            "changed",
            "diagnostics",
            "domains",
            "failed",
            "other_records",
            "records",
            "schema",
            "taken"
        ]
    );
    assert_eq!(
        keys(&document["domains"][0]),
        ["changed", "domain", "gained", "lookups", "lost", "passing", "problem", "providers"]
    );
    let gained = &document["domains"][0]["gained"][0];
    assert_eq!(keys(gained), ["after", "before", "family", "first", "last", "when"]);
    assert_eq!((gained["before"].as_str(), gained["after"].as_str()), (Some("fail"), Some("pass")));
    assert_eq!(keys(&document["records"][0]), ["after", "before", "name", "type"]);
}

#[test]
fn dns_failing_is_no_change() {
    let folder = Folder::new();
    let lock = folder.lock();
    let failing = folder.zones(json!({"child.test": {"RCODE": "SERVFAIL"}}));
    let ran = spfc(&["--dns-file", &failing, "diff", "-f", &lock]);
    assert_eq!(ran.status, 4, "{}{}", ran.stdout, ran.stderr);
    let both = folder.zones(json!({
        "child.test": {"RCODE": "SERVFAIL"},
        "host.test": {"A": ["203.0.113.10"]}
    }));
    assert_eq!(spfc(&["--dns-file", &both, "diff", "-f", &lock]).status, 1);
}

#[test]
fn a_policy_that_broke_is_a_change() {
    let folder = Folder::new();
    let lock = folder.lock();
    let gone = folder.zones(json!({"child.test": {}}));
    let ran = spfc(&["--dns-file", &gone, "diff", "-f", &lock]);
    assert_eq!(ran.status, 1);
    insta::assert_snapshot!("diff_broken", undated(&ran.transcript(), &lock));
}

#[test]
fn what_is_no_recording_is_a_mistake() {
    assert_eq!(offline(&["diff", "-f", &path("zones.json")]).status, 2);
    assert_eq!(offline(&["diff", "-f", "/nowhere/spf.lock"]).status, 2);
}
