//! `spfc flatten`.

use crate::support::{Ran, example, keys, offline, path, spfc};
use serde_json::Value;

/// Flattens the policy of the examples.
fn flatten_example(flags: &[&str]) -> Ran {
    spfc(&[&["--dns-file", &example(), "flatten", "example.com"], flags].concat())
}

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let ran = offline(&["flatten", "small.test", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document = ran.json();
    for key in
        ["schema", "domain", "source", "equivalent", "records", "result", "kept", "diagnostics"]
    {
        assert!(document.get(key).is_some(), "{key}");
    }
    assert_eq!(keys(&document["source"]), ["lookups", "record"]);
    assert_eq!(keys(&document["records"][0]), ["message_octets", "name", "strings", "text", "ttl"]);
    assert_eq!(
        keys(&document["result"]),
        ["changed", "ip4_ranges", "ip6_ranges", "lookups", "octets", "terms"]
    );
    assert_eq!(document["equivalent"], true);
    assert_eq!(document["source"]["lookups"]["terms"], 3);
    assert_eq!(document["result"]["lookups"]["terms"], 0);
    assert_eq!(document["records"][0]["name"], "small.test");
    let text = document["records"][0]["text"].as_str().unwrap();
    assert!(text.ends_with(" -all exp=why.test"), "{text}");
}

#[test]
fn people_see_records_on_stdout_and_all_else_beside() {
    let ran = spfc(&["--dns-file", &example(), "flatten", "example.com"]);
    insta::assert_snapshot!("flatten_example", ran.transcript());
    let quiet = spfc(&["-q", "--dns-file", &example(), "flatten", "example.com"]);
    assert_eq!((quiet.stderr.as_str(), quiet.stdout), ("", ran.stdout));
}

#[test]
fn a_zone_file_has_one_line_a_record() {
    let ran = spfc(&["--dns-file", &example(), "flatten", "example.com", "--output", "zone", "-q"]);
    insta::assert_snapshot!("flatten_zone", ran.transcript());
}

#[test]
fn what_only_a_message_decides_is_kept() {
    let document = offline(&["flatten", "dynamic.test", "--format", "json"]).json();
    assert_eq!(keys(&document["kept"][0]), ["domain", "reason", "term"]);
    assert_eq!(document["kept"][0]["term"], "exists:%{i}.list.test");
    assert_eq!(document["kept"][0]["reason"], "only the message can decide it");
    let kept = offline(&["flatten", "small.test", "--keep", "child.test", "--format", "json"]);
    assert_eq!(kept.json()["kept"][0]["reason"], "kept as asked");
    let none = offline(&["flatten", "small.test", "--keep", "none.test"]);
    assert_eq!((none.status, none.stdout.as_str()), (2, ""));
}

#[test]
fn leaving_out_a_term_shows_what_that_changes() {
    insta::assert_snapshot!("flatten_broken", offline(&["flatten", "broken.test"]).transcript());
    let args = ["flatten", "broken.test", "--without", "include:missing.test"];
    let ran = offline(&args);
    insta::assert_snapshot!("flatten_without", ran.transcript());
    let json = offline(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(json.json()["repaired"][0]["before"], "permerror");
    assert_eq!(offline(&["flatten", "broken.test", "--without", "mx"]).status, 2);
}

#[test]
fn another_final_all_counts_what_it_changes() {
    let args = ["flatten", "child.test", "--qualifier", "-all", "--format", "json"];
    let ran = offline(&args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.json()["result"]["changed"].as_u64().unwrap() > 0);
    assert!(ran.json()["records"][0]["text"].as_str().unwrap().ends_with(" -all"));
    assert_eq!(offline(&["flatten", "child.test", "--qualifier", "all!"]).status, 2);
}

#[test]
fn its_own_output_is_not_a_source() {
    let ran = offline(&["flatten", "published.test"]);
    insta::assert_snapshot!("flatten_own_output", ran.transcript());
    let source = ["flatten", "published.test", "--source", "_source.published.test"];
    let ran = offline(&[&source[..], &["--format", "json"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("--source"), "{}", ran.stderr);
}

#[test]
fn a_record_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record");
    let argument = format!("@{}", file.display());
    std::fs::write(&file, "v=spf1 include:child.test -all\n").unwrap();
    let args = ["flatten", "none.test", "--record", &argument, "--format", "json"];
    let ran = offline(&args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["source"]["record"], "v=spf1 include:child.test -all");
    for text in ["v=spf1 -all\nv=spf1 -all\n", "", "hello"] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(offline(&args).status, 2, "{text}");
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(offline(&args).status, 2);
}

#[test]
fn the_names_and_sizes_can_be_chosen() {
    let args = [
        "--dns-file",
        &path("zones.json"),
        "flatten",
        "shared.test",
        "--record",
        "v=spf1 include:child.test ip4:192.0.2.0/27 ip4:192.0.2.64/27 ip4:192.0.2.128/27 ip4:203.0.113.7 -all",
        "--max-message",
        "160",
        "--prefix",
        "_out",
        "--chunk-set",
        "b",
        "--ttl",
        "60",
        "--format",
        "json",
    ];
    let ran = spfc(&args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document = ran.json();
    let records = document["records"].as_array().unwrap();
    assert_eq!(records[1]["name"], "_out1b.shared.test");
    for record in records {
        assert_eq!(record["ttl"], 60);
        assert!(record["message_octets"].as_u64().unwrap() <= 160, "{record}");
        let strings = record["strings"].as_array().unwrap();
        let joined: String = strings.iter().filter_map(Value::as_str).collect();
        assert_eq!(record["text"], joined);
    }
}

#[test]
fn what_comes_later_is_not_taken_silently() {
    assert_eq!(offline(&["flatten", "small.test", "--cover", "disjoint"]).status, 0);
    assert_eq!(offline(&["flatten", "small.test", "--cover", "ordered"]).status, 0);
}

#[test]
fn just_enough_says_what_was_inlined_and_why() {
    let ran = flatten_example(&["--just-enough"]);
    insta::assert_snapshot!("flatten_just_enough", ran.transcript());
    let document = flatten_example(&["--just-enough", "--format", "json"]).json();
    assert_eq!(document["result"]["lookups"]["terms"], 10);
    let inlined = document["inlined"].as_array().unwrap();
    assert_eq!(inlined[0]["term"], "include:spf.newsletter.example");
    assert_eq!(
        keys(&inlined[0]),
        ["domain", "lookups", "octets", "ranges", "reason", "target", "term", "ttl", "void"]
    );
    // A pinned target is never inlined, and what flatten alone inlines has no list.
    let pinned = ["--just-enough", "--keep", "spf.newsletter.example", "--format", "json"];
    let document = flatten_example(&pinned).json();
    let inlined = document["inlined"].as_array().unwrap();
    assert!(inlined.iter().all(|it| it["target"] != "spf.newsletter.example"), "{inlined:?}");
    let all = offline(&["flatten", "small.test", "--format", "json"]).json();
    assert!(all.get("inlined").is_none());
}

#[test]
fn a_policy_within_its_limits_is_left_as_it_is() {
    let ran = offline(&["flatten", "small.test", "--just-enough", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing is inlined"), "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["inlined"].as_array().map(Vec::len), Some(0));
    assert_eq!(document["result"]["lookups"]["terms"], document["source"]["lookups"]["terms"]);
}

#[test]
fn what_fits_nothing_is_told_what_does() {
    let budget = ["--max-message", "200", "--max-lookups", "3"];
    let ran = flatten_example(&budget);
    insta::assert_snapshot!("flatten_over_budget", ran.transcript());
    // What is proposed works, and a message that is one octet smaller does not.
    let proposed = ran.stderr.split_once("--max-message ").unwrap().1;
    let octets: u32 = proposed.split_once(' ').unwrap().0.parse().unwrap();
    for (octets, status) in [(octets, 0), (octets - 1, 3)] {
        let octets = octets.to_string();
        let budget = ["--max-message", &octets, "--max-lookups", "3"];
        assert_eq!(flatten_example(&budget).status, status);
    }
}

#[test]
fn terms_that_stay_are_named_with_their_lookups() {
    let kept = ["--keep", "_spf.mail.example", "--max-lookups", "2"];
    insta::assert_snapshot!("flatten_over_lookups", flatten_example(&kept).transcript());
    assert_eq!(offline(&["flatten", "small.test", "--max-lookups", "11"]).status, 2);
}

#[test]
fn a_term_longer_than_a_message_is_told_what_does() {
    let domain = format!("{}.test", "a".repeat(60));
    let record = "v=spf1 ip6:2001:db8:1:2:3:4:5:6 ip6:2001:db8:1:2:3:4:5:16 -all";
    let ran = offline(&["flatten", &domain, "--max-message", "128", "--record", record]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("does not fit a message of 128 octets"), "{}", ran.stderr);
    assert!(ran.stderr.contains("help: --max-message "), "{}", ran.stderr);
}

#[test]
fn a_macro_over_its_budget_is_told_what_does() {
    let zone = ["macro", "small.test", "--zone", "x.small.test", "--max-lookups", "0"];
    let ran = offline(&zone);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 for the macro"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`spfc flatten` does: 1 record, 0 lookups"), "{}", ran.stderr);
    let record = "v=spf1 exists:%{i}.a.test exists:%{i}.b.test ip4:192.0.2.0/24 -all";
    let zone = ["macro", "other.test", "--zone", "x.other.test", "--record", record];
    let ran = offline(&zone);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("`--style include` and `--style shard`"), "{}", ran.stderr);
}

#[test]
fn voids_are_no_matter_of_size() {
    let addresses: String = (0..90).map(|last| format!(" ip4:192.0.{}.{last}", last * 2)).collect();
    let record = format!(
        "v=spf1 exists:%{{i}}.a.test exists:%{{i}}.b.test exists:%{{i}}.c.test{addresses} -all"
    );
    let args = ["flatten", "none.test", "--record", &record, "--max-lookups", "3"];
    let ran = offline(&args);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("--without TERM leaves one out"), "{}", ran.stderr);
}
