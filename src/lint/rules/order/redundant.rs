//! Terms that may go without anyone noticing: duplicates, shadowed terms, and
//! terms whose result others give as well.
//!
//! What a term does, [`Effects`](crate::lint::effects::Effects) says; here it
//! is put into words. Where the policy passes everyone, what makes it do so
//! is the mistake, and the terms that it overrides are not: only duplicates
//! are reported then.

use crate::limits::LOOKUP_TERMS;
use crate::lint::effects::{Deciders, Effect};
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind};
use crate::lint::rule::Severity;
use crate::lint::terms::quoted;
use crate::lint::ways::repeated;
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, GraphTerm, Meaning};

use super::with_blanks;

/// The redundant terms that `describe` knows, each with what is to be said;
/// without those that are told as includes of one record several times.
fn redundant(
    facts: &Facts,
    describe: impl Fn(&FoundRecord, &GraphTerm, &Effect) -> Option<(String, String)>,
) -> Vec<Finding> {
    let (Some(found), Some(effects)) = (facts.graph.root().record(), &facts.effects) else {
        return Vec::new();
    };
    let told: Vec<usize> =
        repeated(facts).iter().filter_map(|repeated| repeated.deletable(facts)).collect();
    let finding = |(index, term): (usize, &GraphTerm)| {
        if told.contains(&index) {
            return None;
        }
        let (message, help) = describe(found, term, effects.of(index))?;
        let lookups = facts.term_cost(term);
        let costs = match lookups {
            0 => String::new(),
            1 => format!(", and costs 1 of the {LOOKUP_TERMS} lookups"),
            _ => format!(", and costs {lookups} of the {LOOKUP_TERMS} lookups"),
        };
        let place = facts.term_place(Graph::ROOT, index);
        let span = with_blanks(&found.record, &term.term);
        if lasts(found, term, effects.of(index)) {
            let finding = Finding::new(place, format!("{message}{costs}")).help(help);
            return Some(finding.fix(FixKind::Equivalent, span, ""));
        }
        // An exception that does not count is a mistake whatever DNS says.
        if matches!(effects.of(index), Effect::Shadowed(Deciders { instead: Some(_), .. })) {
            let finding = Finding::new(place, format!("{message}{costs}")).help(help);
            return Some(finding.fix(FixKind::Offered, span, ""));
        }
        let message = format!("{message}, as DNS is today{costs}");
        let help = format!("{help}, if that is to stay so");
        let finding = Finding::new(place, message).severity(Severity::Note).help(help);
        Some(finding.fix(FixKind::Offered, span, ""))
    };
    found.terms.iter().enumerate().filter_map(finding).collect()
}

/// Whether a term stays redundant whatever other names come to hold: nothing but
/// addresses in the record itself makes it so. What a provider lists may be
/// another's tomorrow, and then the term counts again.
fn lasts(found: &FoundRecord, term: &GraphTerm, effect: &Effect) -> bool {
    let written =
        |term: &GraphTerm| matches!(term.meaning, Meaning::All | Meaning::Ip4(_) | Meaning::Ip6(_));
    let deciders = match effect {
        Effect::Shadowed(deciders) | Effect::Idle(deciders) => deciders,
        _ => return true,
    };
    let all_told = deciders.terms.len() < Deciders::MOST;
    let decide = |index: &usize| found.terms.get(*index).is_none_or(written);
    written(term)
        && deciders.terms.iter().all(decide)
        && (all_told || found.terms.iter().all(written))
}

pub(super) fn duplicate_term(facts: &Facts) -> Vec<Finding> {
    redundant(facts, |found, term, effect| {
        let Effect::Repeats(earlier) = effect else { return None };
        let earlier = found.terms.get(*earlier)?;
        let (text, first) =
            (quoted(&found.record, &term.term), quoted(&found.record, &earlier.term));
        let message = if text == first {
            format!("{text} stands in the record already, so it never counts")
        } else {
            format!("{text} matches what {first} has matched before it, so it never counts")
        };
        let help = match earlier.qualifier == term.qualifier {
            true => "delete the term".to_owned(),
            false => format!(
                "delete the term; its clients get {}, and if {} is meant, change the first one",
                earlier.qualifier.result(),
                term.qualifier.result()
            ),
        };
        Some((message, help))
    })
}

pub(super) fn shadowed_term(facts: &Facts) -> Vec<Finding> {
    if facts.effects.is_none() {
        return vec![too_large(facts)];
    }
    if facts.passes_everyone() {
        return Vec::new();
    }
    redundant(facts, |found, term, effect| {
        let Effect::Shadowed(before) = effect else { return None };
        let text = quoted(&found.record, &term.term);
        let (deciders, verb) = named(found, before, "decides", "decide");
        let all = "all that it could match";
        Some(match before.instead {
            None => {
                let help = match asks(found, before) {
                    true if facts.term_cost(term) == 0 => format!(
                        "delete the term; or delete {deciders} instead if the term is enough, \
                         which saves lookups"
                    ),
                    _ => "delete the term".to_owned(),
                };
                (format!("{text} never counts: {deciders} before it {verb} {all}"), help)
            }
            Some(instead) => (
                format!(
                    "{text} never counts: {deciders} before it {verb} {all}, as {instead} and not {}",
                    term.qualifier.result(),
                    instead = instead.result(),
                ),
                "move the term to the front if it is meant to count; delete it if not".to_owned(),
            ),
        })
    })
}

pub(super) fn ineffective_term(facts: &Facts) -> Vec<Finding> {
    if facts.passes_everyone() {
        return Vec::new();
    }
    redundant(facts, |found, term, effect| {
        let Effect::Idle(behind) = effect else { return None };
        let text = quoted(&found.record, &term.term);
        let (deciders, verb) = named(found, behind, "gives", "give");
        let message = format!(
            "{text} changes nothing: {deciders} behind it {verb} its clients {} as well",
            term.qualifier.result()
        );
        let help = match term.qualifier {
            Qualifier::Pass => "delete the term, unless what stands behind it is soon to go",
            _ => "delete the term",
        };
        Some((message, help.to_owned()))
    })
}

/// Terms that decide in another's place, in words, with the verb that fits.
fn named<'v>(
    found: &FoundRecord,
    deciders: &Deciders,
    one: &'v str,
    several: &'v str,
) -> (String, &'v str) {
    let name = |term: &usize| match found.terms.get(*term) {
        Some(term) => quoted(&found.record, &term.term),
        None => "the default result".to_owned(),
    };
    match deciders.terms.as_slice() {
        [] => ("what stands there".to_owned(), one),
        [only] => (name(only), one),
        [first, second] => (format!("{} and {}", name(first), name(second)), several),
        [first, second, rest @ ..] => {
            let rest = match rest.len() {
                1 => "another term".to_owned(),
                _ => "other terms".to_owned(),
            };
            (format!("{}, {} and {rest}", name(first), name(second)), several)
        }
    }
}

/// Whether the one term that decides instead asks DNS for addresses.
fn asks(found: &FoundRecord, deciders: &Deciders) -> bool {
    let [only] = deciders.terms.as_slice() else { return false };
    found.terms.get(*only).is_some_and(|term| matches!(term.meaning, Meaning::Addresses(_)))
}

/// What is said where looking at all terms would take too long.
fn too_large(facts: &Facts) -> Finding {
    let message = "the policy is too large to look for terms without effect";
    Finding::new(facts.record_place(Graph::ROOT), message)
        .severity(Severity::Note)
        .help("what only receivers with much patience evaluate is better compiled")
}
