//! tests/lint/SPFnnn/bad*.json and good*.json: a closed world, a subject, and
//! all findings with the text under their carets.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use spfc::lint::render::{HumanStyle, human};
use spfc::lint::{Diagnostic, FixKind, Report, rules};

use super::case::report;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint")
}

pub(crate) fn fixtures(code: &str) -> Vec<(String, Value)> {
    let Ok(entries) = fs::read_dir(folder().join(code)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read(&path).unwrap();
        let case = serde_json::from_slice(&text);
        (stem, case.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    files.into_iter().map(read).collect()
}

/// A report for people who read why a test failed.
fn shown(report: &Report) -> String {
    human(report, &HumanStyle::default())
}

/// A diagnostic in the form of `expected`, with the keys that it has.
fn as_expected(diagnostic: &Diagnostic, expected: Option<&Value>) -> Value {
    let place = &diagnostic.place;
    let under = place
        .record
        .as_ref()
        .zip(place.span)
        .map(|(record, span)| String::from_utf8_lossy(span.of(record)).into_owned());
    let mut found = json!({
        "code": diagnostic.rule.code,
        "severity": diagnostic.severity.as_str(),
        "under": under,
    });
    if expected.is_none_or(|expected| expected.get("domain").is_some()) {
        found["domain"] = json!(place.domain.as_ref().map(ToString::to_string));
    }
    found
}

#[test]
fn fixtures_find_what_they_say_and_nothing_else() {
    let mut wrong = Vec::new();
    for rule in rules() {
        for (stem, case) in fixtures(rule.code) {
            let expected = case["findings"].as_array().unwrap();
            let report = report(&case);
            let found: Vec<Value> = report
                .diagnostics
                .iter()
                .enumerate()
                .map(|(index, diagnostic)| as_expected(diagnostic, expected.get(index)))
                .collect();
            if &found != expected {
                let found = serde_json::to_string(&found).unwrap();
                wrong.push(format!("{}/{stem}: {found}\n{}", rule.code, shown(&report)));
                continue;
            }
            let triggers = found.iter().any(|finding| finding["code"] == rule.code);
            if stem == "bad" {
                let others = found.iter().find(|finding| finding["code"] != rule.code);
                assert!(others.is_none(), "{}/bad finds more: {others:?}", rule.code);
            }
            match stem.split('-').next() {
                Some("bad") => assert!(triggers, "{}/{stem} does not trigger its rule", rule.code),
                Some("good") => assert!(found.is_empty(), "{}/{stem} has findings", rule.code),
                _ => panic!("{}/{stem}: neither good nor bad", rule.code),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} fixtures find something else:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_has_fixtures_and_every_fixture_a_rule() {
    let codes: BTreeSet<String> = rules().map(|rule| rule.code.to_owned()).collect();
    for code in &codes {
        let stems: Vec<String> = fixtures(code).into_iter().map(|(stem, _)| stem).collect();
        for needed in ["bad", "good"] {
            assert!(stems.iter().any(|stem| stem == needed), "{code} has no {needed}.json");
        }
    }
    let folders: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, codes);
}

/// Messages are what `tests` and scripts read: the habit of compilers.
#[test]
fn messages_are_lower_case_without_a_full_stop() {
    for rule in rules() {
        for (stem, case) in fixtures(rule.code) {
            for diagnostic in report(&case).diagnostics {
                for text in std::iter::once(&diagnostic.message).chain(&diagnostic.help) {
                    let first = text.chars().next().unwrap();
                    assert!(
                        !first.is_ascii_uppercase() || text.starts_with("DNS"),
                        "{stem}: {text}"
                    );
                    assert!(!text.ends_with('.'), "{stem}: {text}");
                    assert!(text.bytes().all(|octet| matches!(octet, b' '..=b'~')), "{text}");
                }
            }
        }
    }
}

/// A safe fix takes its finding away, and the record stays one.
#[test]
fn fixes_take_their_findings_away() {
    let mut fixed = 0;
    for rule in rules() {
        for (stem, mut case) in fixtures(rule.code) {
            let report = report(&case);
            let safe = |found: &Diagnostic| found.fix.clone().filter(|fix| fix.kind.is_safe());
            let mut edits: Vec<_> = report.diagnostics.iter().filter_map(safe).collect();
            if edits.is_empty() {
                continue;
            }
            edits.sort_by_key(|fix| std::cmp::Reverse(fix.span.start));
            let fixable = report.diagnostics.iter().find(|found| found.fix.is_some()).unwrap();
            let mut text = fixable.place.record.as_deref().unwrap().to_vec();
            for fix in edits {
                text.splice(fix.span.start as usize..fix.span.end as usize, fix.text.into_bytes());
            }
            case["record"] = json!(String::from_utf8(text).unwrap());
            let again = super::case::report(&case);
            let same_meaning = |found: &Diagnostic| {
                found.fix.as_ref().is_none_or(|fix| fix.kind == FixKind::Equivalent)
            };
            let sound = report.diagnostics.iter().all(same_meaning);
            // Only a record in error hides what can be seen once it is mended.
            let known =
                |code| sound || report.diagnostics.iter().any(|found| found.rule.code == code);
            let left = again
                .diagnostics
                .iter()
                .find(|found| safe(found).is_some() && known(found.rule.code));
            assert!(left.is_none(), "{}/{stem}: {left:?}", rule.code);
            let codes = |report: &Report| -> Vec<&str> {
                let without = report.diagnostics.iter().filter(|found| safe(found).is_none());
                without.map(|found| found.rule.code).collect()
            };
            // A record that nobody could read may say more once it can be read, and
            // one whose meaning changes may say something else.
            if sound {
                assert_eq!(codes(&again), codes(&report), "{}/{stem}", rule.code);
            }
            fixed += 1;
        }
    }
    assert!(fixed >= 2);
}

/// The lines of the first fenced block of a kind in a page's section.
fn block<'a>(page: &'a str, heading: &str, kind: &str) -> Option<Vec<&'a str>> {
    let section = page.split(heading).nth(1)?.split("\n## ").next()?;
    let block = section.split(&format!("```{kind}\n")).nth(1)?.split("```").next()?;
    Some(block.lines().collect())
}

/// The zone that such lines are, with the name that comes first in it.
fn zone_of(lines: &[&str]) -> (String, Value) {
    let mut first = None;
    let mut zone = json!({});
    for line in lines {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("{line}"));
        let (owner, record_type, rdata) = (word(), word(), word());
        // A record of several strings is an array of them.
        let strings: Vec<&str> = rdata.trim_matches('"').split("\" \"").collect();
        let rdata = if strings.len() == 1 { json!(strings[0]) } else { json!(strings) };
        match &mut zone[owner][record_type] {
            Value::Array(values) => values.push(rdata),
            empty => *empty = json!([rdata]),
        }
        first.get_or_insert_with(|| owner.to_owned());
    }
    (first.expect("a zone has a line"), zone)
}

/// The options that a page's command line gives: `$ spfc lint … --flag value`.
fn options_of(page: &str, domain: &str) -> Value {
    let mut options = json!({});
    let command = block(page, "## Example\n", "console").unwrap_or_default().concat();
    let words: Vec<&str> = command.split(' ').collect();
    let flags = words.windows(2).filter(|pair| pair[0].starts_with("--"));
    for (flag, value) in flags.map(|pair| (&pair[0][2..], pair[1])) {
        options[flag.replace('-', "_")] = match flag {
            "profile" | "sending" => json!(value),
            "allow" | "warn" | "deny" => json!([value]),
            "max-shrink" => json!(value.parse::<u32>().unwrap()),
            "subdomains" => {
                let below = |line: &&str| match line.strip_suffix('.') {
                    Some(absolute) => absolute.to_owned(),
                    None => format!("{line}.{domain}"),
                };
                json!(
                    block(page, "## Example\n", "names")
                        .unwrap()
                        .iter()
                        .map(below)
                        .collect::<Vec<_>>()
                )
            }
            "lock" => Value::Null,
            other => panic!("a page's command has --{other}, which examples do not know"),
        };
    }
    options
}

/// What a page's section shows: a zone, a zone file where the rule looks at one,
/// or a record by itself.
fn shown_case(code: &str, page: &str, heading: &str) -> Option<Value> {
    if let Some(record) = block(page, heading, "record") {
        return Some(json!({ "record": record.concat(), "options": { "offline": true } }));
    }
    let lines = block(page, heading, "zone")?;
    let (domain, zone) = zone_of(&lines);
    if code == "SPF801" {
        return Some(json!({ "domain": domain, "file": format!("{}\n", lines.join("\n")) }));
    }
    let recorded = block(page, heading, "recorded")
        .or_else(|| block(page, "## Example\n", "recorded"))
        .map_or(Value::Null, |lines| zone_of(&lines).1);
    let options = options_of(page, domain.trim_end_matches('.'));
    Some(json!({ "domain": domain, "zone": zone, "recorded": recorded, "options": options }))
}

/// Pages tell the truth: the example is a finding, what to use instead is not.
/// A command in the example says with which options, and `names` and
/// `recorded` blocks hold the files that it reads.
#[test]
fn examples_of_pages_do_what_the_pages_say() {
    for rule in rules() {
        for (heading, triggers) in [("## Example\n", true), ("## Use instead\n", false)] {
            let Some(case) = shown_case(rule.code, rule.page, heading) else {
                assert_eq!(rule.code, "SPF103", "no zone can show what fails for now");
                continue;
            };
            let report = report(&case);
            let found = report.diagnostics.iter().any(|found| found.rule.code == rule.code);
            assert_eq!(found, triggers, "{}: {heading}{}", rule.code, shown(&report));
            assert!(triggers || report.diagnostics.is_empty(), "{}: {}", rule.code, shown(&report));
        }
    }
}
