//! `spfc check`.

use crate::support::{keys, offline, path, spfc, spfc_with_input};

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let ran = offline(&["check", "small.test", "--ip", "198.51.100.9", "--format", "json"]);
    assert_eq!(ran.status, 0);
    assert_eq!(ran.stderr, "");
    let document = ran.json();
    assert_eq!(
        keys(&document),
        [
            "authentication_results",
            "explanation",
            "lookups",
            "matched",
            "problem",
            "received_spf",
            "result",
            "schema",
            "trace"
        ]
    );
    assert_eq!(
        keys(&document["lookups"]),
        ["limit", "queries", "terms", "void", "void_ip4", "void_ip6", "void_limit"]
    );
    assert_eq!(document["schema"], 1);
    assert_eq!(document["result"], "pass");
    assert_eq!(document["matched"]["domain"], "child.test");
    assert_eq!(document["matched"]["term"], "ip4:198.51.100.0/24");
    assert_eq!(document["problem"], serde_json::Value::Null);
    assert_eq!(document["trace"][0]["outcome"], "no-match");
    assert!(document["received_spf"].as_str().unwrap().starts_with("Received-SPF: pass ("));
    let field = document["authentication_results"].as_str().unwrap();
    assert_eq!(
        field,
        "Authentication-Results: unknown; spf=pass smtp.mailfrom=postmaster@small.test"
    );
}

#[test]
fn people_see_the_verdict_and_the_path_to_it() {
    let ran = offline(&["check", "small.test", "--ip", "198.51.100.7"]);
    insta::assert_snapshot!("check_fail", ran.transcript());
    let ran = offline(&["check", "broken.test", "--ip", "198.51.100.7"]);
    insta::assert_snapshot!("check_permerror", ran.transcript());
}

#[test]
fn expectations_set_the_exit_status() {
    let expect = |result: &str| {
        offline(&["check", "small.test", "--ip", "203.0.113.9", "--expect", result]).status
    };
    assert_eq!(expect("pass"), 0);
    assert_eq!(expect("FAIL"), 1);
    assert_eq!(expect("perhaps"), 2);
}

#[test]
fn any_verdict_is_success() {
    for (domain, result) in [
        ("broken.test", "permerror"),
        ("failing.test", "temperror"),
        ("none.test", "none"),
        ("dynamic.test", "softfail"),
    ] {
        let ran = offline(&["check", domain, "--ip", "203.0.113.1", "--format", "json"]);
        assert_eq!((ran.status, ran.json()["result"].as_str()), (0, Some(result)), "{domain}");
    }
}

#[test]
fn identities_follow_from_each_other() {
    let field = |args: &[&str]| {
        let args = [&["check", "--ip", "192.0.2.1", "--format", "json"], args].concat();
        let ran = offline(&args);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.json()["received_spf"].as_str().unwrap().to_owned()
    };
    let of_domain = field(&["small.test"]);
    assert!(of_domain.contains("envelope-from=\"postmaster@small.test\"; helo=small.test;"));
    let of_sender = field(&["--sender", "a@small.test"]);
    assert!(of_sender.contains("envelope-from=\"a@small.test\"; helo=small.test;"), "{of_sender}");
    let bounce = field(&["--sender", "", "--helo", "small.test"]);
    assert!(bounce.contains("identity=helo;") && bounce.starts_with("Received-SPF: pass"));
    let other = field(&["small.test", "--sender", "a@none.test", "--receiver", "mx.test"]);
    assert!(other.starts_with("Received-SPF: pass") && other.contains("receiver=mx.test"));
    let helo = field(&["--helo", "small.test"]);
    assert!(helo.contains("envelope-from=\"postmaster@small.test\""), "{helo}");
    let dash = field(&["small.test", "--sender", "-x@small.test"]);
    assert!(dash.contains("-x@small.test"), "{dash}");
}

#[test]
fn nothing_to_check_is_a_mistake() {
    assert_eq!(offline(&["check", "--ip", "192.0.2.1"]).status, 2);
    assert_eq!(offline(&["check", "--ip", "192.0.2.1", "--sender", ""]).status, 2);
    assert_eq!(offline(&["check", "small.test"]).status, 2);
    assert_eq!(offline(&["check", "small.test", "--ip", "192.0.2"]).status, 2);
}

#[test]
fn a_record_can_be_tried_before_it_is_published() {
    let record = "v=spf1 ip4:198.51.100.7 -all";
    let args = ["check", "none.test", "--ip", "198.51.100.7", "--record", record];
    assert!(offline(&args).stdout.starts_with("pass: "));
    let source = ["check", "none.test", "--ip", "192.0.2.1", "--source", "small.test"];
    assert!(offline(&source).stdout.starts_with("pass: "));
}

#[test]
fn domains_are_read_in_any_form() {
    for domain in ["BÜCHER.test.", "xn--bcher-kva.test", " Bücher.test"] {
        let ran = offline(&["check", domain, "--ip", "192.0.2.1", "--expect", "pass"]);
        assert_eq!(ran.status, 0, "{domain}: {}", ran.stderr);
    }
}

const BATCH: &str = concat!(
    "{\"ip\":\"192.0.2.1\",\"sender\":\"a@small.test\"}\n",
    "\n",
    "{\"ip\":\"198.51.100.7\",\"domain\":\"child.test\",\"extra\":1}\n",
    "{\"ip\":\"192.0.2.1\",\"sender\":\"\",\"helo\":\"none.test\"}",
);

#[test]
fn a_batch_keeps_its_order() {
    let zones = path("zones.json");
    let args = ["--dns-file", &zones, "check", "--batch", "-", "--format", "json"];
    let ran = spfc_with_input(&args, BATCH);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let result = |line: &str| {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(document["schema"], 1);
        document["result"].as_str().unwrap().to_owned()
    };
    assert_eq!(ran.stdout.lines().map(result).collect::<Vec<_>>(), ["pass", "fail", "none"]);
    let people = spfc_with_input(&args[..5], BATCH);
    insta::assert_snapshot!("check_batch", people.transcript());
    let expect = spfc_with_input(&[&args[..5], &["--expect", "pass"]].concat(), BATCH);
    assert_eq!(expect.status, 1);
}

#[test]
fn a_bad_line_of_a_batch_is_answered_in_its_place() {
    let zones = path("zones.json");
    let input = "{\"ip\":\"192.0.2.1\",\"domain\":\"small.test\"}\n{\"ip\":\"x\"}\nnonsense\n\
                 {\"ip\":\"192.0.2.1\",\"domain\":\"small.test\"}\n";
    let args = ["--dns-file", &zones, "check", "--batch", "-", "--format", "json"];
    let ran = spfc_with_input(&args, input);
    assert_eq!(ran.status, 2);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains("\"result\":null") && lines[1].contains("line 2: 'x' is no IP"));
    assert!(ran.stderr.contains("2 of 4 lines of the batch are no messages"), "{}", ran.stderr);
}

#[test]
fn a_batch_file_that_is_not_there_is_a_mistake() {
    let ran = spfc(&["--dns-file", &path("zones.json"), "check", "--batch", "/nowhere/batch"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.starts_with("error: cannot read /nowhere/batch"), "{}", ran.stderr);
}
