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
    assert_eq!(keys(&document["sets"][0]), ["ip4", "ip6", "mechanism", "outcome", "zone"]);
    assert_eq!(document["sets"][0]["mechanism"], "exists");
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
    let include = ["--style", "include"];
    assert_eq!(record(&include), "v=spf1 include:%{ir}.%{v}._spf.example.com ~all");
    assert_eq!(
        record(&[&include[..], &["--order", "forward", "--no-v"]].concat()),
        "v=spf1 include:%{i}._spf.example.com ~all"
    );
    for more in [["--order", "forward"], ["--no-v", "-q"], ["--ns", "ns.example.net"]] {
        let styles = match more[0] {
            "--ns" => ["exists", "include"],
            _ => ["exists-static", "shard"],
        };
        for style in styles {
            let ran = run(&[&["--style", style][..], &more].concat());
            assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{style} {more:?}");
            assert!(ran.stderr.contains(&format!("--style {style}")), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_server_stands_outside_of_its_zone() {
    for style in ["shard", "exists-static"] {
        let ran = run(&["--style", style, "--ns", "ns._spf.example.com"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("lies in the zone itself"), "{}", ran.stderr);
    }
}

#[test]
fn an_include_is_answered_for_every_client() {
    let document = run(&["--style", "include", "--format", "json"]).json();
    assert_eq!(document["sets"][0]["mechanism"], "include");
    assert_eq!(document["sets"][0]["zone"], "_spf.example.com");
    assert_eq!(document["result"]["lookups"]["terms"], 1);
    assert_eq!(document["result"]["lookups"]["void"], 0);
    assert!(document.get("zone_records").is_none());
}

#[test]
fn a_zone_of_shards_is_verified_from_its_file() {
    let args = ["--style", "shard", "--ns", "ns.example.net"];
    let document = run(&[&args[..], &["--format", "json"]].concat()).json();
    assert_eq!(document["record"], "v=spf1 include:%{ir}.%{v}._spf.example.com ~all");
    let records = document["zone_records"].as_array().unwrap();
    let types: Vec<&str> = records.iter().map(|record| record["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["SOA", "NS", "TXT", "TXT", "TXT"]);
    let owners = ["*.in-addr", "*.198.in-addr", "*.ip6"];
    for (record, owner) in records[2..].iter().zip(owners) {
        assert_eq!(record["name"], format!("{owner}._spf.example.com"));
    }
    let human = run(&args).stdout;
    assert!(human.contains("zone of 5 records, "), "{human}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shards.zone");
    let zone = run(&[&args[..], &["--output", "zone"]].concat()).stdout;
    let policies = [("", 0), ("*.77.in-addr", 3), ("7.77.in-addr", 3)];
    for (stray, status) in policies {
        let mut text = zone.clone();
        if !stray.is_empty() {
            text.push_str(&format!("{stray}._spf.example.com.\t300\tIN\tTXT\t\"stray\"\n"));
        }
        std::fs::write(&path, &text).unwrap();
        let record = document["record"].as_str().unwrap();
        let ran = spfc(&[
            "--dns-file",
            &example(),
            "--record",
            record,
            "verify",
            &format!("{}#example.com", path.to_str().unwrap()),
            "example.com",
        ]);
        assert_eq!(ran.status, status, "{stray}: {}{}", ran.stdout, ran.stderr);
        if status == 3 {
            assert!(ran.stderr.contains("include is a permerror"), "{}", ran.stderr);
        }
    }
}

#[test]
fn shards_keep_to_the_message() {
    let args = ["--style", "shard", "--max-message", "170"];
    let document = run(&[&args[..], &["--format", "json"]].concat()).json();
    let records = document["zone_records"].as_array().unwrap();
    assert!(records.len() > 20, "{records:?}");
    assert!(run(&args).stdout.contains(", 164 octets on the wire at most"));
    let (example, zone) = (example(), "z.example.net");
    let args = ["--dns-file", &example, "macro", "example.com", "--zone", zone, "--style", "shard"];
    let ran = spfc(&[&args[..], &["--max-message", "128"]].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("needs 134 octets or more, over the 128 of a message"),
        "{}",
        ran.stderr
    );
    // The size that is proposed does, and one octet less does not.
    let proposed = ran.stderr.split_once("help: --max-message ").unwrap().1;
    let octets: u32 = proposed.split_once(' ').unwrap().0.parse().unwrap();
    for (octets, status) in [(octets, 0), (octets - 1, 3)] {
        let octets = octets.to_string();
        assert_eq!(spfc(&[&args[..], &["--max-message", &octets, "-q"]].concat()).status, status);
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
