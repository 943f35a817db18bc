//! 0xx: what breaks the grammar of a record, and what it takes without using
//! it (RFC 7208 sections 4.6 and 12).
//!
//! Every syntax error of the record belongs to one rule: [`mistake`] says to
//! which. Repeated modifiers are left to the rules on order.

mod addresses;
mod bare;
mod blanks;
mod domains;
mod empty;
mod joins;
pub(super) mod legal;
mod lengths;
mod mechanisms;
pub(super) mod mistake;
mod strays;
#[cfg(test)]
mod tests;
pub(super) mod written;

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Place};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::rules::selection::joined_badly;
use crate::policy::{Fault, Graph, NodeState};
use crate::syntax::{Span, SyntaxError};

use mistake::{Class, Mistake, mistakes};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF001",
        name: "syntax-error",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6",
        page: include_str!("../../../../docs/rules/SPF001.md"),
        check: Check::Record(other),
    },
    Rule {
        code: "SPF002",
        name: "unknown-mechanism",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.1",
        page: include_str!("../../../../docs/rules/SPF002.md"),
        check: Check::Record(unknown_mechanism),
    },
    Rule {
        code: "SPF003",
        name: "bare-argument",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.1",
        page: include_str!("../../../../docs/rules/SPF003.md"),
        check: Check::Record(bare_argument),
    },
    Rule {
        code: "SPF004",
        name: "blank-in-term",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.1",
        page: include_str!("../../../../docs/rules/SPF004.md"),
        check: Check::Record(blank_in_term),
    },
    Rule {
        code: "SPF005",
        name: "glued-terms",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.1",
        page: include_str!("../../../../docs/rules/SPF005.md"),
        check: Check::Record(glued_terms),
    },
    Rule {
        code: "SPF006",
        name: "other-family-address",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 5.6",
        page: include_str!("../../../../docs/rules/SPF006.md"),
        check: Check::Record(other_family_address),
    },
    Rule {
        code: "SPF007",
        name: "bad-cidr-length",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 5.6",
        page: include_str!("../../../../docs/rules/SPF007.md"),
        check: Check::Record(bad_cidr_length),
    },
    Rule {
        code: "SPF008",
        name: "stray-octet",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6",
        page: include_str!("../../../../docs/rules/SPF008.md"),
        check: Check::Record(stray_octet),
    },
    Rule {
        code: "SPF009",
        name: "repeated-version",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../../docs/rules/SPF009.md"),
        check: Check::Record(legal::repeated_version),
    },
    Rule {
        code: "SPF010",
        name: "unknown-modifier",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 6",
        page: include_str!("../../../../docs/rules/SPF010.md"),
        check: Check::Record(legal::unknown_modifier),
    },
    Rule {
        code: "SPF011",
        name: "upper-case",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.1",
        page: include_str!("../../../../docs/rules/SPF011.md"),
        check: Check::Record(legal::upper_case),
    },
    Rule {
        code: "SPF012",
        name: "empty-term",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.1",
        page: include_str!("../../../../docs/rules/SPF012.md"),
        check: Check::Record(empty_term),
    },
    Rule {
        code: "SPF013",
        name: "sender-id-record",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.1",
        page: include_str!("../../../../docs/rules/SPF013.md"),
        check: Check::Record(legal::sender_id_record),
    },
];

/// The mistakes of the target's own record, found once for all rules.
fn own_mistakes<'a>(facts: &'a Facts) -> &'a [Mistake] {
    facts.mistakes.get_or_init(|| match &facts.graph.root().state {
        NodeState::Broken { fault: Fault::Syntax { text, errors }, .. } => {
            // A blank that is missing between two strings is a rule of its own.
            let taken = joined_badly(facts);
            let told = |error: &&SyntaxError| {
                let of = |span: &Span| span.start <= error.term.start && error.term.end <= span.end;
                taken.iter().any(of)
            };
            let left: Vec<SyntaxError> =
                errors.iter().filter(|error| !told(error)).copied().collect();
            mistakes(text, &left)
        }
        _ => Vec::new(),
    })
}

/// The findings of the rule that a class of mistakes belongs to.
pub(super) fn of_class(facts: &Facts, class: Class) -> Vec<Finding> {
    let finding = |mistake: &Mistake| {
        let place = Place { span: Some(mistake.span), ..facts.record_place(Graph::ROOT) };
        let finding = Finding::new(place, mistake.message.clone()).help(mistake.help.clone());
        match mistake.fix.clone() {
            Some(fix) => finding.fix(fix.kind, fix.span, fix.text),
            None => finding,
        }
    };
    own_mistakes(facts).iter().filter(|mistake| mistake.class == class).map(finding).collect()
}

fn other(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Other)
}

fn unknown_mechanism(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Mechanism)
}

fn bare_argument(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Bare)
}

fn blank_in_term(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Blank)
}

fn glued_terms(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Glued)
}

fn other_family_address(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Family)
}

fn bad_cidr_length(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Length)
}

fn stray_octet(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Stray)
}

fn empty_term(facts: &Facts) -> Vec<Finding> {
    of_class(facts, Class::Empty)
}
