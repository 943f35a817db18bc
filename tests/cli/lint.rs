//! `spfc lint`.

use crate::support::{example, keys, offline, spfc, spfc_with_input};

#[test]
fn the_keys_of_the_document_are_a_contract() {
    let ran = spfc(&["--dns-file", &example(), "lint", "example.com", "--format", "json"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(keys(&document), ["schema", "targets", "unreadable"]);
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
            "file",
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
        |more: &[&str]| offline(&[&["lint", "v=spf1 ip4:9.9.9.9 ?all"], more].concat()).status;
    assert_eq!(lint(&[]), 0);
    assert_eq!(lint(&["--fail-on", "warning"]), 1);
    assert_eq!(lint(&["--deny", "neutral-all"]), 1);
    assert_eq!(lint(&["--deny", "SPF6", "--allow", "SPF602"]), 0);
    assert_eq!(lint(&["--fail-on", "note", "--allow", "SPF6"]), 0);
    assert_eq!(lint(&["--warn", "no-such-rule"]), 2);
    assert_eq!(offline(&["lint", "v=spf1 ip4:9.9.9 -all", "--allow", "SPF001"]).status, 1);
}

#[test]
fn several_records_in_a_zone_file_are_one_finding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("z.zone");
    let zone = "$ORIGIN z.test.\n$TTL 300\n@ TXT \"v=spf1 -all\"\n@ TXT \"token\"\nb TXT \"v=spf1 -all\"\nb TXT \"v=spf1 a -all\"\n";
    std::fs::write(&path, zone).unwrap();
    for more in [&[][..], &["--offline"]] {
        let arguments = ["lint", path.to_str().unwrap(), "--format", "json"];
        let ran = offline(&[&arguments, more].concat());
        assert_eq!(ran.status, 1, "{}", ran.stderr);
        let targets = ran.json()["targets"].clone();
        let found = |target: usize| {
            let found = targets[target]["diagnostics"].as_array().unwrap().clone();
            found.iter().map(|found| found["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(targets.as_array().unwrap().len(), 2);
        assert_eq!((found(0), found(1)), (vec![], vec!["SPF102".to_owned()]));
    }
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
        assert_eq!(targets[2]["diagnostics"][0]["code"], "SPF002");
    }
    // Several records at a name are seen in the text alone; one written twice is one.
    let zone = "$ORIGIN z.test.\n$TTL 300\n@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 -all\"\n\
                b TXT \"v=spf1 mx ~all\"\nb TXT \"v=spf1 a ~all\"\nb TXT \"other\"\n";
    let ran = offline(&["lint", "--offline", &file("two.zone", zone), "--format", "json"]);
    let targets = ran.json()["targets"].clone();
    let found: Vec<_> = targets
        .as_array()
        .unwrap()
        .iter()
        .map(|target| {
            let codes =
                target["diagnostics"].as_array().unwrap().iter().map(|found| found["code"].clone());
            (target["target"].clone(), codes.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(found[2..], [("b.z.test".into(), vec!["SPF102".into()])]);
    assert!(found[..2].iter().all(|(_, codes)| codes.is_empty()), "{found:?}");
    let list = file("list", "# ours\nv=spf1 +all\nsmall.test\n");
    assert_eq!(offline(&["lint", "--file", &list]).status, 1);
    assert_eq!(spfc_with_input(&["lint", "--offline", "-"], "v=spf1 -all\n").status, 0);
    let ran = spfc_with_input(&["lint", "--offline", "-"], "v=spf1 +all\nsmall.test\n");
    assert_eq!(ran.status, 2);
    assert!(ran.stdout.contains("<stdin>:1:8") && ran.stdout.contains("SPF601"), "{}", ran.stdout);
    assert!(ran.stderr.contains("<stdin>:2:1: is a domain, and --offline"), "{}", ran.stderr);
    assert_eq!(offline(&["lint", "./none.zone"]).status, 2);
    assert_eq!(offline(&["lint", "--offline", "small.test"]).status, 2);
    // What editors put before the first line is told, not taken for a name.
    let marked = offline(&["lint", "--offline", &file("m.txt", "\u{feff}v=spf1 -all\n")]);
    assert_eq!(marked.status, 2);
    assert!(marked.stderr.contains("m.txt:1:1: a byte order mark stands"), "{}", marked.stderr);
}

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Runs `spfc lint` on a file of a folder, as JSON.
fn lint_file(folder: &tempfile::TempDir, name: &str, more: &[&str]) -> crate::support::Ran {
    let path = folder.path().join(name);
    offline(&[&["lint", path.to_str().unwrap(), "--format", "json"], more].concat())
}

/// The places of all findings: file, line and column.
fn places(document: &serde_json::Value) -> Vec<(String, u64, u64)> {
    let targets = document["targets"].as_array().unwrap();
    let findings = targets.iter().flat_map(|target| target["diagnostics"].as_array().unwrap());
    findings
        .map(|finding| {
            let file = &finding["file"];
            assert_eq!(keys(file), ["column", "end_column", "end_line", "line", "path"]);
            let name = file["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            (name, file["line"].as_u64().unwrap(), file["column"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn findings_have_their_place_in_the_file() {
    let zone = "$ORIGIN z.test.\n$TTL 300\n@ TXT ( \"v=spf1 \" ; ours\n  \"include:_a.z.test include:_b.z.test ~all\" )\n_a TXT \"v=spf1\\032include:none.z.test -all\"\n_b TXT \"v=spf1 include:_a.z.test -all\"\n";
    let yaml = "'':\n  type: TXT\n  values:\n  - \"v=spf1 \\x2ball\"\n";
    let list = "# ours\n  v=spf1 ip4:140.17.3.1 +all\nnone.test\n";
    let files = folder(&[("z.zone", zone), ("z.test.yaml", yaml), ("list", list)]);
    let of = |name: &str| places(&lint_file(&files, name, &[]).json());
    // One mistake, though three names lead there, is told once: at its own name.
    // The other one is that a record is included twice.
    assert_eq!(of("z.zone"), [("z.zone".to_owned(), 4, 22), ("z.zone".to_owned(), 5, 19)]);
    assert_eq!(of("z.test.yaml"), [("z.test.yaml".to_owned(), 4, 13)]);
    let expected = [("list".to_owned(), 2, 25), ("list".to_owned(), 3, 1)];
    assert_eq!(of("list"), expected);
    let broken = "$ORIGIN z.test.\n@ TXT \"v=spf1 include:_a.z.test ~all\"\n_a TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n";
    let broken = folder(&[("z.zone", broken)]);
    assert_eq!(places(&lint_file(&broken, "z.zone", &[]).json()), [("z.zone".to_owned(), 3, 16)]);
    let path = files.path().join("z.zone");
    let shown = offline(&["lint", path.to_str().unwrap()]).stdout;
    assert!(shown.contains("z.zone:5:19 (_a.z.test)"), "{shown}");
}

#[test]
fn includes_have_to_be_allowed_and_stay_in_their_folder() {
    let files = folder(&[
        ("zones/main.zone", "$INCLUDE parts/spf\n"),
        ("zones/parts/spf", "@ TXT \"v=spf1 +all\"\n"),
        ("zones/up.zone", "$INCLUDE ../secret\n"),
        ("zones/root.zone", "$INCLUDE /etc/passwd\n"),
        ("zones/loop.zone", "\n$INCLUDE loop.zone\n"),
        ("zones/link.zone", "$INCLUDE parts/link\n"),
        ("secret", "a. TXT secret\n"),
    ]);
    std::os::unix::fs::symlink("../../secret", files.path().join("zones/parts/link")).unwrap();
    let lint = |name: &str, more: &[&str]| {
        lint_file(&files, name, &[&["--origin", "z.test"], more].concat())
    };
    let refused = lint("zones/main.zone", &[]);
    assert_eq!(refused.status, 2);
    assert!(
        refused.stderr.contains("main.zone:1:1: $INCLUDE is not followed without --allow-include")
    );
    let followed = lint("zones/main.zone", &["--allow-include"]);
    assert_eq!((followed.status, places(&followed.json())), (1, vec![("spf".to_owned(), 1, 15)]));
    for (name, reason) in [
        ("zones/up.zone", "outside of the zone file's folder"),
        ("zones/root.zone", "outside of the zone file's folder"),
        ("zones/link.zone", "outside of the zone file's folder"),
        ("zones/loop.zone", "loop.zone:2:1: $INCLUDE leads back"),
    ] {
        let ran = lint(name, &["--allow-include"]);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains(reason), "{name}: {}", ran.stderr);
    }
}

#[test]
fn files_that_cannot_be_read_do_not_hide_the_others() {
    let files = folder(&[
        ("bad.zone", "$TTL 60\n$GENERATE 1-2 a$.test. A 192.0.2.$\n"),
        ("open.test.zone", "@ TXT \"v=spf1 +all\"\n"),
        ("production.yaml", "providers: {}\n"),
        ("list", "a..b\nv=spf1 +all\n"),
    ]);
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (bad, open, none) = (path("bad.zone"), path("open.test.zone"), path("none.zone"));
    let (yaml, list) = (path("production.yaml"), path("list"));
    let lint = |format: &str| {
        offline(&["lint", &bad, &open, &none, &yaml, "--file", &list, "--format", format])
    };
    let ran = lint("json");
    assert_eq!(ran.status, 2);
    let document = ran.json();
    assert_eq!(document["targets"].as_array().unwrap().len(), 2);
    let unreadable = document["unreadable"].as_array().unwrap();
    assert_eq!(keys(&unreadable[0]), ["column", "line", "message", "path"]);
    let lines: Vec<&serde_json::Value> = unreadable.iter().map(|file| &file["line"]).collect();
    assert_eq!(
        lines,
        [
            &serde_json::json!(2),
            &serde_json::json!(null),
            &serde_json::json!(null),
            &serde_json::json!(1)
        ]
    );
    assert!(ran.stderr.contains("bad.zone:2:1: $GENERATE is not supported"), "{}", ran.stderr);
    assert!(ran.stderr.contains("relative names of") && ran.stderr.contains("are below open.test"));
    let annotations = lint("github").stdout;
    assert_eq!(annotations.matches("title=unreadable file::").count(), 4, "{annotations}");
    assert!(annotations.contains("bad.zone,line=2,col=1,"), "{annotations}");
    assert_eq!(lint("junit").stdout.matches("<error type=\"unreadable\"").count(), 4);
    assert_eq!(lint("sarif").json()["runs"][0]["invocations"][0]["exitCode"], 2);
}

#[test]
fn every_format_comes_from_the_same_run() {
    let lint =
        |format: &str| spfc(&["--dns-file", &example(), "lint", "example.com", "--format", format]);
    for format in ["human", "json", "sarif", "github", "junit"] {
        let ran = lint(format);
        assert_eq!(ran.status, 1, "{format}: {}", ran.stderr);
        assert!(ran.stdout.contains("SPF301"), "{format}");
    }
    insta::assert_snapshot!("lint_github", lint("github").transcript());
    insta::assert_snapshot!("lint_junit", lint("junit").transcript());
    let mut results = lint("sarif").json()["runs"][0]["results"].take();
    // It changes with the rules that there are.
    results[0]["ruleIndex"] = serde_json::Value::Null;
    let shown = serde_json::to_string_pretty(&results).unwrap();
    insta::assert_snapshot!("lint_sarif", shown);
    assert_eq!(spfc(&["tree", "example.com", "--format", "sarif"]).status, 2);
    assert_eq!(lint("dot").status, 2);
}

#[test]
fn rules_and_pages_are_documents_too() {
    let rules = spfc(&["lint", "--rules", "--format", "json"]).json();
    assert_eq!(keys(&rules), ["rules", "schema"]);
    let rule = &rules["rules"][0];
    assert_eq!(
        keys(rule),
        ["code", "consequence", "name", "off", "offline", "reference", "severity", "summary"]
    );
    let page = spfc(&["lint", "--explain", "SPF301", "--format", "json"]).json();
    assert_eq!(keys(&page), ["page", "rule", "schema"]);
    assert_eq!(page["page"], spfc(&["lint", "--explain", "SPF301"]).stdout);
    assert_eq!(spfc(&["lint", "--rules", "--format", "sarif"]).status, 2);
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
