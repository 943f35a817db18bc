//! The smallest change to the domain's own record that brings its policy back
//! to ten lookups: what changes nothing first, then what only has to be kept
//! up to date.

use crate::limits::LOOKUP_TERMS;
use crate::lint::effects::{Effect, breadths, effects};
use crate::lint::facts::Facts;
use crate::lint::terms::quoted;
use crate::policy::{Graph, LookupCount, Meaning};

/// The most addresses that a message proposes to write out by hand.
const MOST_WRITTEN_OUT: usize = 8;
/// The most includes that are worth naming: beyond that all may go.
const MOST_FLATTENED: usize = 3;

/// A term that can be changed, and the lookups that this saves.
struct Change {
    saves: u32,
    /// Prefixes that take the term's place.
    prefixes: usize,
    text: String,
}

/// The changes of each kind, those that save most first.
#[derive(Default)]
struct Changes {
    /// Nobody would notice.
    drop: Vec<Change>,
    /// `a` and `mx`, by their addresses.
    write_out: Vec<Change>,
    /// Includes that only the address decides, by their addresses.
    flatten: Vec<Change>,
}

/// What to do about `needed` lookups, in words.
pub(super) fn cure(facts: &Facts, needed: u32) -> String {
    let changes = changes(facts);
    let mut excess = needed.saturating_sub(LOOKUP_TERMS);
    let mut chosen: Vec<&Change> = Vec::new();
    take(&changes.drop, &mut excess, usize::MAX, &mut chosen);
    if excess > 0 {
        let (before, rest) = (chosen.len(), excess);
        take(&changes.write_out, &mut excess, usize::MAX, &mut chosen);
        let one = changes.flatten.iter().filter(|change| change.saves >= rest);
        if let (true, Some(one)) = (excess > 0, one.min_by_key(|change| change.prefixes)) {
            chosen.truncate(before);
            excess = 0;
            chosen.push(one);
        }
    }
    if excess > 0 {
        take(&changes.flatten, &mut excess, MOST_FLATTENED, &mut chosen);
    }
    let all = "compile the policy with 'spfc flatten'";
    if excess > 0 || chosen.is_empty() {
        return all.to_owned();
    }
    let saved: u32 = chosen.iter().map(|change| change.saves).sum();
    let left = needed.saturating_sub(saved);
    let steps: Vec<&str> = chosen.iter().map(|change| change.text.as_str()).collect();
    format!("{}, which leaves {left}; or {all}", steps.join(", "))
}

/// Takes changes until the excess is gone.
fn take<'c>(from: &'c [Change], excess: &mut u32, most: usize, chosen: &mut Vec<&'c Change>) {
    for change in from.iter().take(most) {
        if *excess == 0 {
            return;
        }
        *excess = excess.saturating_sub(change.saves);
        chosen.push(change);
    }
}

fn changes(facts: &Facts) -> Changes {
    let mut changes = Changes::default();
    // What is proposed brings the policy within its limits: so nobody who goes
    // further in it then meets too many lookups.
    let effects = effects(&facts.graph, &LookupCount::default());
    let (Some(found), Some(effects)) = (facts.graph.root().record(), effects) else {
        return changes;
    };
    let breadths = breadths(&facts.graph).unwrap_or_default();
    for (index, term) in found.terms.iter().enumerate() {
        let saves = facts.term_cost(term);
        if saves == 0 {
            continue;
        }
        let text = quoted(&found.record, &term.term);
        let lookups = if saves == 1 { "1 lookup" } else { &format!("{saves} lookups") };
        let prefixes = breadths.get(index).copied().flatten();
        let change = |text| Change { saves, prefixes: prefixes.unwrap_or_default(), text };
        match (effects.of(index), &term.meaning, prefixes) {
            (Effect::MatchesNobody, ..) => {
                changes.drop.push(change(format!("drop {text} ({lookups}, matches nobody)")))
            }
            (effect, ..) if effect.is_redundant() => {
                changes.drop.push(change(format!("drop {text} ({lookups}, changes nothing)")))
            }
            (_, Meaning::Addresses(_), Some(addresses)) if addresses <= MOST_WRITTEN_OUT => {
                let its = if addresses == 1 { "its address" } else { "its addresses" };
                let text = format!("write {its} in place of {text} ({lookups})");
                changes.write_out.push(change(text));
            }
            (_, Meaning::Include(_), Some(prefixes)) => {
                let text = format!("flatten {text} alone ({lookups}, {prefixes} prefixes)");
                changes.flatten.push(change(text));
            }
            _ => {}
        }
    }
    for kind in [&mut changes.drop, &mut changes.write_out, &mut changes.flatten] {
        kind.sort_by_key(|change| (std::cmp::Reverse(change.saves), change.prefixes));
    }
    changes
}

/// The own term that costs most, where one costs more than a lookup.
pub(super) fn dearest(facts: &Facts) -> Option<(String, u32)> {
    let found = facts.graph.node(Graph::ROOT).record()?;
    let costs = found.terms.iter().map(|term| (facts.term_cost(term), term));
    let (cost, term) = costs.rev().max_by_key(|(cost, _)| *cost).filter(|(cost, _)| *cost > 1)?;
    Some((quoted(&found.record, &term.term), cost))
}
