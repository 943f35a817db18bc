//! The fixes that rules propose in their fixtures: each that a rule calls safe
//! is made, and then there is nothing of its kind to find.

use spfc::compile::fix;
use spfc::lint::render::{HumanStyle, human};
use spfc::lint::{Diagnostic, Fix, FixKind, Report, rules};

use super::case::{read, zone};
use super::fixtures::fixtures;

/// A fixture with `"refused": true` has a fix that the record cannot bear.
const REFUSED: &str = "refused";

fn safe(diagnostic: &Diagnostic) -> bool {
    diagnostic.fix.as_ref().is_some_and(|fix| fix.kind.is_safe())
}

#[test]
fn what_rules_call_safe_is_made() {
    let mut made = 0;
    for rule in rules() {
        for (stem, case) in fixtures(rule.code) {
            let (subject, options) = read(&case);
            let fixed = fix(&zone(&case["zone"]), &subject, &options)
                .unwrap_or_else(|questions| panic!("{}/{stem}: {questions:?}", rule.code));
            let own = |report: &Report| {
                let own = |diagnostic: &&Diagnostic| diagnostic.place.domain == subject.domain;
                report.diagnostics.iter().filter(own).any(safe)
            };
            let refused = &fixed.mended.refused;
            let expected = case[REFUSED] == true;
            assert_eq!(!refused.is_empty(), expected, "{}/{stem}: {refused:?}", rule.code);
            if !expected {
                let left = human(&fixed.left, &HumanStyle::default());
                assert!(!own(&fixed.left), "{}/{stem} still has:\n{left}", rule.code);
            }
            assert_eq!(
                fixed.mended.applied.is_empty(),
                fixed.mended.record == fixed.original || fixed.original.is_none(),
                "{}/{stem}",
                rule.code
            );
            made += fixed.mended.applied.len();
        }
    }
    assert!(made > 0, "no fixture has a fix");
}

#[test]
fn offers_are_shown() {
    let (_, case) = fixtures("SPF201").into_iter().find(|(stem, _)| stem == "bad").unwrap();
    let mut report = super::case::report(&case);
    let offer = |report: &mut Report, text: &str| {
        let found = report.diagnostics.first_mut().unwrap();
        let span = found.place.span.unwrap();
        found.fix = Some(Fix { span, text: text.to_owned(), kind: FixKind::Offered });
        human(report, &HumanStyle::default())
    };
    assert!(offer(&mut report, " a:\x1b[2J").contains("help: could be: a:\\x1b[2J\n"));
    assert!(offer(&mut report, "").contains("help: could be left out\n"));
}
