//! What holds for every rule and its page.

use std::collections::HashSet;

use super::super::rule::{Consequence, Severity};
use super::*;

/// Sections that exist and that a rule may rest on.
const SECTIONS: &[&str] = &[
    "RFC 1918",
    "RFC 6890",
    "RFC 7208 section 2.6.4",
    "RFC 7208 section 2.6.6",
    "RFC 7208 section 3.1",
    "RFC 7208 section 3.3",
    "RFC 7208 section 3.4",
    "RFC 7208 section 4.4",
    "RFC 7208 section 4.5",
    "RFC 7208 section 4.6",
    "RFC 7208 section 4.6.1",
    "RFC 7208 section 4.6.2",
    "RFC 7208 section 4.6.4",
    "RFC 7208 section 4.7",
    "RFC 7208 section 4.8",
    "RFC 7208 section 5",
    "RFC 7208 section 5.1",
    "RFC 7208 section 5.2",
    "RFC 7208 section 5.4",
    "RFC 7208 section 5.5",
    "RFC 7208 section 5.6",
    "RFC 7208 section 6",
    "RFC 7208 section 6.1",
    "RFC 7208 section 7.1",
    "RFC 7208 section 7.3",
    "RFC 7208 section 11.4",
    "RFC 7208 section 10.1.2",
    "RFC 7489 section 10.1",
];

const HEADINGS: [&str; 5] =
    ["## What it does", "## Why it matters", "## Example", "## Use instead", "## Limits"];

#[test]
fn codes_are_sorted_unique_and_in_their_family() {
    let codes: Vec<_> = rules().map(|rule| rule.code).collect();
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    let digits: Vec<char> = FAMILIES.iter().map(|(digit, _)| *digit).collect();
    assert!(digits.windows(2).all(|pair| pair[0] < pair[1]), "{digits:?}");
    for (digit, family) in FAMILIES {
        for rule in *family {
            let digits = rule.code.strip_prefix("SPF").unwrap();
            assert!(digits.len() == 3 && digits.bytes().all(|octet| octet.is_ascii_digit()));
            assert!(digits.starts_with(*digit), "{} stands in family {digit}", rule.code);
        }
    }
    assert!(REMOVED.iter().all(|removed| !codes.contains(removed)));
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let names: HashSet<_> = rules().map(|rule| rule.name).collect();
    assert_eq!(names.len(), rules().count());
    for name in names {
        let words: Vec<_> = name.split('-').collect();
        assert!(words.len() > 1, "{name}");
        let plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit();
        let lower = |word: &&str| !word.is_empty() && word.bytes().all(plain);
        assert!(words.iter().all(lower), "{name}");
        assert!(!["no", "use", "check", "prefer"].contains(&words[0]), "{name} names no pattern");
    }
}

#[test]
fn rules_are_found_by_code_and_name() {
    for rule in rules() {
        assert_eq!(find(rule.code).unwrap().code, rule.code);
        assert_eq!(explain(&rule.name.to_ascii_uppercase()), Some(rule.page));
    }
    assert!(find("SPF000").is_none());
    assert!(explain("").is_none());
}

#[test]
fn references_are_sections() {
    for rule in rules() {
        assert!(SECTIONS.contains(&rule.reference), "{}: {}", rule.code, rule.reference);
        assert!(rule.page.contains(rule.reference), "{} does not name its section", rule.code);
    }
}

#[test]
fn pages_have_their_headings_and_say_how_severe_the_rule_is() {
    for rule in rules() {
        let title = format!("# {}: {}\n", rule.code, rule.name);
        assert!(rule.page.starts_with(&title), "{}", rule.code);
        let headings: Vec<_> = rule.page.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "{}", rule.code);
        let article = if rule.severity == Severity::Error { "an" } else { "a" };
        let always =
            if rule.consequence == Consequence::Permerror { "always" } else { "by default" };
        let word = rule.severity.as_str();
        let severity = match rule.off {
            false => format!("`{}` is {always} {article} {word}", rule.name),
            true => format!("`{}` is off by default, {article} {word} where", rule.name),
        };
        let stated = rule.page.lines().nth(2).is_some_and(|line| line.starts_with(&severity));
        assert!(stated, "{}: the page does not say: {severity}", rule.code);
    }
}

#[test]
fn no_two_pages_share_a_paragraph() {
    let mut seen = HashSet::new();
    for rule in rules() {
        let paragraphs = rule.page.split("\n\n").map(str::trim);
        for paragraph in paragraphs.filter(|text| !text.starts_with("## ")) {
            assert!(seen.insert(paragraph), "{}: {paragraph}", rule.code);
        }
    }
}

#[test]
fn every_page_belongs_to_a_rule() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules");
    let pages: HashSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = rules().map(|rule| format!("{}.md", rule.code)).collect();
    assert_eq!(pages, expected);
}
