//! What changed between two readings of one policy: the addresses, whose
//! terms brought or lost them, the share that is gone, the answers.
//!
//! Whether a change is wanted, and how it is told, is for others to say.

use std::sync::Arc;

use crate::addr::{Address, AddressSet, IP4_MAPPED, Range, RangeSet};
use crate::dns::{Answer, Question};
use crate::limits::Ceilings;
use crate::outcome::Qualifier;

use super::PolicyError;
use super::branch::{Branches, Decider};
use super::compare::{Comparison, Difference, Verdict, compare};
use super::decision::{Decisions, DynamicId, End};
use super::lower::{Known, Lowered, lower};
use super::reading::{Reading, read_of};
use super::space::Space;

/// What a difference means for the senders in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They pass now and did not before.
    Gained,
    /// They passed before and do not now.
    Lost,
    /// Something else.
    Other,
}

impl<A> Difference<A> {
    /// What it means when the first policy is the earlier one.
    pub fn change(&self) -> Change {
        let passes = |end: End| end == End::Outcome(Qualifier::Pass);
        match (passes(self.witness.first), passes(self.witness.second)) {
            (false, true) => Change::Gained,
            (true, false) => Change::Lost,
            _ => Change::Other,
        }
    }
}

/// A difference, or a part of one, with the term that makes it: the one that
/// passes the addresses, or where none does the one that decides them now.
#[derive(Clone, Debug, PartialEq)]
pub struct Drifted<A> {
    /// The addresses and their results.
    pub difference: Difference<A>,
    /// Who decides.
    pub decider: Decider,
}

/// How much of what passed still does. Terms that only the message can decide
/// do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passing {
    /// IPv4 addresses, or IPv6 networks of 64 bits, that passed before.
    pub before: u128,
    /// Those of them that pass now; of a network, any address.
    pub kept: u128,
    /// All that pass now.
    pub after: u128,
}

impl Passing {
    /// What of one set of addresses is in another one, as `count` counts them.
    fn between<A: Address>(
        was: &RangeSet<A>,
        is: &RangeSet<A>,
        count: impl Fn(&RangeSet<A>) -> u128,
    ) -> Passing {
        let kept = was.difference(&was.difference(is));
        Passing { before: count(was), kept: count(&kept), after: count(is) }
    }

    /// The same of two sets that pass, whole.
    pub fn of_sets(was: &AddressSet, is: &AddressSet) -> [Passing; 2] {
        [
            Passing::between(&was.ip4, &is.ip4, RangeSet::addresses),
            Passing::between(&was.ip6, &is.ip6, networks),
        ]
    }

    /// The share that is lost, in percent, rounded down.
    pub fn lost_percent(self) -> u32 {
        let lost = self.before.saturating_sub(self.kept);
        // A share of at most all of it.
        lost.saturating_mul(100).checked_div(self.before).unwrap_or(0) as u32
    }

    /// Whether more than `percent` of it is lost.
    pub fn lost_more_than(self, percent: u32) -> bool {
        let lost = self.before.saturating_sub(self.kept);
        lost.saturating_mul(100) > self.before.saturating_mul(u128::from(percent))
    }
}

/// An answer that the policy was read from both times, and that says something
/// else now.
#[derive(Clone, Debug)]
pub struct ChangedAnswer {
    /// The question.
    pub question: Question,
    /// The answer before.
    pub before: Arc<Answer>,
    /// The answer now.
    pub after: Arc<Answer>,
}

/// What changed.
#[derive(Clone, Debug)]
pub struct Drift {
    /// The decisions of both readings.
    pub decisions: Decisions,
    /// The ranges with another result; none where DNS failed.
    pub comparison: Comparison,
    /// The same IPv4 ranges, cut by who decides.
    pub ip4: Vec<Drifted<u32>>,
    /// The same IPv6 ranges, cut by who decides.
    pub ip6: Vec<Drifted<u128>>,
    /// What still passes of IPv4.
    pub passing_ip4: Passing,
    /// What still passes of IPv6.
    pub passing_ip6: Passing,
    /// Answers that changed.
    pub answers: Vec<ChangedAnswer>,
    /// The errors that some address reaches now.
    pub errors: Vec<PolicyError>,
    /// DNS failed in one of the readings where some address meets it, so that
    /// nobody can say what changed.
    pub failed: Option<PolicyError>,
}

/// Compares two readings of one policy.
pub fn drift(before: &Reading, after: &Reading) -> Drift {
    let mut decisions = Decisions::default();
    let levels = Ceilings::DEFAULT.levels;
    let old = lower(&before.graph, &Known::new(), levels, &mut decisions);
    let new = lower(&after.graph, &Known::new(), levels, &mut decisions);
    let errors = new.map.errors(&decisions);
    let failures = errors.iter().cloned().chain(old.map.errors(&decisions));
    let failed = failures.into_iter().find(PolicyError::is_temporary);
    let mut found = Drift {
        comparison: Comparison { verdict: Verdict::Equal, ip4: Vec::new(), ip6: Vec::new() },
        ip4: Vec::new(),
        ip6: Vec::new(),
        passing_ip4: Passing::default(),
        passing_ip6: Passing::default(),
        answers: changed_answers(before, after),
        errors,
        failed,
        decisions,
    };
    if found.failed.is_some() {
        return found;
    }
    found.comparison = compare(&old.map, &new.map, &mut found.decisions);
    let decisions = &found.decisions;
    let sides = [Side::new(before, &old), Side::new(after, &new)];
    let comparison = &found.comparison;
    found.ip4 = cut(&comparison.ip4, &sides, [&old.map.ip4, &new.map.ip4], decisions);
    found.ip6 = cut(&comparison.ip6, &sides, [&old.map.ip6, &new.map.ip6], decisions);
    let (was, is) = (passing(&old.map.ip4, decisions), passing(&new.map.ip4, decisions));
    found.passing_ip4 = Passing::between(&was, &is, RangeSet::addresses);
    let mapped: RangeSet<u128> = [IP4_MAPPED].into_iter().collect();
    let (was, is) = (passing(&old.map.ip6, decisions), passing(&new.map.ip6, decisions));
    let (was, is) = (was.difference(&mapped), is.difference(&mapped));
    found.passing_ip6 = Passing::between(&was, &is, networks);
    found
}

fn changed_answers(before: &Reading, after: &Reading) -> Vec<ChangedAnswer> {
    let changed = |(question, old): (&Question, &Arc<Answer>)| {
        let new = after.answer(question)?;
        let explanation = before.explains(question) && after.explains(question);
        let (was, is) = (read_of(old, explanation)?, read_of(new, explanation)?);
        (was != is).then(|| ChangedAnswer {
            question: question.clone(),
            before: old.clone(),
            after: new.clone(),
        })
    };
    before.answers().filter_map(changed).collect()
}

/// One reading, lowered.
struct Side<'a> {
    lowered: &'a Lowered,
    branches: Branches<'a>,
}

impl<'a> Side<'a> {
    fn new(reading: &'a Reading, lowered: &'a Lowered) -> Side<'a> {
        Side { lowered, branches: Branches::new(&reading.graph) }
    }

    /// Who decides where the map has this origin.
    fn decider(&self, origin: u32) -> Decider {
        let nobody = super::Origin { node: super::Graph::ROOT, term: None };
        let origin = self.lowered.origins.get(origin as usize).copied();
        self.branches.decider(origin.unwrap_or(nobody))
    }

    /// The dynamic term that decides, if one of those that match does.
    fn dynamic(
        &self,
        terms: &[(DynamicId, Qualifier)],
        matching: &[DynamicId],
        decisions: &Decisions,
    ) -> Option<Decider> {
        let (term, _) = terms.iter().find(|(term, _)| matching.contains(term))?;
        let origin = self.branches.dynamic(&decisions.dynamic(*term).text)?;
        Some(self.branches.decider(origin))
    }
}

/// Cuts differences by who decides.
fn cut<A: Address>(
    differences: &[Difference<A>],
    sides: &[Side<'_>; 2],
    spaces: [&Space<A>; 2],
    decisions: &Decisions,
) -> Vec<Drifted<A>> {
    let mut drifted: Vec<Drifted<A>> = Vec::new();
    for difference in differences {
        let (side, space, decision) = match difference.change() {
            Change::Lost => (&sides[0], spaces[0], difference.first),
            Change::Gained | Change::Other => (&sides[1], spaces[1], difference.second),
        };
        let terms = &decisions.get(decision).dynamic;
        if let Some(decider) = side.dynamic(terms, &difference.witness.matching, decisions) {
            drifted.push(Drifted { difference: difference.clone(), decider });
            continue;
        }
        let whole = difference.range;
        for (range, _, origin) in space.ranges_from(whole.first) {
            if range.first > whole.last {
                break;
            }
            let first = range.first.max(whole.first);
            let range = Range { first, last: range.last.min(whole.last) };
            let decider = side.decider(origin);
            match drifted.last_mut() {
                // Neighbours that one term decides are one range again.
                Some(last)
                    if last.decider == decider
                        && first > whole.first
                        && last.difference.range.last.next() == Some(first) =>
                {
                    last.difference.range.last = range.last;
                }
                _ => drifted.push(Drifted {
                    difference: Difference { range, ..difference.clone() },
                    decider,
                }),
            }
        }
    }
    drifted
}

/// The addresses that pass where no dynamic term matches.
fn passing<A: Address>(space: &Space<A>, decisions: &Decisions) -> RangeSet<A> {
    let passes = End::Outcome(Qualifier::Pass);
    let ranges = space.ranges().filter(|(_, id, _)| decisions.get(*id).end == passes);
    ranges.map(|(range, ..)| range).collect()
}

/// How many networks of 64 bits hold an address of the set.
fn networks(set: &RangeSet<u128>) -> u128 {
    let mut count = 0;
    let mut next = 0;
    for range in set.ranges() {
        let (first, last) = ((range.first >> 64).max(next), range.last >> 64);
        if first <= last {
            count += last - first + 1;
            next = last + 1;
        }
    }
    count
}

#[cfg(test)]
#[path = "drift_tests.rs"]
mod tests;
