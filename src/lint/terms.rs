//! What rules ask about a single term.

use crate::syntax::{DomainSpec, Mechanism, Modifier, Record, Term, TermKind};

/// The domain-spec that a term's target is made of, where it has one.
pub(super) fn domain_spec(term: &Term) -> Option<&DomainSpec> {
    match &term.kind {
        TermKind::Directive(directive) => match &directive.mechanism {
            Mechanism::Include(spec) | Mechanism::Exists(spec) => Some(spec),
            Mechanism::A(spec, _) | Mechanism::Mx(spec, _) | Mechanism::Ptr(spec) => spec.as_ref(),
            Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => None,
        },
        TermKind::Modifier(Modifier::Redirect(spec) | Modifier::Explanation(spec)) => Some(spec),
        TermKind::Modifier(Modifier::Unknown { .. }) => None,
    }
}

/// The mechanism of a term; `None` for a modifier.
pub(super) fn mechanism(term: &Term) -> Option<&Mechanism> {
    match &term.kind {
        TermKind::Directive(directive) => Some(&directive.mechanism),
        TermKind::Modifier(_) => None,
    }
}

/// The term as written, fit to stand in a message.
pub(super) fn quoted(record: &Record, term: &Term) -> String {
    format!("'{}'", record.slice(term.span).escape_ascii())
}
