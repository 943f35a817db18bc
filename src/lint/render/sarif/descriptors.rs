//! The rules as SARIF describes them, and GitHub's code scanning shows them.

use crate::lint::render::pages::{summary, without_links};
use crate::lint::{Rule, Severity, rules};

use super::shape::{Configuration, Descriptor, Help, Properties, Text};

/// The result and the notification of a file that cannot be read.
pub(super) const UNREADABLE: &str = "unreadable-file";
/// The notification of a question that DNS failed to answer.
pub(super) const DNS_FAILURE: &str = "dns-failure";
/// The notification of results that were left out.
pub(super) const LEFT_OUT: &str = "results-left-out";

/// Characters of a description that GitHub takes.
const DESCRIPTION: usize = 1_024;

/// The level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    // The same words.
    severity.as_str()
}

/// All rules, and behind them what stands for a file that cannot be read.
pub(super) fn results() -> Vec<Descriptor> {
    let unreadable = plain(UNREADABLE, "a file that cannot be read", "error");
    rules().map(rule).chain([unreadable]).collect()
}

/// What the run itself has to say.
pub(super) fn notifications() -> Vec<Descriptor> {
    vec![
        plain(UNREADABLE, "a file that cannot be read", "error"),
        plain(DNS_FAILURE, "a question that DNS failed to answer", "warning"),
        plain(LEFT_OUT, "results that a document has no room for", "warning"),
    ]
}

fn plain(id: &'static str, text: &str, level: &'static str) -> Descriptor {
    Descriptor {
        id,
        name: camel(id),
        short_description: Text { text: text.to_owned() },
        full_description: None,
        help: None,
        help_uri: None,
        default_configuration: Configuration { enabled: true, level },
        properties: None,
    }
}

fn rule(rule: &'static Rule) -> Descriptor {
    let page = without_links(rule.page);
    let summary: String = summary(rule).chars().take(DESCRIPTION).collect();
    Descriptor {
        id: rule.code,
        name: camel(rule.name),
        short_description: Text { text: rule.name.replace('-', " ") },
        full_description: Some(Text { text: summary }),
        help: Some(Help { text: page.clone(), markdown: page }),
        help_uri: section(rule.reference),
        default_configuration: Configuration { enabled: !rule.off, level: level(rule.severity) },
        properties: Some(properties(rule)),
    }
}

/// What broken and open policies do is let others send mail in the domain's
/// name, which GitHub files under security; the other families are upkeep.
fn properties(rule: &Rule) -> Properties {
    let security = matches!(rule.code.as_bytes().get(3), Some(b'6' | b'7'));
    let (problem_severity, score) = match rule.severity {
        Severity::Error => ("error", "7.5"),
        Severity::Warning => ("warning", "5.0"),
        Severity::Note => ("recommendation", "2.0"),
    };
    let mut tags = vec!["spf", "email", "dns"];
    tags.extend(security.then_some("security"));
    Properties {
        tags,
        precision: "very-high",
        problem_severity,
        security_severity: security.then_some(score),
    }
}

/// Where a section of an RFC is published.
fn section(reference: &str) -> Option<String> {
    let mut words = reference.split(' ');
    let (Some("RFC"), Some(number)) = (words.next(), words.next()) else { return None };
    let page = format!("https://www.rfc-editor.org/rfc/rfc{number}");
    match (words.next(), words.next()) {
        (Some("section"), Some(section)) => Some(format!("{page}#section-{section}")),
        _ => Some(page),
    }
}

/// `too-many-lookups` as `TooManyLookups`, the form that the standard asks for.
fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    name.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_their_pages() {
        let page = "https://www.rfc-editor.org/rfc/rfc7208";
        assert_eq!(section("RFC 7208 section 4.6.4"), Some(format!("{page}#section-4.6.4")));
        assert_eq!(section("RFC 7208"), Some(page.to_owned()));
        assert_eq!(section("MS.EXO.2.2"), None);
        assert_eq!(camel("too-many-lookups"), "TooManyLookups");
    }

    #[test]
    fn every_rule_has_what_github_asks_for() {
        for descriptor in results() {
            assert!(descriptor.short_description.text.len() > 5);
            assert!(descriptor.full_description.is_none_or(|full| full.text.len() > 20));
            assert!(descriptor.properties.is_none_or(|properties| properties.tags.len() <= 10));
        }
    }
}
