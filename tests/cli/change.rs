//! `spfc flatten --diff`, with a zone map as what is published.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ran, keys, offline, spfc};

/// Addresses that one message does not hold.
fn addresses() -> Vec<String> {
    (0..60).map(|number| format!("10.{}.{}.{}", number * 4, 255 - number, number)).collect()
}

fn record(addresses: &[String]) -> String {
    let terms: String = addresses.iter().map(|address| format!(" ip4:{address}")).collect();
    format!("v=spf1{terms} ~all")
}

/// DNS in which these records are published.
fn published(folder: &Path, records: &Value) -> String {
    let mut map = json!({ "change.test": { "TXT": ["a token"] } });
    for found in records.as_array().unwrap() {
        let name = found["name"].as_str().unwrap();
        let mut texts = vec![found["text"].clone()];
        if name == "change.test" {
            texts.push(json!("a token"));
        }
        map[name] = json!({ "TXT": texts });
    }
    let file = folder.join("published.json");
    std::fs::write(&file, map.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn flatten(dns: &str, addresses: &[String], more: &[&str]) -> Ran {
    let record = record(addresses);
    let args = ["--dns-file", dns, "flatten", "change.test", "--record", &record];
    spfc(&[&args[..], more].concat())
}

#[test]
fn a_small_change_is_a_small_difference() {
    let folder = tempfile::tempdir().unwrap();
    let mut addresses = addresses();
    let nothing = published(folder.path(), &json!([]));
    let first = flatten(&nothing, &addresses, &["--format", "json"]).json();
    let dns = published(folder.path(), &first["records"]);
    let same = flatten(&dns, &addresses, &["--diff"]);
    assert_eq!(same.status, 0, "{}", same.stdout);
    assert!(same.stdout.contains("published as it is to be"), "{}", same.stdout);

    // One address of the second chunk goes, another one comes.
    let second = first["records"][2]["text"].as_str().unwrap();
    let gone = addresses.iter().position(|it| second.contains(&format!("ip4:{it} "))).unwrap();
    addresses[gone] = String::from("203.0.113.9");
    let ran = flatten(&dns, &addresses, &["--diff"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    insta::assert_snapshot!("flatten_diff", ran.transcript());
    let ran = flatten(&dns, &addresses, &["--diff", "--format", "json"]);
    assert_eq!(ran.status, 1);
    let document = ran.json();
    assert_eq!(
        keys(&document),
        [
            "after", "before", "changed", "changes", "domain", "done", "gained", "lost",
            "problems", "schema", "wait"
        ]
    );
    let changes = document["changes"].as_array().unwrap();
    let shape = |change: &Value| {
        let text = |key: &str| change[key].as_str().unwrap().to_owned();
        (text("stage"), text("action"), text("name"))
    };
    let shapes: Vec<_> = changes.iter().map(shape).collect();
    let expected = [
        ("chunks", "keep", "_spf1a.change.test"),
        ("chunks", "add", "_spf2b.change.test"),
        ("own", "change", "change.test"),
        ("old", "delete", "_spf2a.change.test"),
    ];
    let expected: Vec<_> =
        expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).into();
    assert_eq!(shapes, expected);
    assert_eq!(document["gained"].as_array().unwrap().len(), 1);
    assert_eq!(document["lost"].as_array().unwrap().len(), 1);
    assert_eq!(document["done"], false);

    // Published, the old chunk is all that is left.
    let next = flatten(&dns, &addresses, &["--format", "json"]).json();
    let mut records = next["records"].as_array().unwrap().clone();
    records.push(first["records"][2].clone());
    let dns = published(folder.path(), &json!(records));
    assert_eq!(flatten(&dns, &addresses, &["--diff"]).status, 0);
    let ran = flatten(&dns, &addresses, &["--diff", "--drop-old"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
}

#[test]
fn what_is_published_may_be_missing_or_broken() {
    let record = "v=spf1 ip4:192.0.2.0/24 -all";
    let none = offline(&["flatten", "none.test", "--record", record, "--diff"]);
    assert_eq!(none.status, 1, "{}", none.stderr);
    assert!(none.stdout.contains("none.test  add"), "{}", none.stdout);
    let broken = offline(&["flatten", "broken.test", "--record", record, "--diff"]);
    assert_eq!(broken.status, 1, "{}", broken.stderr);
    assert!(broken.stdout.contains("! now: "), "{}", broken.stdout);
    let two = offline(&["flatten", "two.test", "--record", record, "--diff"]);
    assert_eq!(two.status, 1, "{}", two.stderr);
}

#[test]
fn flags_that_exclude_each_other_are_told() {
    for more in [
        &["--diff", "--output", "zone"][..],
        &["--apply", "192.0.2.53", "--tsig-key", "key"],
        &["--apply", "192.0.2.53"],
        &["--tsig-key", "key"],
        &["--apply", "ns.example", "--tsig-key", "key"],
    ] {
        let ran = offline(&[&["flatten", "small.test"][..], more].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{more:?}: {}", ran.stderr);
    }
}

/// What `flatten --diff --drop-old` says of a domain in DNS as this map has it.
fn difference(map: &Value, record: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("map.json");
    std::fs::write(&file, map.to_string()).unwrap();
    let dns = file.to_str().unwrap();
    let args = ["--dns-file", dns, "flatten", "change.test", "--diff", "--drop-old"];
    let ran = spfc(&[&args[..], &["--record", record, "--format", "json"]].concat());
    assert!(ran.status < 2, "{}", ran.stderr);
    ran.json()
}

fn old(difference: &Value) -> Vec<&str> {
    let changes = difference["changes"].as_array().unwrap();
    let old = changes.iter().filter(|change| change["stage"] == "old");
    old.map(|change| change["name"].as_str().unwrap()).collect()
}

#[test]
fn leftovers_are_found_above_the_chunks_in_use() {
    let chunk = "v=spf1 ip4:192.0.2.1 -all";
    let map = json!({
        "change.test": { "TXT": ["v=spf1 ip4:192.0.2.0/24 ~all"] },
        "_spf2b.change.test": { "TXT": [chunk] },
        "_spf9a.change.test": { "TXT": [chunk, "a token"] },
        "_spf3a.change.test": { "TXT": ["a token alone"] }
    });
    let found = difference(&map, "v=spf1 ip4:192.0.2.0/24 ~all");
    assert_eq!(old(&found), ["_spf2b.change.test", "_spf9a.change.test"]);
    assert_eq!(found["done"], true);
}

#[test]
fn what_the_user_redirects_to_or_reads_is_no_leftover() {
    // By hand: the domain redirects to a name below it.
    for name in ["_source.change.test", "_spf.change.test"] {
        let map = json!({
            "change.test": { "TXT": [format!("v=spf1 redirect={name}")] },
            name: { "TXT": ["v=spf1 ip4:192.0.2.0/24 ~all"] }
        });
        assert_eq!(old(&difference(&map, "v=spf1 ip4:192.0.2.0/25 ~all")), [""; 0]);
    }
    // A record that includes chunks is one that a run has written.
    let map = json!({
        "change.test": { "TXT": ["v=spf1 redirect=_spf.change.test"] },
        "_spf.change.test": { "TXT": ["v=spf1 include:_spf1a.change.test ~all"] },
        "_spf1a.change.test": { "TXT": ["v=spf1 ip4:192.0.2.0/24 -all"] }
    });
    let found = difference(&map, "v=spf1 ip4:192.0.2.0/25 ~all");
    assert_eq!(old(&found), ["_spf1a.change.test", "_spf.change.test"]);
}

#[test]
fn the_records_of_a_wildcard_stand_at_no_name() {
    let wildcard = json!({ "TXT": ["v=spf1 -all"] });
    let mut map = json!({ "change.test": { "TXT": ["a token"] } });
    for label in ["_spf0", "_spf1a", "_spf1b", "_spf2a", "_spf2b", "_spf"] {
        map[format!("{label}.change.test")] = wildcard.clone();
    }
    let found = difference(&map, &record(&addresses()));
    assert_eq!(old(&found), [""; 0]);
    let changes = found["changes"].as_array().unwrap();
    assert!(changes.len() > 1);
    assert!(changes.iter().all(|change| change["action"] == "add"), "{changes:?}");
}

#[test]
fn a_chunk_that_takes_an_earlier_ones_place_waits() {
    let folder = tempfile::tempdir().unwrap();
    let chunk = |last: &str| json!({ "TXT": [format!("v=spf1 ip4:192.0.2.{last} -all")] });
    let map = json!({
        "change.test": { "TXT": ["v=spf1 include:_spf1b.change.test ~all"] },
        "_spf1a.change.test": chunk("1"),
        "_spf1b.change.test": chunk("2")
    });
    let file = folder.path().join("map.json");
    std::fs::write(&file, map.to_string()).unwrap();
    let ran = flatten(file.to_str().unwrap(), &addresses()[..40], &["--max-message", "512"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("_spf1a.change.test hold chunks of an earlier record"),
        "{}",
        ran.stderr
    );
}

/// `flatten` of a record with so many addresses for a domain in DNS as this map
/// has it.
fn over(map: &Value, more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("map.json");
    std::fs::write(&file, map.to_string()).unwrap();
    let record = record(&addresses()[..40]).replace("v=spf1", "v=spf1 include:middle.test");
    let dns = file.to_str().unwrap();
    let args = ["--dns-file", dns, "flatten", "change.test", "--record", &record];
    spfc(&[&args[..], more].concat())
}

#[test]
fn chunks_that_are_reached_in_other_ways_are_in_use() {
    let chunk = json!({ "TXT": ["v=spf1 ip4:192.0.2.1 -all"] });
    // Published: through another record, and as the target of a redirect.
    for record in ["v=spf1 include:inner.test ~all", "v=spf1 redirect=_spf1a.change.test"] {
        let map = json!({
            "change.test": { "TXT": [record] },
            "inner.test": { "TXT": ["v=spf1 include:_spf1a.change.test -all"] },
            "middle.test": { "TXT": ["v=spf1 ip4:198.51.100.1 -all"] },
            "_spf1a.change.test": chunk.clone()
        });
        let ran = over(&map, &["--diff"]);
        assert_eq!(ran.status, 1, "{}", ran.stderr);
        assert!(ran.stdout.starts_with("_spf1b.change.test  add"), "{}", ran.stdout);
    }
    // Kept: what it leads to is not to be written.
    let map = json!({
        "change.test": { "TXT": ["v=spf1 -all"] },
        "middle.test": { "TXT": ["v=spf1 include:_spf1a.change.test -all"] },
        "_spf1a.change.test": chunk
    });
    for more in [&["--keep", "middle.test"][..], &["--just-enough"], &[]] {
        let ran = over(&map, more);
        assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("reaches _spf1a.change.test"), "{}", ran.stderr);
    }
}

#[test]
fn the_name_to_redirect_to_may_be_somebody_elses() {
    let map = json!({
        "change.test": { "TXT": ["x".repeat(200), "y".repeat(200)] },
        "middle.test": { "TXT": ["v=spf1 ip4:198.51.100.1 -all"] },
        "_spf.change.test": { "TXT": ["v=spf1 ip4:192.0.2.0/24 -all"] }
    });
    let ran = over(&map, &[]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("_spf.change.test already holds TXT records"), "{}", ran.stderr);
    assert_eq!(over(&map, &["--prefix", "_out"]).status, 0);
}
