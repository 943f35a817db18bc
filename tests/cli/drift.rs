//! What counts as drift, who is named for it, and policies with a source.

use serde_json::{Value, json};

use crate::folder::{Folder, undated};
use crate::support::{keys, offline, spfc};

/// The text of `child.test` in the zones.
const CHILD: &str = "v=spf1 -ip4:198.51.100.7 ip4:198.51.100.0/24 ~all";

fn diff(zones: &str, lock: &str, more: &[&str]) -> crate::support::Ran {
    spfc(&[&["--dns-file", zones, "diff", "-f", lock], more].concat())
}

fn codes(document: &Value) -> Vec<&str> {
    let found = document["diagnostics"].as_array().unwrap().iter();
    found.map(|found| found["code"].as_str().unwrap()).collect()
}

#[test]
fn what_spf_does_not_read_is_no_drift() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({
        "small.test": {"TXT": [
            "verification=2", "v=spf1 ip4:192.0.2.0/24 include:child.test redirect=last.test"
        ]},
        "_dmarc.small.test": {"TXT": ["v=DMARC1; p=none"]}
    }));
    let ran = diff(&zones, &lock, &[]);
    assert_eq!(undated(&ran.stdout, &lock), "unchanged since (taken): 8 answers for 1 domain\n");
    assert_eq!(ran.status, 0);
    insta::assert_snapshot!(
        "diff_others",
        undated(&diff(&zones, &lock, &["-v"]).transcript(), &lock)
    );
    let document = diff(&zones, &lock, &["--format", "json"]).json();
    assert_eq!((&document["changed"], &document["records"]), (&json!(false), &json!([])));
    assert_eq!(document["other_records"].as_array().unwrap().len(), 2);
    assert_eq!(codes(&document), [""; 0]);
}

#[test]
fn hostile_answers_stay_text() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({
        "small.test": {"TXT": [
            "token \u{1b}[31m\n::error::\u{202e}",
            "v=spf1 ip4:192.0.2.0/24 include:child.test redirect=last.test"
        ]},
        "why.test": {"TXT": ["\u{1b}]0;owned\u{7}"]},
        "child.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 \u{1b}[2J ~all"]}
    }));
    for more in [&["-v"][..], &["--format", "json"]] {
        let ran = diff(&zones, &lock, more);
        assert_eq!(ran.status, 1);
        let hostile = |character: char| {
            character.is_control() && character != '\n' || character == '\u{202e}'
        };
        assert!(!ran.stdout.chars().any(hostile), "{}", ran.stdout.escape_debug());
    }
    assert_eq!(codes(&diff(&zones, &lock, &["--format", "json"]).json()), ["SPF902"]);
}

#[test]
fn an_explanation_is_read_by_spf() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({"why.test": {"TXT": ["go away"]}}));
    let ran = diff(&zones, &lock, &["--format", "json"]);
    assert_eq!(ran.status, 1);
    let document = ran.json();
    assert_eq!(document["records"][0]["name"], "why.test");
    assert_eq!(codes(&document), ["SPF904"]);
}

#[test]
fn a_shrunken_policy_is_an_error_of_its_own() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({
        "child.test": {"TXT": ["v=spf1 ip4:198.51.100.0/28 ~all"]}
    }));
    let ran = diff(&zones, &lock, &[]);
    insta::assert_snapshot!("diff_shrunken", undated(&ran.transcript(), &lock));
    let json = |more: &[&str]| diff(&zones, &lock, &[more, &["--format", "json"]].concat());
    let ran = json(&[]);
    assert_eq!((ran.status, codes(&ran.json())), (1, vec!["SPF902"]));
    let passing = &ran.json()["domains"][0]["passing"];
    assert_eq!(passing["ip4"], json!({"before": 512, "kept": 272, "lost_percent": 46}));
    assert_eq!(passing["ip6"], json!({"before": 1, "kept": 1, "lost_percent": 0}));
    let ran = json(&["--max-shrink", "50"]);
    assert_eq!((ran.status, codes(&ran.json())), (1, vec!["SPF901"]));
    assert_eq!(diff(&zones, &lock, &["--max-shrink", "101"]).status, 2);
}

#[test]
fn providers_have_their_ranges_and_lookups_are_counted() {
    let folder = Folder::new();
    let lock = folder.lock();
    let zones = folder.zones(json!({
        "child.test": {"TXT": ["v=spf1 ip4:198.51.100.0/25 include:new.test a:gone.test ~all"]},
        "new.test": {"TXT": ["v=spf1 ip4:203.0.113.64/26 ip6:2001:db8:1::/48 -all"]},
        "host.test": {"A": ["203.0.113.10"], "AAAA": ["2001:db8::9"]}
    }));
    insta::assert_snapshot!(
        "diff_providers",
        undated(&diff(&zones, &lock, &[]).transcript(), &lock)
    );
    let document = diff(&zones, &lock, &["--format", "json"]).json();
    let domain = &document["domains"][0];
    let providers = domain["providers"].as_array().unwrap();
    let named: Vec<(&Value, &Value)> =
        providers.iter().map(|provider| (&provider["domain"], &provider["term"])).collect();
    let (last, small) = (json!("last.test"), json!("small.test"));
    assert_eq!(named, [(&last, &Value::Null), (&small, &json!("include:child.test"))]);
    let lost = &providers[1]["lost"][0];
    assert_eq!(keys(lost), ["after", "before", "by", "family", "first", "last", "when"]);
    assert_eq!(lost["by"], json!({"domain": "child.test", "term": "ip4:198.51.100.0/24"}));
    let count = |key: &str| {
        providers.iter().map(|provider| provider[key].as_array().unwrap().len()).sum::<usize>()
    };
    for key in ["gained", "lost"] {
        assert_eq!(count(key), domain[key].as_array().unwrap().len(), "{key}");
    }
    let lookups = &domain["lookups"];
    assert_eq!((&lookups["before"]["terms"], &lookups["after"]["terms"]), (&json!(3), &json!(5)));
    assert_eq!((&lookups["before"]["void"], &lookups["after"]["void"]), (&json!(0), &json!(1)));
    assert_eq!(codes(&document), ["SPF903", "SPF901", "SPF901"]);
}

#[test]
fn a_recording_that_cannot_be_compared_is_a_mistake() {
    let folder = Folder::new();
    let lock = std::fs::read_to_string(folder.lock()).unwrap();
    let without: String =
        lock.lines().filter(|line| !line.contains("child.test\",\"type")).collect();
    let ran = offline(&["diff", "-f", &folder.write("without.lock", &without)]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("child.test TXT is not recorded in "), "{}", ran.stderr);
    let nobody = lock.replace(r#""domains":["small.test"]"#, r#""domains":[]"#);
    let ran = offline(&["diff", "-f", &folder.write("nobody.lock", &nobody)]);
    assert_eq!(ran.status, 2, "{}", ran.stdout);
}

#[test]
fn a_policy_with_a_source_is_recorded_and_compared_there() {
    let folder = Folder::new();
    let lock = folder.file("spf.lock");
    let source = ["--source", "_source.published.test"];
    let ran = offline(&[&["lock", "published.test", "-o", &lock], &source[..]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let held: Value = serde_json::from_slice(&std::fs::read(&lock).unwrap()).unwrap();
    assert_eq!(held["sources"], json!({"published.test": "_source.published.test"}));
    let flatten = [&["flatten", "published.test", "--chunk-set", "b"], &source[..]].concat();
    let there = spfc(&[&["--dns-file", &lock], &flatten[..]].concat());
    assert_eq!((there.status, there.stdout), (0, offline(&flatten).stdout));
    let verify = [&["verify", "published.test", CHILD], &source[..]].concat();
    let there = spfc(&[&["--dns-file", &lock], &verify[..]].concat());
    assert_eq!((there.status, there.stdout), (1, offline(&verify).stdout));

    assert_eq!(offline(&["diff", "-f", &lock]).status, 0);
    let published = folder.zones(json!({"published.test": {"TXT": ["v=spf1 -all"]}}));
    assert_eq!(diff(&published, &lock, &[]).status, 0);
    let changed = folder.zones(json!({
        "_source.published.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}
    }));
    let ran = diff(&changed, &lock, &[]);
    insta::assert_snapshot!("diff_source", undated(&ran.transcript(), &lock));

    let two = [&["lock", "small.test", "published.test"], &source[..]].concat();
    assert_eq!(offline(&two).status, 2);
    let broken = ["lock", "published.test", "--source", "none.test"];
    assert_eq!(offline(&broken).status, 3);
}

#[test]
fn what_fails_beside_the_policy_is_left_out() {
    let folder = Folder::new();
    let zones = folder.zones(json!({"_dmarc.small.test": {"RCODE": "SERVFAIL"}}));
    let ran = spfc(&["--dns-file", &zones, "lock", "small.test"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains("_dmarc"), "{}", ran.stdout);
    let lock = folder.lock();
    assert_eq!(diff(&zones, &lock, &[]).status, 0);
    // A recording made from another one has what that had.
    let again = spfc(&["--dns-file", &lock, "lock", "small.test"]);
    assert_eq!(
        undated(&again.stdout, &folder.write("again.lock", &again.stdout)),
        undated(&std::fs::read_to_string(&lock).unwrap(), &lock)
    );
}
