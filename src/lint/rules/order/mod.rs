//! 2xx: terms that stand where they have no effect, and modifiers that stand
//! there twice (RFC 7208 sections 4.6.2, 5.1, 6 and 6.1).

mod redundant;

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind, Place};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::terms::quoted;
use crate::policy::{Fault, Graph, Meaning, NodeState};
use crate::syntax::{Record, Span, SyntaxError, SyntaxErrorKind, Term};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF201",
        name: "unreachable-term",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.1",
        page: include_str!("../../../../docs/rules/SPF201.md"),
        check: Check::Record(unreachable_term),
    },
    Rule {
        code: "SPF202",
        name: "redirect-beside-all",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 6.1",
        page: include_str!("../../../../docs/rules/SPF202.md"),
        check: Check::Record(redirect_beside_all),
    },
    Rule {
        code: "SPF203",
        name: "duplicate-term",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.2",
        page: include_str!("../../../../docs/rules/SPF203.md"),
        check: Check::Record(redundant::duplicate_term),
    },
    Rule {
        code: "SPF204",
        name: "shadowed-term",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.2",
        page: include_str!("../../../../docs/rules/SPF204.md"),
        check: Check::Record(redundant::shadowed_term),
    },
    Rule {
        code: "SPF205",
        name: "ineffective-term",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.2",
        page: include_str!("../../../../docs/rules/SPF205.md"),
        check: Check::Record(redundant::ineffective_term),
    },
    Rule {
        code: "SPF206",
        name: "repeated-modifier",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 6",
        page: include_str!("../../../../docs/rules/SPF206.md"),
        check: Check::Record(repeated_modifier),
    },
];

fn unreachable_term(facts: &Facts) -> Vec<Finding> {
    let Some(found) = facts.graph.root().record() else { return Vec::new() };
    let record = &found.record;
    let all = record.all().map(|(term, _)| *term);
    let unreached = found.terms.iter().enumerate();
    let unreached = unreached.filter(|(_, term)| matches!(term.meaning, Meaning::Unreached));
    let finding = |(index, term): (usize, &crate::policy::GraphTerm)| {
        let behind = match all {
            Some(all) if all.span.start < term.term.span.start => quoted(record, &all),
            _ => "the addresses before it".to_owned(),
        };
        let term_text = quoted(record, &term.term);
        let message = format!("no client reaches {term_text} behind {behind}, so it says nothing");
        let help = "delete the term, or move it forward if it is meant to count";
        Finding::new(facts.term_place(Graph::ROOT, index), message).help(help).fix(
            FixKind::Equivalent,
            with_blanks(record, &term.term),
            "",
        )
    };
    unreached.map(finding).collect()
}

fn redirect_beside_all(facts: &Facts) -> Vec<Finding> {
    let Some(record) = facts.record() else { return Vec::new() };
    let (Some((redirect, _)), Some((all, _))) = (record.redirect(), record.all()) else {
        return Vec::new();
    };
    let (redirect_text, all_text) = (quoted(record, redirect), quoted(record, all));
    let message = format!("{redirect_text} is ignored, because the record has {all_text}");
    let mut place = facts.record_place(Graph::ROOT);
    place.span = Some(redirect.span);
    let finding = Finding::new(place, message);
    // Without another directive the redirect is all that names senders.
    vec![match record.directives().count() {
        1 => finding
            .help("delete 'all' if the other policy is meant to decide; else delete the redirect")
            .fix(FixKind::Offered, with_blanks(record, all), ""),
        _ => finding
            .help("delete the redirect, or delete 'all' if the other policy is meant to decide")
            .fix(FixKind::Equivalent, with_blanks(record, redirect), ""),
    }]
}

/// Whether a mistake is a modifier that stands in the record twice.
pub(super) fn is_repeated_modifier(error: &SyntaxError) -> bool {
    matches!(error.kind, SyntaxErrorKind::SecondRedirect | SyntaxErrorKind::SecondExplanation)
}

fn repeated_modifier(facts: &Facts) -> Vec<Finding> {
    let NodeState::Broken { fault: Fault::Syntax { text, errors }, record } =
        &facts.graph.root().state
    else {
        return Vec::new();
    };
    let finding = |error: &SyntaxError| {
        let (name, first) = match error.kind {
            SyntaxErrorKind::SecondRedirect => {
                ("redirect=", record.as_ref().and_then(|record| record.redirect()))
            }
            _ => ("exp=", record.as_ref().and_then(|record| record.explanation())),
        };
        let second = error.term.of(text);
        let message = format!(
            "'{}' is a second {name}, and a record may have only one",
            second.escape_ascii()
        );
        let place = Place { span: Some(error.term), ..facts.record_place(Graph::ROOT) };
        let finding = Finding::new(place, message);
        let same = first.is_some_and(|(first, _)| first.span.of(text).eq_ignore_ascii_case(second));
        match same {
            true => finding
                .help("delete the second: receivers answer permerror for the whole policy")
                .fix(FixKind::Declared, blanks_before(text, error.term), ""),
            false => finding
                .help("decide for one of the two: receivers answer permerror for the whole policy"),
        }
    };
    errors.iter().filter(|error| is_repeated_modifier(error)).map(finding).collect()
}

/// A term together with the blanks before it: what goes with it when it goes.
pub(super) fn with_blanks(record: &Record, term: &Term) -> Span {
    blanks_before(record.text(), term.span)
}

fn blanks_before(text: &[u8], span: Span) -> Span {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let end = before.iter().rposition(|octet| *octet != b' ').map_or(0, |at| at + 1);
    Span { start: end as u32, end: span.end }
}
