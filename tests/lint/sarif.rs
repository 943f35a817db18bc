//! SARIF: valid by the schema of the standard, what GitHub asks for beyond it,
//! and hostile text that stays text.

use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use spfc::dns::Published;
use spfc::lint::render::{Run, sarif};
use spfc::lint::{File, FileRecord, LintOptions, Report, Severity, Subject, Unreadable, rules};

use super::case::{name, run, zone};
use super::formats::{hostile, run_of};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sarif/sarif-schema-2.1.0.json");
    // The published pattern of languages, which nothing here writes, has a
    // bracket that opens nowhere, so it is no regular expression.
    let text = std::fs::read_to_string(path).unwrap().replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
});

fn errors(document: &Value) -> Vec<String> {
    SCHEMA
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn document(run: &Run<'_>) -> Value {
    let written = sarif(run);
    assert!(written.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\n')));
    let document = serde_json::from_str(&written).unwrap();
    assert_eq!(errors(&document), Vec::<String>::new());
    document
}

/// A zone file with a record that has mistakes of all kinds, and one that has none.
fn of_file() -> Report {
    let text =
        "\u{e9} 60 IN TXT x\nbad.test. TXT \"v=spf1 a \" \"ip4:192.0.2.2 ?all ip4:192.0.2.1\"\n";
    let record = b"v=spf1 a ip4:192.0.2.2 ?all ip4:192.0.2.1";
    let (first, second) = (text.find("v=").unwrap(), text.find("ip4:192.0.2.2 ?all").unwrap());
    let written = (first..first + 9).chain(second..second + 32).map(|at| at..at + 1).collect();
    let entry = text.find("bad").unwrap()..text.len() - 1;
    let owner = Some(name("bad.test"));
    let strings = vec![9, 32];
    let record = FileRecord { owner, octets: record[..].into(), strings, written, entry };
    let file = File::new("./zones/b d.zone", text.as_bytes(), vec![record.clone()]);
    let world = zone(&json!({ "bad.test": { "A": ["192.0.2.1"] } }));
    let world = Published::new(world, [(name("bad.test"), record.octets.to_vec())]);
    let subject = Subject { file: Some(Arc::new(file)), ..Subject::domain(name("bad.test")) };
    run(&world, &subject, &LintOptions { beyond_policy: false, ..LintOptions::default() })
}

/// A domain whose record cannot be had for now.
fn of_dns() -> Report {
    let world = zone(&json!({ "slow.test": { "RCODE": "SERVFAIL" } }));
    run(&world, &Subject::domain(name("slow.test")), &LintOptions::default())
}

fn unreadable() -> [Unreadable; 2] {
    let file = File::new("x.zone", &b"\n$GENERATE"[..], Vec::new());
    let unreadable = |path: &str, place| Unreadable {
        path: path.into(),
        place,
        message: "is\x1b not\r\nread".to_owned(),
    };
    [unreadable("x.zone", Some(file.range_place(1..1))), unreadable("<stdin>", None)]
}

#[test]
fn documents_follow_the_schema() {
    let reports = [of_file(), of_dns(), hostile(b"ipv4:x \xff\x1b", true)];
    let unreadable = unreadable();
    let run = Run { exit_status: 2, ..run_of(&reports, &unreadable) };
    let document = document(&run);
    let run = &document["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), rules().count() + 1);
    let invocation = &run["invocations"][0];
    assert_eq!(
        (&invocation["exitCode"], &invocation["executionSuccessful"]),
        (&json!(2), &json!(false))
    );
    // Two files and one question that failed.
    assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 3);
    let results = run["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["ruleId"] != "SPF103"));
    let unread: Vec<&Value> =
        results.iter().filter(|result| result["ruleId"] == "unreadable-file").collect();
    let at = |result: &Value| result["locations"][0]["physicalLocation"].clone();
    assert_eq!(at(unread[0])["region"]["startLine"], 2);
    assert_eq!(at(unread[1])["artifactLocation"]["uri"], "%3Cstdin%3E");
}

#[test]
fn spoiled_documents_are_convicted() {
    let report = of_file();
    let sound = document(&run_of(std::slice::from_ref(&report), &[]));
    let spoilers: [(&str, Value); 7] = [
        ("/version", json!("2.0.0")),
        ("/runs/0/tool/driver/name", json!(1)),
        ("/runs/0/results/0/level", json!("fatal")),
        ("/runs/0/results/0/message", json!({})),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
        ("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", json!("a b")),
        ("/runs/0/columnKind", json!("octets")),
    ];
    for (pointer, spoiled) in spoilers {
        let mut document = sound.clone();
        *document.pointer_mut(pointer).unwrap() = spoiled;
        assert!(!errors(&document).is_empty(), "{pointer}");
    }
    let mut document = sound;
    document["runs"][0]["surprise"] = json!(true);
    assert!(!errors(&document).is_empty());
}

#[test]
fn every_result_has_what_github_asks_for() {
    let reports = [of_file(), hostile(b"ipv4:x", true), hostile(b"ptr", false)];
    let document = document(&run_of(&reports, &unreadable()));
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut fingerprints = std::collections::HashSet::new();
    for result in run["results"].as_array().unwrap() {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let location = &result["locations"][0]["physicalLocation"];
        assert!(!location["artifactLocation"]["uri"].as_str().unwrap().is_empty());
        assert!(location["region"]["startLine"].as_u64().unwrap() > 0);
        let fingerprint =
            result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        assert!(fingerprints.insert(fingerprint.to_owned()), "{fingerprint} is there twice");
    }
}

#[test]
fn findings_stand_in_their_file_and_bring_their_fix() {
    let report = of_file();
    let document = document(&run_of(std::slice::from_ref(&report), &[]));
    let results = document["runs"][0]["results"].as_array().unwrap();
    let found = results.iter().find(|result| result["ruleId"] == "SPF201").unwrap();
    let location = &found["locations"][0];
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "bad.test");
    let physical = &location["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "zones/b%20d.zone");
    let region = json!({ "startLine": 2, "startColumn": 47, "endLine": 2, "endColumn": 60 });
    assert_eq!(physical["region"], region);
    let fixes: Vec<&Value> =
        results.iter().filter_map(|result| result["fixes"].as_array()?.first()).collect();
    for fix in &fixes {
        let change = &fix["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "zones/b%20d.zone");
        assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 2);
    }
    let fixable = report.diagnostics.iter().filter(|diagnostic| diagnostic.fix.is_some()).count();
    assert_eq!(fixes.len(), fixable);
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let fingerprints = |report: &Report| -> Vec<Value> {
        let document = document(&run_of(std::slice::from_ref(report), &[]));
        let results = document["runs"][0]["results"].as_array().unwrap().clone();
        results.into_iter().map(|mut result| result["partialFingerprints"].take()).collect()
    };
    let mut report = of_file();
    let before = fingerprints(&report);
    assert!(!before.is_empty());
    for diagnostic in &mut report.diagnostics {
        let place = diagnostic.place.file.as_mut().unwrap();
        place.start.line += 7;
        place.end.line += 7;
    }
    assert_eq!(fingerprints(&report), before);
}

#[test]
fn there_are_no_more_results_than_github_takes() {
    let one = hostile(b"ipv4:x ?all", true);
    let mild = one.diagnostics[0].clone();
    let mut report = one;
    report.diagnostics = vec![mild.clone(); 25_001];
    report.diagnostics[25_000].severity = Severity::Error;
    for diagnostic in &mut report.diagnostics[..25_000] {
        diagnostic.severity = Severity::Note;
    }
    let written = sarif(&run_of(std::slice::from_ref(&report), &[]));
    let document: Value = serde_json::from_str(&written).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["level"]), (25_000, &json!("error")));
    let notifications = &document["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notifications[0]["descriptor"]["id"], "results-left-out");
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(7208),
        failure_persistence: None,
        cases: 64,
        ..ProptestConfig::default()
    })]

    #[test]
    fn hostile_text_reads_back(
        octets in proptest::collection::vec(any::<u8>(), 0..100), own: bool,
        path in "(.|%|\r|\n|\x1b|\u{2028}|\"|\\.\\.|/){0,9}",
    ) {
        let report = hostile(&octets, own);
        let unreadable = [Unreadable { path: path.as_str().into(), place: None, message: path.clone() }];
        let document = document(&run_of(std::slice::from_ref(&report), &unreadable));
        let results = document["runs"][0]["results"].as_array().unwrap();
        prop_assert_eq!(results.len(), report.diagnostics.len() + 1);
        for (result, diagnostic) in results[1..].iter().zip(&report.diagnostics) {
            prop_assert_eq!(result["ruleId"].as_str().unwrap(), diagnostic.rule.code);
            prop_assert!(result["message"]["text"].as_str().unwrap().contains(&diagnostic.message));
        }
    }
}
