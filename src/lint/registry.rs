//! All rules, found by code or name.
//!
//! Nothing here runs a rule. A family adds its rules in its own file.

use super::rule::Rule;
use super::rules::FAMILIES;

/// Codes of rules that there are no more: never to be used again.
#[cfg(test)]
const REMOVED: &[&str] = &[];

/// All rules, in the order of their codes.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|(_, family)| family.iter())
}

/// The rule with this code or name, in any case.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    rules().find(|rule| {
        rule.code.eq_ignore_ascii_case(code_or_name) || rule.name.eq_ignore_ascii_case(code_or_name)
    })
}

/// The page of the rule with this code or name, in Markdown.
pub fn explain(code_or_name: &str) -> Option<&'static str> {
    find(code_or_name).map(|rule| rule.page)
}

#[cfg(test)]
mod tests;
