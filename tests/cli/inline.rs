//! `spfc macro --inline`: ranges of the zone in the record.

use crate::folder::Folder;
use crate::support::{Ran, example, spfc, spfc_with_input};

const MACRO: [&str; 4] = ["macro", "example.com", "--zone", "_spf.example.com"];
const ASKS: &str = "exists:%{ir}.%{v}._spf.example.com ~all";

fn run(more: &[&str]) -> Ran {
    let example = example();
    spfc(&[&["--dns-file", &example], &MACRO[..], more].concat())
}

fn with_mail(input: &str, more: &[&str]) -> Ran {
    let example = example();
    let busy = ["--busy", "-"];
    spfc_with_input(&[&["--dns-file", &example], &MACRO[..], &busy, more].concat(), input)
}

#[test]
fn the_widest_ranges_stand_in_the_record_and_in_the_zone() {
    let plain = run(&["--format", "json"]).json();
    let hybrid = run(&["--inline", "3", "--format", "json"]).json();
    let terms = ["ip6:2001:db8:100::/40", "ip6:2001:db8:200::/40", "ip6:2001:db8:a00::/44"];
    assert_eq!(plain["inlined"], serde_json::json!([]));
    assert_eq!(hybrid["inlined"], serde_json::json!(terms));
    assert_eq!(hybrid["record"], format!("v=spf1 {} {ASKS}", terms.join(" ")));
    assert_eq!(hybrid["sets"], plain["sets"]);
    assert_eq!(hybrid["equivalent"], true);
    assert_eq!(hybrid["result"]["lookups"], plain["result"]["lookups"]);
    let octets =
        |document: &serde_json::Value| document["records"][0]["message_octets"].as_u64().unwrap();
    assert_eq!(octets(&hybrid), octets(&plain) + 1 + terms.join(" ").len() as u64);
    let said = run(&["--inline", "3"]).stderr;
    assert!(said.contains("the widest; --busy FILE takes those with the most mail"), "{said}");
}

#[test]
fn the_busiest_ranges_come_first() {
    let log = "# addresses\n192.0.2.25 900\n192.0.2.130\n192.0.2.130 60\n2001:db8:c::9 7\n\
               ::ffff:192.0.2.25 1\n203.0.113.250 31\n";
    let ran = with_mail(log, &["--inline", "2"]);
    let record = format!("v=spf1 ip4:192.0.2.25 ip4:192.0.2.128/27 {ASKS}");
    assert!(ran.stdout.contains(&record), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr
            .contains("the ranges in the record pass 962 of 1,000 messages, those of the zone 969")
    );
    // No range without mail stands in for one that has some.
    let ran = with_mail(log, &["--inline", "9", "--format", "json"]);
    assert_eq!(
        ran.json()["inlined"],
        serde_json::json!(["ip4:192.0.2.25", "ip4:192.0.2.128/27", "ip6:2001:db8:c::/48"])
    );
    assert!(ran.stderr.contains("only 3 ranges of the zone had messages"), "{}", ran.stderr);
}

#[test]
fn named_ranges_lie_in_the_zone() {
    let ran = run(&[
        "--inline-range",
        "198.51.100.7",
        "--inline-range",
        "2001:db8:100:7::/64",
        "--inline-range",
        "::ffff:192.0.2.128/125",
        "--format",
        "json",
    ]);
    assert_eq!(
        ran.json()["inlined"],
        serde_json::json!(["ip4:192.0.2.128/29", "ip4:198.51.100.7", "ip6:2001:db8:100:7::/64"])
    );
    for range in ["192.0.2.0/24", "203.0.113.250", "::/0", "2001:db8:c::/47"] {
        let ran = run(&["--inline", "2", "--inline-range", range]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{range}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("the range {range}")), "{}", ran.stderr);
    }
}

#[test]
fn what_has_no_room_is_counted() {
    let ran = run(&["--inline", "30", "--max-message", "200"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    let words: Vec<&str> = ran.stderr.split_whitespace().collect();
    let fit = words.windows(4).find(|it| it[1..] == ["of", "them", "fit"]).unwrap()[0];
    assert!(ran.stderr.contains("octets, over 200: "), "{}", ran.stderr);
    let fits = run(&["--inline", fit, "--max-message", "200", "--format", "json"]);
    let octets = fits.json()["records"][0]["message_octets"].as_u64().unwrap();
    assert!((150..=200).contains(&octets), "{octets}");
    let more = (fit.parse::<u32>().unwrap() + 1).to_string();
    assert_eq!(run(&["--inline", &more, "--max-message", "200"]).status, 3);
}

#[test]
fn mistakes_name_the_line_or_the_flag() {
    let folder = Folder::new();
    let file = folder.file("busy");
    std::fs::write(&file, "192.0.2.1 3\n192.0.2.1\x1b[2J\n").unwrap();
    let ran = run(&["--inline", "1", "--busy", &file]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    let said = format!("error: {file}:2: '192.0.2.1\\u{{1b}}[2J' is no IP address\n");
    assert!(ran.stderr.ends_with(&said), "{}", ran.stderr);
    for more in [
        &["--busy", "-"][..],
        &["--inline", "0"],
        &["--inline", "-1"],
        &["--inline", "1", "--busy", "/nowhere/busy"],
        &["--inline-range", "192.0.2.0/33"],
        &["--inline-range", "example.com"],
    ] {
        let ran = run(more);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{more:?}: {}", ran.stderr);
    }
}

#[test]
fn every_style_has_hybrid_records_that_lint_well() {
    for style in ["exists", "exists-static"] {
        let document = run(&["--style", style, "--inline", "5", "--format", "json"]).json();
        assert_eq!(document["inlined"].as_array().unwrap().len(), 5, "{style}");
        let record = document["record"].as_str().unwrap();
        // All addresses of the example are for documentation.
        let allow = ["--allow", "SPF503", "--fail-on", "note"];
        let linted = spfc(&[&["lint", "--offline"], &allow[..], &[record]].concat());
        assert_eq!(linted.status, 0, "{record}: {}", linted.stdout);
    }
}
