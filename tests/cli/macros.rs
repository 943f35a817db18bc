//! `spfc macro`.

use crate::support::{example, keys, offline, spfc};

const MACRO: [&str; 4] = ["macro", "example.com", "--zone", "_spf.example.com"];

fn run(more: &[&str]) -> crate::support::Ran {
    let example = example();
    spfc(&[&["--dns-file", &example], &MACRO[..], more].concat())
}

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let document = run(&["--format", "json"]).json();
    for key in
        ["schema", "domain", "source", "equivalent", "records", "result", "record", "zone", "sets"]
    {
        assert!(document.get(key).is_some(), "{key}");
    }
    assert_eq!(document["record"], "v=spf1 exists:%{ir}.%{v}._spf.example.com ~all");
    assert_eq!(document["zone"], "_spf.example.com");
    assert_eq!(keys(&document["sets"][0]), ["ip4", "ip6", "outcome", "zone"]);
    assert_eq!(document["sets"][0]["outcome"], "pass");
    assert_eq!(document["sets"][0]["ip4"][1], "192.0.2.40-192.0.2.41");
    assert!(document.get("zone_records").is_none());
    assert_eq!(document["result"]["lookups"]["terms"], 1);
}

#[test]
fn a_static_zone_is_records_or_a_zone_file() {
    let args = ["--style", "exists-static", "--ns", "ns.example.net", "--serial", "7"];
    let document = run(&[&args[..], &["--format", "json"]].concat()).json();
    let records = document["zone_records"].as_array().unwrap();
    assert_eq!(keys(&records[0]), ["data", "name", "ttl", "type"]);
    let types: Vec<&str> = records.iter().map(|record| record["type"].as_str().unwrap()).collect();
    assert_eq!(types[..3], ["SOA", "NS", "A"]);
    let zone = run(&[&args[..], &["--output", "zone"]].concat());
    assert_eq!(zone.stdout.lines().count(), records.len());
    assert!(
        zone.stdout.starts_with(
            "_spf.example.com.\t3600\tIN\tSOA\tns.example.net. hostmaster.example.com. 7 "
        ),
        "{}",
        zone.stdout
    );
    assert!(
        zone.stderr
            .contains("publish at example.com: v=spf1 exists:%{ir}.%{v}._spf.example.com ~all")
    );
}

#[test]
fn people_see_the_record_and_what_the_zone_holds() {
    insta::assert_snapshot!("macro_example", run(&[]).transcript());
}

#[test]
fn other_layouts_are_other_names() {
    let record =
        |more: &[&str]| run(&[more, &["--format", "json"]].concat()).json()["record"].clone();
    assert_eq!(record(&["--order", "forward"]), "v=spf1 exists:%{i}.%{v}._spf.example.com ~all");
    assert_eq!(record(&["--no-v"]), "v=spf1 exists:%{ir}._spf.example.com ~all");
    for more in [["--order", "forward"], ["--no-v", "-q"], ["--ns", "ns.example.net"]] {
        let style = if more[0] == "--ns" { "exists" } else { "exists-static" };
        let ran = run(&[&["--style", style][..], &more].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{more:?}");
    }
}

#[test]
fn zones_that_cannot_hold_the_names_are_the_callers_mistake() {
    for zone in ["example.com", "com", "a%b.example.net", "a..b", &"a.".repeat(120)] {
        let ran = spfc(&["--dns-file", &example(), "macro", "example.com", "--zone", zone]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{zone}: {}", ran.stderr);
    }
    assert_eq!(offline(&["macro", "small.test"]).status, 2);
}

#[test]
fn a_zone_that_bind_does_not_load_as_it_comes_is_told() {
    let said = |zone: &str, style: &str| {
        let args = ["macro", "example.com", "--zone", zone, "--style", style, "--output", "zone"];
        let ran = spfc(&[&["--dns-file", &example()], &args[..]].concat());
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.stderr.contains("check-names")
    };
    assert!(said("_policy.example.com", "exists-static"));
    for zone in ["_spf.example.com", "a._SPF.example.com", "spf.example.com"] {
        assert!(!said(zone, "exists-static"), "{zone}");
    }
    assert!(!said("_policy.example.com", "exists"));
}
