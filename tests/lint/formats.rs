//! The output formats: what they look like, and that hostile text stays text.

use proptest::prelude::*;
use serde_json::{Value, json};
use spfc::escape::is_hostile;
use spfc::lint::render::{HumanStyle, Palette, Run, github, human, json, junit, summary};
use spfc::lint::{File, LintOptions, Report, Severity, Subject, Unreadable};

use super::case::{name, report, run, zone};

/// Where golden output lies, seen from this file.
const SNAPSHOTS: &str = "../snapshots";

fn fixture(path: &str) -> Report {
    let path = format!("{}/tests/lint/{path}.json", env!("CARGO_MANIFEST_DIR"));
    report(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

#[test]
fn people_see_the_octets() {
    let shown = |path: &str| {
        let report = fixture(path);
        human(&report, &HumanStyle::default()) + &summary([&report])
    };
    insta::with_settings!({ snapshot_path => SNAPSHOTS, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("lint_syntax_errors", shown("SPF403/bad-several-mistakes"));
        insta::assert_snapshot!("lint_too_many_lookups", shown("SPF301/bad-in-include"));
        insta::assert_snapshot!("lint_fail_all", shown("SPF605/bad"));
        insta::assert_snapshot!("lint_record_alone", shown("SPF601/bad-offline"));
        insta::assert_snapshot!("lint_nothing_found", shown("SPF201/good"));
        insta::assert_snapshot!("lint_missing_record", shown("SPF101/bad-null-mx"));
    });
}

#[test]
fn colour_changes_nothing_else() {
    let report = fixture("SPF001/bad");
    let style = HumanStyle { palette: Palette::ANSI, ..HumanStyle::default() };
    let colored = human(&report, &style);
    let mut plain = colored.clone();
    for code in ["\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1m", "\x1b[1;34m", "\x1b[0m"] {
        plain = plain.replace(code, "");
    }
    assert_ne!(colored, plain);
    assert_eq!(plain, human(&report, &HumanStyle::default()));
}

#[test]
fn programs_read_the_contract() {
    let document = json(&[fixture("SPF201/bad"), fixture("SPF102/bad")], &[]);
    insta::with_settings!({ snapshot_path => SNAPSHOTS, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("lint_json", document);
    });
}

/// A run that found these, in which errors fail.
pub(crate) fn run_of<'a>(reports: &'a [Report], unreadable: &'a [Unreadable]) -> Run<'a> {
    Run { reports, unreadable, fail_on: Severity::Error, exit_status: 1 }
}

/// Any octets as a record of a domain, with one include that holds them too.
pub(crate) fn hostile(octets: &[u8], own: bool) -> Report {
    let record = [b"v=spf1 include:other.example ".as_slice(), octets].concat();
    let world = zone(&json!({ "example.com": { "TXT": ["v=spf1 include:other.example ~all"] } }));
    let options = LintOptions { beyond_policy: false, ..LintOptions::default() };
    let (domain, held) = match own {
        true => ("example.com", "example.com"),
        false => ("example.com", "other.example"),
    };
    let world = spfc::dns::Published::new(world, [(name(held), record)]);
    run(&world, &Subject::domain(name(domain)), &options)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(7208),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn hostile_paths_stay_on_their_line(path in "(.|\r|\n|\x1b|\u{2028}|\u{202e}|::error ){0,9}") {
        let mut report = hostile(b"ipv4:x", true);
        let place = File::new(path.as_str(), &b""[..], Vec::new()).range_place(0..0);
        let expected = report.diagnostics.len();
        report.diagnostics.iter_mut().for_each(|found| found.place.file = Some(place.clone()));
        let plain = human(&report, &HumanStyle::default());
        prop_assert!(!plain.replace('\n', "").chars().any(is_hostile));
        let places = plain.lines().filter(|line| line.starts_with(" --> "));
        prop_assert_eq!(places.filter(|line| line.ends_with(":1:1 (example.com)")).count(), expected);
    }

    #[test]
    fn hostile_octets_stay_text(octets in proptest::collection::vec(any::<u8>(), 0..200), own: bool) {
        let report = hostile(&octets, own);
        let plain = human(&report, &HumanStyle::default());
        prop_assert!(plain.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\n')));
        let lines = plain.lines().all(|line| line.is_empty()
            || line.starts_with(' ') || line.starts_with("error") || line.starts_with("warning") || line.starts_with("note"));
        prop_assert!(lines, "{}", plain);
    }

    #[test]
    fn annotations_stay_a_line_each(octets in proptest::collection::vec(any::<u8>(), 0..200), own: bool) {
        let report = hostile(&octets, own);
        let run = run_of(std::slice::from_ref(&report), &[]);
        let written = github(&run);
        prop_assert_eq!(written.lines().count(), report.diagnostics.len());
        for (line, diagnostic) in written.lines().zip(&report.diagnostics) {
            let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let title = format!("title={} {}", diagnostic.rule.code, diagnostic.rule.name);
            prop_assert!(command.ends_with(&title), "{}", line);
            let message = message.replace("%0A", "\n").replace("%25", "%");
            prop_assert!(message.contains(&diagnostic.message), "{}", message);
        }
    }

    #[test]
    fn xml_reads_back_equal(octets in proptest::collection::vec(any::<u8>(), 0..200), own: bool) {
        let report = hostile(&octets, own);
        let written = junit(&run_of(std::slice::from_ref(&report), &[]));
        let mut reader = quick_xml::reader::Reader::from_str(&written);
        let mut messages = Vec::new();
        loop {
            use quick_xml::events::Event;
            let element = match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => element,
                Event::Eof => break,
                _ => continue,
            };
            for attribute in element.attributes() {
                let attribute = attribute.unwrap();
                if attribute.key.as_ref() == "message" {
                    messages.push(quick_xml::escape::unescape(&attribute.value).unwrap().into_owned());
                }
            }
        }
        let failures: Vec<&str> = report
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        prop_assert_eq!(messages, failures);
    }

    #[test]
    fn json_reads_back_equal(octets in proptest::collection::vec(any::<u8>(), 0..200), own: bool) {
        let report = hostile(&octets, own);
        let written = json(std::slice::from_ref(&report), &[]);
        prop_assert!(written.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\n')));
        let read: Value = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&read["schema"], 1);
        let target = &read["targets"][0];
        prop_assert_eq!(text(&target["target"]), &report.target);
        let entries = target["diagnostics"].as_array().unwrap();
        prop_assert_eq!(entries.len(), report.diagnostics.len());
        for (entry, diagnostic) in entries.iter().zip(&report.diagnostics) {
            prop_assert_eq!(text(&entry["code"]), diagnostic.rule.code);
            prop_assert_eq!(text(&entry["name"]), diagnostic.rule.name);
            prop_assert_eq!(text(&entry["message"]), &diagnostic.message);
            prop_assert_eq!(entry["help"].as_str(), diagnostic.help.as_deref());
            let place = &diagnostic.place;
            let record = place.record.as_deref().map(String::from_utf8_lossy);
            prop_assert_eq!(entry["record"].as_str(), record.as_deref());
            let Some((record, span)) = place.record.as_deref().zip(place.span) else { continue };
            let offset = |key: &str| entry["span"][key].as_u64().unwrap() as usize;
            let shown = &text(&entry["record"]).as_bytes()[offset("start")..offset("end")];
            let meant = String::from_utf8_lossy(span.of(record));
            if std::str::from_utf8(record).is_ok() {
                prop_assert_eq!(shown, span.of(record));
            } else if std::str::from_utf8(span.of(record)).is_ok() {
                prop_assert_eq!(shown, meant.as_bytes());
            }
        }
    }
}
