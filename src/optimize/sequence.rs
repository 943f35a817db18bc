//! One order of terms that gives every address its decision.
//!
//! A record tries its terms one behind the other, so the dynamic terms stand
//! in one order for all addresses, and each static range stands before the
//! first dynamic term that it must not meet. As early as possible: whoever
//! matches a static term asks no DNS.

use std::collections::HashMap;

use thiserror::Error;

use crate::addr::{AddressSet, IP4_MAPPED, Range, RangeSet};
use crate::outcome::Qualifier;
use crate::policy::{Decision, DecisionId, DecisionMap, Decisions, DynamicId, End};

/// Terms in their order: the groups of the first position, the first dynamic
/// term, the groups of the second position, and so on, then the end.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The ranges that static terms decide, by position and outcome.
    pub groups: Vec<Group>,
    /// The dynamic terms with their outcomes.
    pub dynamic: Vec<(DynamicId, Qualifier)>,
    /// What is decided behind all terms.
    pub end: End,
}

/// Ranges with one outcome that stand at one position.
#[derive(Clone, Debug)]
pub struct Group {
    /// How many dynamic terms stand before.
    pub position: usize,
    /// What is decided.
    pub outcome: Qualifier,
    /// For which addresses.
    pub set: AddressSet,
}

/// No order of terms gives every address its decision.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no order of terms gives every address what the policy decides for it")]
pub struct Inexpressible;

/// Finds an order of terms for `map`, with `end` as the result behind them.
///
/// # Errors
///
/// Dynamic terms that different addresses meet in different orders, or some
/// addresses not at all; errors in the map.
pub fn sequence(
    map: &DecisionMap,
    end: End,
    decisions: &mut Decisions,
) -> Result<Sequence, Inexpressible> {
    let all = map.decisions();
    let longest =
        all.iter().map(|id| decisions.get(*id)).max_by_key(|decision| decision.dynamic.len());
    let dynamic = longest.map(|decision| decision.dynamic.to_vec()).unwrap_or_default();
    let mut places = Vec::with_capacity(all.len());
    for id in all {
        let place = place(id, &dynamic, end, decisions).ok_or(Inexpressible)?;
        places.push((id, place));
    }
    Ok(Sequence { groups: groups(map, &places), dynamic, end })
}

/// Where the static term of a decision stands; `Some(None)` for a decision
/// that needs no term, being what the end gives.
#[expect(
    clippy::option_option,
    reason = "no place, no term needed, and a term are three different answers"
)]
fn place(
    id: DecisionId,
    dynamic: &[(DynamicId, Qualifier)],
    end: End,
    decisions: &mut Decisions,
) -> Option<Option<(usize, Qualifier)>> {
    let wanted = decisions.canon(id);
    let decision_end = decisions.get(id).end;
    let mut gives = |position: usize| {
        let before = Decision { dynamic: dynamic[..position].into(), end: decision_end };
        let before = decisions.intern(before);
        decisions.canon(before) == wanted
    };
    if decision_end == end && gives(dynamic.len()) {
        return Some(None);
    }
    let End::Outcome(outcome) = decision_end else { return None };
    (0..=dynamic.len()).find(|position| gives(*position)).map(|position| Some((position, outcome)))
}

type Places = [(DecisionId, Option<(usize, Qualifier)>)];

fn groups(map: &DecisionMap, places: &Places) -> Vec<Group> {
    let mut wanted: Vec<(usize, Qualifier)> =
        places.iter().filter_map(|(_, place)| *place).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut ip4: Vec<Vec<Range<u32>>> = vec![Vec::new(); wanted.len()];
    let mut ip6: Vec<Vec<Range<u128>>> = vec![Vec::new(); wanted.len()];
    let group_of: HashMap<DecisionId, usize> = places
        .iter()
        .filter_map(|(id, place)| Some((*id, wanted.binary_search(place.as_ref()?).ok()?)))
        .collect();
    for (range, id, _) in map.ip4.ranges() {
        if let Some(&group) = group_of.get(&id) {
            ip4[group].push(range);
        }
    }
    for (range, id, _) in map.ip6.ranges() {
        if let Some(&group) = group_of.get(&id) {
            ip6[group].push(range);
        }
    }
    let sets = ip4
        .into_iter()
        .zip(ip6)
        .map(|(ip4, ip6)| AddressSet { ip4: ip4.into_iter().collect(), ip6: around_mapped(ip6) });
    let groups =
        wanted.iter().zip(sets).map(|(&(position, outcome), set)| Group { position, outcome, set });
    groups.filter(|group| !group.set.is_empty()).collect()
}

/// No client has an IPv4-mapped address, so a set may hold them or not. They
/// are in it exactly when that saves terms: when all of the other half of the
/// prefix around them is in it.
fn around_mapped(ranges: Vec<Range<u128>>) -> RangeSet<u128> {
    let set: RangeSet<u128> = ranges.into_iter().collect();
    let mapped: RangeSet<u128> = [IP4_MAPPED].into_iter().collect();
    let without = set.difference(&mapped);
    let sibling = Range { first: 0xfffe_0000_0000, last: 0xfffe_ffff_ffff };
    let covered = without
        .ranges()
        .iter()
        .any(|range| range.first <= sibling.first && sibling.last <= range.last);
    match covered {
        true => without.ranges().iter().copied().chain([IP4_MAPPED]).collect(),
        false => without,
    }
}
