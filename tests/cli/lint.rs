//! `spfc lint`.

use crate::support::{example, keys, offline, spfc, spfc_with_input};

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let ran = spfc(&["--dns-file", &example(), "lint", "example.com", "--format", "json"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(keys(&document), ["schema", "targets"]);
    let target = &document["targets"][0];
    assert_eq!(keys(target), ["diagnostics", "lookups", "record", "target"]);
    assert_eq!(
        keys(&target["lookups"]),
        ["limit", "queries", "terms", "void", "void_ip4", "void_ip6", "void_limit"]
    );
    let diagnostic = &target["diagnostics"][0];
    assert_eq!(
        keys(diagnostic),
        [
            "code",
            "domain",
            "fix",
            "help",
            "message",
            "name",
            "record",
            "reference",
            "severity",
            "span"
        ]
    );
    assert_eq!(diagnostic["code"], "SPF301");
    let record = diagnostic["record"].as_str().unwrap();
    let (start, end) = (&diagnostic["span"]["start"], &diagnostic["span"]["end"]);
    let span = start.as_u64().unwrap() as usize..end.as_u64().unwrap() as usize;
    assert_eq!(&record[span], "include:spf.crm.example");
}

#[test]
fn people_see_carets() {
    insta::assert_snapshot!(
        "lint_example",
        spfc(&["--dns-file", &example(), "lint", "example.com"]).transcript()
    );
}

#[test]
fn severities_decide_the_exit_status() {
    let lint =
        |more: &[&str]| offline(&[&["lint", "v=spf1 ip4:192.0.2.1 ?all"], more].concat()).status;
    assert_eq!(lint(&[]), 0);
    assert_eq!(lint(&["--fail-on", "warning"]), 1);
    assert_eq!(lint(&["--deny", "neutral-all"]), 1);
    assert_eq!(lint(&["--deny", "SPF6", "--allow", "SPF602"]), 0);
    assert_eq!(lint(&["--fail-on", "note", "--allow", "SPF6"]), 0);
    assert_eq!(lint(&["--warn", "no-such-rule"]), 2);
    assert_eq!(offline(&["lint", "v=spf1 ip4:192.0.2 -all", "--allow", "SPF001"]).status, 1);
}

#[test]
fn files_hold_zones_or_lists() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let zone = "$ORIGIN z.test.\n$TTL 300\n@ TXT \"v=spf1 include:_a.z.test ~all\"\n_a TXT \"v=spf1 ip4:192.0.2.1 \" \"?all\"\nb TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n";
    for more in [&[][..], &["--offline"]] {
        let ran = offline(&[&["lint", &file("z.zone", zone), "--format", "json"], more].concat());
        assert_eq!(ran.status, 1, "{}", ran.stderr);
        let targets = ran.json()["targets"].clone();
        let named: Vec<&str> = targets
            .as_array()
            .unwrap()
            .iter()
            .map(|target| target["target"].as_str().unwrap())
            .collect();
        assert_eq!(named, ["z.test", "_a.z.test", "b.z.test"]);
        // What is only included is not judged.
        assert_eq!(targets[1]["diagnostics"], serde_json::json!([]));
        assert_eq!(targets[2]["diagnostics"][0]["code"], "SPF001");
    }
    let list = file("list", "# ours\nv=spf1 +all\nsmall.test\n");
    assert_eq!(offline(&["lint", "--file", &list]).status, 1);
    assert_eq!(spfc_with_input(&["lint", "--offline", "-"], "v=spf1 -all\n").status, 0);
    assert_eq!(offline(&["lint", "./none.zone"]).status, 2);
    assert_eq!(offline(&["lint", "--offline", "small.test"]).status, 2);
}

#[test]
fn zone_files_are_read_as_they_are_meant() {
    let folder = tempfile::tempdir().unwrap();
    let terms = "ip4:192.0.2.1 ".repeat(20);
    let text = format!(
        "$ORIGIN z.test.\n$TTL 300\n@ TXT \"v=spf1 {terms}~all\"\na TXT \" v=spf1 -all\"\n\
         b TXT \"v=spf1?all\"\nc SPF \"v=spf1 -all\"\nd TXT \"v=DMARC1; p=none\"\n"
    );
    let path = folder.path().join("z.zone");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let ran = offline(&["lint", path, "--format", "json"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let document = ran.json();
    let codes: Vec<(&str, Vec<&str>)> = document["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| {
            let found = target["diagnostics"].as_array().unwrap().iter();
            let codes = found.map(|found| found["code"].as_str().unwrap());
            let codes = codes.filter(|code| code.starts_with("SPF1")).collect();
            (target["target"].as_str().unwrap(), codes)
        })
        .collect();
    let expected = [
        ("z.test", vec![]),
        ("a.z.test", vec!["SPF104"]),
        ("b.z.test", vec!["SPF101"]),
        ("c.z.test", vec!["SPF101", "SPF105"]),
    ];
    assert_eq!(codes, expected);
    // A server would refuse the zone, and so do those who stand for one.
    let verified = offline(&["verify", &format!("{path}#z.test"), "v=spf1 -all"]);
    assert_eq!(verified.status, 2);
    assert!(verified.stderr.contains("character-string has 291 octets"), "{}", verified.stderr);
}

#[test]
fn pages_are_printed() {
    let page = spfc(&["lint", "--explain", "SPF301"]);
    assert_eq!(page.status, 0);
    assert!(page.stdout.contains("too-many-lookups") && page.stdout.contains("Use instead"));
    assert_eq!(spfc(&["lint", "--explain", "too-many-lookups"]).stdout, page.stdout);
    assert_eq!(spfc(&["lint", "--explain", "SPF999"]).status, 2);
    assert!(spfc(&["lint", "--rules"]).stdout.lines().count() >= 20);
    assert_eq!(spfc(&["lint"]).status, 2);
}

#[test]
fn what_is_compiled_warns_of_all_that_fails_senders() {
    let ran = spfc(&[
        "--dns-file",
        &example(),
        "flatten",
        "example.com",
        "--record",
        "v=spf1 ip4:192.0.2.1 -all",
    ]);
    assert!(ran.stderr.contains("[SPF605]"), "{}", ran.stderr);
    let softer = spfc(&[
        "--dns-file",
        &example(),
        "flatten",
        "example.com",
        "--record",
        "v=spf1 ip4:192.0.2.1 -all",
        "--qualifier",
        "~all",
    ]);
    assert!(!softer.stderr.contains("[SPF605]"), "{}", softer.stderr);
}
