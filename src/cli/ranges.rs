//! Ranges for which two policies differ, as lines for people and as JSON.

use std::collections::BTreeMap;

use super::describe::number;
use super::style::{BAD, DIM, GOOD, WARN, paint};
use crate::addr::{Address, Range};
use crate::documents::RangeShape;
use crate::escape;
use crate::policy::{Branch, Change, Comparison, Decider, Decisions, Difference, Drift, Drifted};

/// One range of a comparison.
pub(super) struct RangeChange {
    /// What it means.
    pub(super) change: Change,
    /// The range as JSON has it.
    pub(super) shape: RangeShape,
    /// Who decides, where that was looked for.
    pub(super) by: Option<Decider>,
    /// A single prefix, or the first and the last address.
    range: String,
    addresses: u128,
}

/// All ranges of a comparison, IPv4 first.
pub(super) fn changes(comparison: &Comparison, decisions: &Decisions) -> Vec<RangeChange> {
    let ip4 = comparison.ip4.iter().map(|difference| change(difference, decisions));
    let ip6 = comparison.ip6.iter().map(|difference| change(difference, decisions));
    ip4.chain(ip6).collect()
}

/// The ranges of a drift by the branches that make them, IPv4 first.
pub(super) fn branches(drift: &Drift) -> BTreeMap<&Branch, Vec<RangeChange>> {
    fn add<'a, A: Address>(
        parts: &'a [Drifted<A>],
        decisions: &Decisions,
        branches: &mut BTreeMap<&'a Branch, Vec<RangeChange>>,
    ) {
        for part in parts {
            let by = Some(part.decider.clone());
            let changed = RangeChange { by, ..change(&part.difference, decisions) };
            branches.entry(&part.decider.branch).or_default().push(changed);
        }
    }
    let mut branches = BTreeMap::new();
    add(&drift.ip4, &drift.decisions, &mut branches);
    add(&drift.ip6, &drift.decisions, &mut branches);
    branches
}

fn change<A: Address>(difference: &Difference<A>, decisions: &Decisions) -> RangeChange {
    let change = difference.change();
    let range = difference.range;
    let shape = RangeShape::new(difference, decisions);
    RangeChange { change, shape, by: None, range: shown(range), addresses: range.addresses() }
}

/// ` where A matches and B does not`; empty where nothing hangs on a term.
fn conditions(when: Option<&BTreeMap<String, bool>>) -> String {
    let words = |(term, matches): (&String, &bool)| {
        let verb = if *matches { "matches" } else { "does not match" };
        format!("{} {verb}", escape::text(term))
    };
    // What does match is said first, and what does not only as far as it is short.
    let when = when.into_iter().flatten();
    let (matching, others): (Vec<_>, Vec<_>) = when.partition(|(_, matches)| **matches);
    let named: Vec<String> = matching.into_iter().chain(others).take(4).map(words).collect();
    match named.is_empty() {
        true => String::new(),
        false => format!(" where {}", named.join(" and ")),
    }
}

/// ` by TERM of DOMAIN`; empty where no term decides, or nobody asked.
fn decider(by: Option<&Decider>) -> String {
    let term = by.and_then(|by| Some((by, by.term.as_ref()?)));
    term.map_or_else(String::new, |(by, term)| match by.domain == by.branch.domain {
        true => format!(" by {}", escape::text(term)),
        false => format!(" by {} of {}", escape::text(term), by.domain),
    })
}

/// `192.0.2.0/24`, or the first and the last address.
fn shown<A: Address>(range: Range<A>) -> String {
    let mut prefixes = range.prefixes();
    match (prefixes.next(), prefixes.next()) {
        (Some(prefix), None) => prefix.to_string(),
        _ => range.to_string(),
    }
}

/// Lines with `+` for what is gained, `-` for what is lost and `~` for the
/// rest; at most `most` of them.
pub(super) fn lines(changes: &[RangeChange], most: usize) -> Vec<String> {
    let widest = changes.iter().take(most).map(|change| change.range.len()).max().unwrap_or(0);
    let line = |change: &RangeChange| {
        let (style, sign) = match change.change {
            Change::Gained => (GOOD, '+'),
            Change::Lost => (BAD, '-'),
            Change::Other => (WARN, '~'),
        };
        let pad = widest.saturating_sub(change.range.len());
        let mut results = format!("{} → {}", change.shape.before, change.shape.after);
        results.push_str(&decider(change.by.as_ref()));
        results.push_str(&conditions(change.shape.when.as_ref()));
        let range = paint(style, format!("{sign} {}", change.range));
        format!("{range}{:pad$}  {}", "", paint(DIM, results))
    };
    let mut lines: Vec<String> = changes.iter().take(most).map(line).collect();
    if changes.len() > most {
        let rest: u128 = changes[most..]
            .iter()
            .fold(0, |sum: u128, change| sum.saturating_add(change.addresses));
        let count = number((changes.len() - most) as u128);
        let rest = format!("… {count} more ranges of {} addresses (-v shows all)", number(rest));
        lines.push(paint(DIM, rest));
    }
    lines
}
