//! 2xx: terms that stand where they have no effect (RFC 7208 sections 5.1 and 6.1).

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::terms::quoted;
use crate::policy::{Graph, Meaning};
use crate::syntax::{Record, Span, Term};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF201",
        name: "unreachable-term",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.1",
        page: include_str!("../../../docs/rules/SPF201.md"),
        check: Check::Record(unreachable_term),
    },
    Rule {
        code: "SPF202",
        name: "redirect-beside-all",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 6.1",
        page: include_str!("../../../docs/rules/SPF202.md"),
        check: Check::Record(redirect_beside_all),
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
    let help = "delete the redirect, or delete 'all' if the other policy is meant to decide";
    vec![Finding::new(place, message).help(help).fix(
        FixKind::Equivalent,
        with_blanks(record, redirect),
        "",
    )]
}

/// A term together with the blanks before it: what goes with it when it goes.
fn with_blanks(record: &Record, term: &Term) -> Span {
    let before = &record.text()[..term.span.start as usize];
    let end = before.iter().rposition(|octet| *octet != b' ').map_or(0, |at| at + 1);
    Span { start: end as u32, end: term.span.end }
}
