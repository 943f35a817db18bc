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
