//! Ranges for which two policies differ, as lines for people and as JSON.

use std::collections::BTreeMap;

use super::describe::{end, number};
use super::escape;
use super::json::RangeShape;
use super::style::{BAD, DIM, GOOD, WARN, paint};
use crate::addr::{Address, Range};
use crate::outcome::Qualifier;
use crate::policy::{Comparison, Decisions, Difference, End, Witness};

/// What a difference means for the senders in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// They pass now and did not before.
    Gained,
    /// They passed before and do not now.
    Lost,
    /// Something else.
    Other,
}

/// One range of a comparison.
pub(super) struct RangeChange {
    /// What it means.
    pub(super) change: Change,
    /// The range as JSON has it.
    pub(super) shape: RangeShape,
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

fn change<A: Address>(difference: &Difference<A>, decisions: &Decisions) -> RangeChange {
    let passes = |end: End| end == End::Outcome(Qualifier::Pass);
    let change = match (passes(difference.witness.first), passes(difference.witness.second)) {
        (false, true) => Change::Gained,
        (true, false) => Change::Lost,
        _ => Change::Other,
    };
    let range = difference.range;
    let shape = RangeShape {
        family: A::FAMILY.as_str(),
        first: range.first.to_ip().to_string(),
        last: range.last.to_ip().to_string(),
        before: end(difference.witness.first, decisions),
        after: end(difference.witness.second, decisions),
        when: when(&difference.witness, decisions),
    };
    RangeChange { change, shape, range: shown(range), addresses: range.addresses() }
}

/// The dynamic terms that match where the policies differ; `None` where they
/// differ whatever matches.
fn when(witness: &Witness, decisions: &Decisions) -> Option<BTreeMap<String, bool>> {
    let matching = witness.matching.iter();
    let terms: BTreeMap<String, bool> =
        matching.map(|term| (decisions.dynamic(*term).text.clone(), true)).collect();
    (!terms.is_empty()).then_some(terms)
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
        for term in change.shape.when.iter().flat_map(|when| when.keys()) {
            results.push_str(&format!(" where {} matches", escape::text(term)));
        }
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
