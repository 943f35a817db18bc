//! The user's word on rules: allow, warn or deny, by code, name or prefix.

use thiserror::Error;

use super::registry;
use super::rule::{Consequence, Rule, Severity};

/// What becomes of a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// They are not reported.
    Allow,
    /// They are warnings.
    Warn,
    /// They are errors.
    Deny,
}

/// Which rules are meant: a code, a name, or the beginning of codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// What codes begin with.
    prefix: String,
}

/// A selector that selects no rule. The fault lies with who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no rule has the code, the name or the prefix '{}'", .0.escape_debug())]
pub struct UnknownRule(pub String);

impl Selector {
    /// Reads a code (`SPF301`), a name (`too-many-lookups`) or a prefix of
    /// codes (`SPF3`), in any case.
    ///
    /// # Errors
    ///
    /// [`UnknownRule`] when there is no such rule.
    pub fn parse(text: &str) -> Result<Selector, UnknownRule> {
        if let Some(rule) = registry::find(text) {
            return Ok(Selector { prefix: rule.code.to_owned() });
        }
        let prefix = text.to_ascii_uppercase();
        let selects = prefix.starts_with("SPF")
            && registry::rules().any(|rule| rule.code.starts_with(&prefix));
        if selects { Ok(Selector { prefix }) } else { Err(UnknownRule(text.to_owned())) }
    }
}

/// The user's word on all rules. The longest selector of a rule counts, of
/// equally long ones the last.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    words: Vec<(Selector, Level)>,
}

impl Levels {
    /// Adds a word on some rules.
    pub fn set(&mut self, selector: Selector, level: Level) {
        self.words.push((selector, level));
    }

    /// Whether findings of the rule with this code can be reported: what only
    /// they need has to be asked for only then.
    pub(super) fn wants(&self, code: &str) -> bool {
        let rule = registry::rules().find(|rule| rule.code == code);
        rule.is_some_and(|rule| self.apply(rule, rule.severity).is_some())
    }

    /// The severity of a finding of `rule` that has this one by itself; `None`
    /// when it is not reported. What receivers call permerror stays an error;
    /// a rule that is off has to be asked for.
    pub(super) fn apply(&self, rule: &Rule, severity: Severity) -> Option<Severity> {
        if rule.consequence == Consequence::Permerror && severity == Severity::Error {
            return Some(severity);
        }
        let said =
            self.words.iter().filter(|(selector, _)| rule.code.starts_with(&selector.prefix));
        match said.max_by_key(|(selector, _)| selector.prefix.len()) {
            None => (!rule.off).then_some(severity),
            Some((_, Level::Allow)) => None,
            Some((_, Level::Warn)) => Some(Severity::Warning),
            Some((_, Level::Deny)) => Some(Severity::Error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(words: &[(&str, Level)]) -> Levels {
        let mut levels = Levels::default();
        for (text, level) in words {
            levels.set(Selector::parse(text).unwrap(), *level);
        }
        levels
    }

    fn applied(levels: &Levels, code: &str, severity: Severity) -> Option<Severity> {
        levels.apply(registry::find(code).unwrap(), severity)
    }

    #[test]
    fn selects_by_code_name_and_prefix() {
        assert_eq!(Selector::parse("spf301"), Selector::parse("too-many-lookups"));
        assert!(Selector::parse("SPF6").is_ok());
        assert!(Selector::parse("SPF").is_ok());
        for unknown in ["", "S", "SPF399", "6", "too-many", "SPF3011"] {
            assert_eq!(Selector::parse(unknown), Err(UnknownRule(unknown.to_owned())));
        }
    }

    #[test]
    fn the_longest_selector_counts_and_then_the_last() {
        let said =
            levels(&[("SPF602", Level::Deny), ("SPF6", Level::Allow), ("SPF2", Level::Warn)]);
        assert_eq!(applied(&said, "SPF602", Severity::Warning), Some(Severity::Error));
        assert_eq!(applied(&said, "SPF603", Severity::Warning), None);
        assert_eq!(applied(&said, "SPF101", Severity::Error), Some(Severity::Error));
        let twice = levels(&[("SPF6", Level::Allow), ("SPF6", Level::Warn)]);
        assert_eq!(applied(&twice, "SPF601", Severity::Error), Some(Severity::Warning));
    }

    #[test]
    fn rules_that_are_off_have_to_be_asked_for() {
        assert!(!levels(&[]).wants("SPF608"));
        assert!(levels(&[("SPF608", Level::Warn)]).wants("SPF608"));
        assert!(levels(&[("SPF6", Level::Deny)]).wants("SPF608"));
        assert!(levels(&[]).wants("SPF609"));
        assert!(!levels(&[("SPF609", Level::Allow)]).wants("SPF609"));
        assert!(!levels(&[]).wants("SPF000"));
    }

    #[test]
    fn what_breaks_a_policy_cannot_be_allowed() {
        let said = levels(&[("SPF", Level::Allow)]);
        assert_eq!(applied(&said, "SPF001", Severity::Error), Some(Severity::Error));
        assert_eq!(applied(&said, "SPF302", Severity::Error), Some(Severity::Error));
        assert_eq!(applied(&said, "SPF302", Severity::Warning), None);
        assert_eq!(applied(&said, "SPF601", Severity::Error), None);
    }
}
