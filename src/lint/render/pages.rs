//! The rules themselves for programs: the JSON documents of
//! `spfc lint --rules` and of `spfc lint --explain`.

use serde::Serialize;

use crate::lint::{Consequence, Rule, rules};

#[derive(Serialize)]
struct List {
    schema: u32,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Page {
    schema: u32,
    rule: Entry,
    page: &'static str,
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    off: bool,
    consequence: &'static str,
    offline: bool,
    reference: &'static str,
    summary: String,
}

/// All rules as one document, with a line feed behind it.
pub fn rule_list() -> String {
    super::json::document(&List { schema: 1, rules: rules().map(entry).collect() })
}

/// A rule with its page as one document, with a line feed behind it.
pub fn page(rule: &'static Rule) -> String {
    super::json::document(&Page { schema: 1, rule: entry(rule), page: rule.page })
}

fn entry(rule: &'static Rule) -> Entry {
    Entry {
        code: rule.code,
        name: rule.name,
        severity: rule.severity.as_str(),
        off: rule.off,
        consequence: match rule.consequence {
            Consequence::Permerror => "permerror",
            Consequence::Temperror => "temperror",
            Consequence::Advice => "advice",
        },
        offline: rule.runs_offline(),
        reference: rule.reference,
        summary: summary(rule),
    }
}

/// What a rule does, on one line: the paragraph of its page that says so.
pub(super) fn summary(rule: &Rule) -> String {
    let behind = rule.page.split_once("## What it does").map_or(rule.page, |(_, behind)| behind);
    let paragraph = behind.trim_start().split("\n\n").next().unwrap_or_default();
    without_links(paragraph).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A page without its links to other pages, which lead nowhere elsewhere:
/// `[SPF403](SPF403.md)` as `SPF403`.
pub(super) fn without_links(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once('[') {
        out.push_str(before);
        let link = behind.split_once("](").and_then(|(text, behind)| {
            let (target, behind) = behind.split_once(')')?;
            (!text.contains(['[', '\n']) && target.ends_with(".md")).then_some((text, behind))
        });
        rest = match link {
            Some((text, behind)) => {
                out.push_str(text);
                behind
            }
            None => {
                out.push('[');
                behind
            }
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_summary() {
        for rule in rules() {
            let summary = summary(rule);
            assert!(summary.len() > 20 && !summary.contains(['\n', '#']), "{}", rule.code);
        }
    }

    #[test]
    fn pages_stand_without_links_to_each_other() {
        let read = without_links("see [SPF403](SPF403.md), [x] and [y](https://x.test) [z](a.md");
        assert_eq!(read, "see SPF403, [x] and [y](https://x.test) [z](a.md");
        for rule in rules() {
            assert!(!without_links(rule.page).contains(".md)"), "{}", rule.code);
        }
    }

    #[test]
    fn rules_and_pages_are_documents() {
        let list: serde_json::Value = serde_json::from_str(&rule_list()).unwrap();
        assert_eq!(list["rules"].as_array().unwrap().len(), rules().count());
        let rule = rules().next().unwrap();
        let page: serde_json::Value = serde_json::from_str(&page(rule)).unwrap();
        assert_eq!(page["page"].as_str(), Some(rule.page));
        assert_eq!(page["rule"], list["rules"][0]);
    }
}
