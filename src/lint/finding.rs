//! What rules find: a message at a place, perhaps with a way out.
//!
//! A finding does not say which rule it comes from; a [`Diagnostic`] does.

use std::sync::Arc;

use crate::dns::Question;
use crate::name::DomainName;
use crate::syntax::Span;

use super::origin::FilePlace;
use super::rule::{Rule, Severity};

/// What a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Whose record it is; `None` for a record without a domain.
    pub domain: Option<DomainName>,
    /// The record's octets, where a record is meant.
    pub record: Option<Arc<[u8]>>,
    /// The octets of the record that are meant; `None` for all of it.
    pub span: Option<Span>,
    /// The same octets in the file that the record was read from, where there
    /// is one.
    pub file: Option<FilePlace>,
}

/// An edit of the record that a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The octets to replace.
    pub span: Span,
    /// What takes their place.
    pub text: String,
    /// What may be done with it.
    pub kind: FixKind,
}

/// What an edit does to the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FixKind {
    /// It means the same for every message: a proof can show it.
    Equivalent,
    /// The record is in error or not found, and this is the one thing that its
    /// author can have meant: the rule declares the edit safe.
    Declared,
    /// It changes what the policy means, and is only shown.
    Offered,
}

impl FixKind {
    /// The word for it, as in the output formats.
    pub fn as_str(self) -> &'static str {
        match self {
            FixKind::Equivalent => "equivalent",
            FixKind::Declared => "declared",
            FixKind::Offered => "offered",
        }
    }

    /// Whether the edit may be made without asking.
    pub fn is_safe(self) -> bool {
        self != FixKind::Offered
    }
}

/// One finding of some rule.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) severity: Option<Severity>,
    pub(super) help: Option<String>,
    pub(super) fix: Option<Fix>,
    pub(super) blames: Option<DomainName>,
}

impl Finding {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Finding {
        let message = message.into();
        Finding { place, message, severity: None, help: None, fix: None, blames: None }
    }

    /// A way out, in words.
    pub(super) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// The name whose record is to blame, and not the one that the finding is about.
    pub(super) fn blames(mut self, domain: DomainName) -> Finding {
        self.blames = Some(domain);
        self
    }

    /// A severity other than the rule's.
    pub(super) fn severity(mut self, severity: Severity) -> Finding {
        self.severity = Some(severity);
        self
    }

    /// A way out as an edit of the record that the finding is about.
    pub(super) fn fix(mut self, kind: FixKind, span: Span, text: impl Into<String>) -> Finding {
        self.fix = Some(Fix { span, text: text.into(), kind });
        self
    }
}

/// One finding of a rule, as it is reported.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters, after the user's word on the rule.
    pub severity: Severity,
    /// What is wrong and what comes of it: lower case, no full stop, and only
    /// printable ASCII.
    pub message: String,
    /// What it is about. The domain may be another one than the target, whose
    /// policy includes or redirects to it.
    pub place: Place,
    /// A way out, in words.
    pub help: Option<String>,
    /// A way out as an edit of the record.
    pub fix: Option<Fix>,
    /// The name whose record is to blame, where it is another record than the
    /// one that the finding is about.
    pub blames: Option<DomainName>,
}

/// A question that DNS failed to answer, for messages.
pub(super) fn failed(question: &Question, failure: impl std::fmt::Display) -> String {
    format!("asking for {question}: {failure}, so receivers answer temperror for now")
}
