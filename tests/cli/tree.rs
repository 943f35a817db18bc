//! `spfc tree`.

use crate::support::{example, keys, offline, spfc};
use serde_json::Value;

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let document = offline(&["tree", "shared.test", "--format", "json"]).json();
    for key in ["schema", "domain", "record", "lookups", "terms"] {
        assert!(document.get(key).is_some(), "{key}");
    }
    assert_eq!(document["schema"], 1);
    assert_eq!(document["lookups"]["terms"], 5);
    assert_eq!(document["lookups"]["void"], 1);
    let terms = document["terms"].as_array().unwrap();
    assert_eq!(
        keys(&terms[0]),
        ["addresses", "cumulative", "lookups", "problem", "target", "term"]
    );
    assert_eq!((&terms[0]["lookups"], &terms[1]["cumulative"]), (&Value::from(2), &Value::from(5)));
    assert_eq!(terms[2]["target"], Value::Null);
    let shared = &terms[1]["target"]["terms"][0];
    assert_eq!(shared["term"], "?include:child.test");
    assert_eq!(shared["target"]["domain"], "child.test");
    assert_eq!(shared["target"]["repeated"], true);
    assert_eq!(keys(&shared["target"]), {
        let mut all = keys(&document);
        all.retain(|key| *key != "schema");
        all
    });
    assert_eq!(terms[0]["target"]["terms"][0]["target"]["addresses"]["ip4"], 255);
}

#[test]
fn people_see_where_the_tenth_lookup_falls() {
    let ran = spfc(&["--dns-file", &example(), "tree", "example.com"]);
    insta::assert_snapshot!("tree_example", ran.transcript());
    insta::assert_snapshot!("tree_shared", offline(&["tree", "shared.test"]).transcript());
}

#[test]
fn verbose_shows_every_term() {
    let tree = |flags: &[&str]| {
        let zones = example();
        let args = [&["--dns-file", &zones, "tree", "example.com"], flags].concat();
        spfc(&args).stdout
    };
    assert!(!tree(&[]).contains("ip4:198.51.100.64/27"));
    assert!(tree(&["-v"]).contains("ip4:198.51.100.64/27"));
}

#[test]
fn errors_are_shown_in_their_place() {
    insta::assert_snapshot!("tree_broken", offline(&["tree", "broken.test"]).transcript());
    insta::assert_snapshot!("tree_loop", offline(&["tree", "loop.test"]).transcript());
    insta::assert_snapshot!("tree_syntax", offline(&["tree", "syntax.test"]).transcript());
    let json = offline(&["tree", "broken.test", "--format", "json"]);
    assert_eq!(json.status, 3);
    assert_eq!(json.json()["terms"][0]["problem"], "missing.test has no SPF record");
}

#[test]
fn graphviz_gets_a_graph() {
    insta::assert_snapshot!(
        "tree_dot",
        offline(&["tree", "shared.test", "--format", "dot"]).stdout
    );
}
