//! What a rule is: data, a page, and one function over the facts.
//!
//! Nothing here runs a rule or knows which rules there are.

use super::facts::Facts;
use super::finding::Finding;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely to do harm.
    Warning,
    /// Broken, or open to anyone.
    Error,
}

impl Severity {
    /// The word for it, as in the output formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What the findings of a rule mean to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Consequence {
    /// Errors of the rule are what `check_host()` calls permerror
    /// (RFC 7208 section 2.6.7): their severity cannot be changed.
    Permerror,
    /// DNS failed for now (RFC 7208 section 2.6.6): the run could not see
    /// everything, and another one may.
    Temperror,
    /// The policy works, and whether that is wise is for its owner to say.
    Advice,
}

/// What the codes of rules begin with that judge what a policy says.
const JUDGING: &[&str] = &["SPF506", "SPF507", "SPF6"];

/// How much a rule has to see.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// The record of the target. What other names hold is known to the rule
    /// only where DNS was asked.
    Record(fn(&Facts) -> Vec<Finding>),
    /// What other names hold too: the rule does not run without DNS.
    Graph(fn(&Facts) -> Vec<Finding>),
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `SPF` and three digits, of which the first is the family. Never used
    /// for another rule again.
    pub code: &'static str,
    /// What is wrong, in kebab-case: reads well after "allow".
    pub name: &'static str,
    /// The severity of its findings, unless a finding says less.
    pub severity: Severity,
    /// Its findings are reported only where the user warns of them or denies them.
    pub off: bool,
    /// What its findings mean to a receiver.
    pub consequence: Consequence,
    /// The section that the rule rests on.
    pub reference: &'static str,
    /// The rule's page, in Markdown.
    pub page: &'static str,
    /// The rule itself.
    pub(super) check: Check,
}

impl Rule {
    /// Whether the rule judges what a policy says rather than whether it
    /// works: such rules are silent on names that are only ever included.
    pub(super) fn judges_policy(&self) -> bool {
        JUDGING.iter().any(|codes| self.code.starts_with(codes))
    }

    /// Whether the rule compares a policy with a recording of it.
    pub fn judges_drift(&self) -> bool {
        self.code.starts_with("SPF9")
    }

    /// Whether the rule runs on the text alone.
    pub fn runs_offline(&self) -> bool {
        matches!(self.check, Check::Record(_))
    }
}
