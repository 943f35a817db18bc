//! Comparing two policies over all addresses of both families, by their
//! decision maps.

use std::collections::HashSet;

use crate::addr::{Address, IP4_MAPPED, Range};
use crate::outcome::Qualifier;

use super::decision::{Decision, DecisionId, Decisions, DynamicId, End};
use super::map::DecisionMap;
use super::space::Space;

/// Dynamic terms of two decisions of which pairs are looked at: beyond that the
/// pairs are too many, and no and one matching term have to do.
const MOST_PAIRED: usize = 200;

/// Whether two policies mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// For every address and every message.
    Equal,
    /// Not for some address, whatever the dynamic terms stand for.
    Different,
    /// That hangs on what dynamic terms of only one of the policies match.
    Open,
}

/// The outcome of a comparison.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// Whether the policies mean the same.
    pub verdict: Verdict,
    /// The IPv4 ranges that differ, in rising order.
    pub ip4: Vec<Difference<u32>>,
    /// The IPv6 ranges that differ, in rising order.
    pub ip6: Vec<Difference<u128>>,
}

/// A range of addresses for which two policies differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<A> {
    /// The addresses.
    pub range: Range<A>,
    /// What the first policy decides.
    pub first: DecisionId,
    /// What the second policy decides.
    pub second: DecisionId,
    /// A message for which they differ.
    pub witness: Witness,
}

/// Answers of dynamic terms under which two decisions differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The dynamic terms that match; all others do not.
    pub matching: Vec<DynamicId>,
    /// What the first decision then gives.
    pub first: End,
    /// What the second decision then gives.
    pub second: End,
    /// They differ also where no dynamic term matches that only one of the two
    /// policies has.
    pub certain: bool,
}

/// Compares two maps that were lowered with the same `decisions`.
pub fn compare(first: &DecisionMap, second: &DecisionMap, decisions: &mut Decisions) -> Comparison {
    let shared = Shared::new(first, second, decisions);
    let ip4 = differences(&first.ip4, &second.ip4, None, &shared, decisions);
    let ip6 = differences(&first.ip6, &second.ip6, Some(IP4_MAPPED), &shared, decisions);
    let certain: Vec<bool> = ip4
        .iter()
        .map(|difference| difference.witness.certain)
        .chain(ip6.iter().map(|difference| difference.witness.certain))
        .collect();
    let verdict = match certain.as_slice() {
        [] => Verdict::Equal,
        some if some.contains(&true) => Verdict::Different,
        _ => Verdict::Open,
    };
    Comparison { verdict, ip4, ip6 }
}

/// The dynamic terms that both policies have, at whatever address.
struct Shared {
    terms: HashSet<DynamicId>,
}

impl Shared {
    fn new(first: &DecisionMap, second: &DecisionMap, decisions: &Decisions) -> Shared {
        let terms = |map: &DecisionMap| -> HashSet<DynamicId> {
            let all = map.decisions();
            let met = all.iter().flat_map(|id| decisions.get(*id).dynamic.iter());
            met.map(|(term, _)| *term).collect()
        };
        let (first, second) = (terms(first), terms(second));
        Shared { terms: first.intersection(&second).copied().collect() }
    }
}

/// The ranges whose decisions differ; addresses of `besides` do not count.
fn differences<A: Address>(
    first: &Space<A>,
    second: &Space<A>,
    besides: Option<Range<A>>,
    shared: &Shared,
    decisions: &mut Decisions,
) -> Vec<Difference<A>> {
    let mut found: Vec<Difference<A>> = Vec::new();
    let mut pairs = first.pairs(second).peekable();
    while let Some((start, one, other)) = pairs.next() {
        let next = pairs.peek().and_then(|(next, ..)| next.previous());
        let whole = Range { first: start, last: next.unwrap_or(A::MAX) };
        if one.decision == other.decision {
            continue;
        }
        let canons = (decisions.canon(one.decision), decisions.canon(other.decision));
        if canons.0 == canons.1 {
            continue;
        }
        for range in without(whole, besides) {
            match found.last_mut() {
                Some(last)
                    if (last.first, last.second) == canons
                        && last.range.last.next() == Some(range.first) =>
                {
                    last.range.last = range.last;
                }
                _ => found.push(Difference {
                    range,
                    first: canons.0,
                    second: canons.1,
                    witness: witness(
                        decisions.get(canons.0),
                        decisions.get(canons.1),
                        shared,
                        decisions,
                    ),
                }),
            }
        }
    }
    found
}

/// The parts of a range outside another one.
fn without<A: Address>(whole: Range<A>, besides: Option<Range<A>>) -> Vec<Range<A>> {
    let Some(hole) = besides.filter(|hole| hole.first <= whole.last && whole.first <= hole.last)
    else {
        return vec![whole];
    };
    let before = hole.first.previous().filter(|last| whole.first <= *last);
    let behind = hole.last.next().filter(|first| *first <= whole.last);
    let before = before.map(|last| Range { first: whole.first, last });
    let behind = behind.map(|first| Range { first, last: whole.last });
    before.into_iter().chain(behind).collect()
}

/// Finds answers under which two decisions of different canon differ.
///
/// A decision gives the outcome of the first term in its list that matches, so
/// two of them that agree under every answer of no, one and two matching terms
/// agree under all: any disagreement comes down to which of two terms stands
/// first. An answer under which only one of them passes is preferred to any
/// other, for that is what loses mail or lets forgers in; then one that hangs
/// on no term that only one of the policies has.
fn witness(first: &Decision, second: &Decision, shared: &Shared, decisions: &Decisions) -> Witness {
    let mut terms: Vec<DynamicId> =
        first.dynamic.iter().chain(second.dynamic.iter()).map(|(term, _)| *term).collect();
    terms.sort_unstable();
    terms.dedup();
    let opaque = |term: &DynamicId| decisions.dynamic(*term).opaque && !shared.terms.contains(term);
    let one_sided_opaque = terms.iter().any(opaque);
    let singles = terms.iter().map(|term| vec![*term]);
    let pairs =
        terms.iter().flat_map(|a| terms.iter().filter(move |b| a < b).map(move |b| vec![*a, *b]));
    let pairs = pairs.take(if terms.len() > MOST_PAIRED { 0 } else { usize::MAX });
    let mut certain = false;
    let mut best: Option<((bool, bool), Witness)> = None;
    for matching in std::iter::once(Vec::new()).chain(singles).chain(pairs) {
        let (one, other) = (evaluate(first, &matching), evaluate(second, &matching));
        if one == other {
            continue;
        }
        let known = !one_sided_opaque && matching.iter().all(|term| shared.terms.contains(term));
        certain |= known;
        let passes = |end: End| end == End::Outcome(Qualifier::Pass);
        let worth = (passes(one) != passes(other), known);
        if best.as_ref().is_none_or(|(best, _)| worth > *best) {
            best = Some((worth, Witness { matching, first: one, second: other, certain }));
        }
        if worth == (true, true) {
            break;
        }
    }
    let none =
        || Witness { matching: Vec::new(), first: first.end, second: second.end, certain: true };
    best.map_or_else(none, |(_, witness)| Witness { certain, ..witness })
}

/// What a decision gives when exactly these terms match.
fn evaluate(decision: &Decision, matching: &[DynamicId]) -> End {
    let hit = decision.dynamic.iter().find(|(term, _)| matching.contains(term));
    hit.map_or(decision.end, |(_, outcome): &(DynamicId, Qualifier)| End::Outcome(*outcome))
}
