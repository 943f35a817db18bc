//! Who passes which addresses: the ranges that a policy passes, each with the
//! branch that decides it.
//!
//! What hangs on the message is named and has no ranges.

use std::collections::HashMap;

use crate::addr::{Address, IP4_MAPPED, Range, RangeSet};
use crate::limits::Ceilings;
use crate::outcome::Qualifier;

use super::PolicyError;
use super::branch::{Branch, Branches};
use super::decision::{Decisions, End};
use super::graph::Graph;
use super::lower::{Known, Lowered, lower};
use super::map::Origin;
use super::space::Space;

/// A range that passes where no dynamic term matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedRange<A> {
    /// The addresses.
    pub range: Range<A>,
    /// The branch that passes them, an index into [`Passed::branches`].
    pub branch: usize,
}

/// What a policy passes, and by which branches.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// The branches that pass some address, in the order of the first one.
    pub branches: Vec<Branch>,
    /// The IPv4 ranges in rising order, apart from each other.
    pub ip4: Vec<PassedRange<u32>>,
    /// The IPv6 ranges in rising order, apart from each other.
    pub ip6: Vec<PassedRange<u128>>,
    /// The terms that only a message decides, as far as some address meets them.
    pub dynamic: Vec<String>,
    /// The errors that some address reaches.
    pub errors: Vec<PolicyError>,
    /// How many IPv4 addresses reach an error.
    pub failing_ip4: u128,
}

impl Passed {
    /// What the policy of a graph passes.
    pub fn of(graph: &Graph) -> Passed {
        let mut decisions = Decisions::default();
        let lowered = lower(graph, &Known::new(), Ceilings::DEFAULT.levels, &mut decisions);
        let branches = Branches::new(graph);
        let mut found = Finding { lowered: &lowered, branches, known: HashMap::new(), all: vec![] };
        let ip4 = found.passed(&lowered.map.ip4, &decisions);
        let ip6 = found.passed(&lowered.map.ip6, &decisions);
        let fails = |end| matches!(end, End::Error(_));
        let failing = lowered.map.ip4.ranges().filter(|(_, id, _)| fails(decisions.get(*id).end));
        Passed {
            branches: found.all,
            ip4,
            // To SPF these are IPv4 addresses.
            ip6: outside(&ip6, &[IP4_MAPPED].into_iter().collect()),
            dynamic: dynamic(&lowered, &decisions),
            errors: lowered.map.errors(&decisions),
            failing_ip4: failing.map(|(range, ..)| range.addresses()).sum(),
        }
    }

    /// The ranges that `other` does not pass, whoever passes them here.
    pub fn beyond(&self, other: &Passed) -> Passed {
        Passed {
            ip4: outside(&self.ip4, &all(&other.ip4)),
            ip6: outside(&self.ip6, &all(&other.ip6)),
            ..self.clone()
        }
    }

    /// How many IPv4 addresses pass.
    pub fn addresses_ip4(&self) -> u128 {
        self.ip4.iter().map(|part| part.range.addresses()).sum()
    }

    /// How many IPv6 prefixes pass, in the fewest that say it.
    pub fn prefixes_ip6(&self) -> usize {
        all(&self.ip6).prefixes().count()
    }
}

/// The addresses of all ranges.
fn all<A: Address>(parts: &[PassedRange<A>]) -> RangeSet<A> {
    parts.iter().map(|part| part.range).collect()
}

/// The ranges without what a set holds.
fn outside<A: Address>(parts: &[PassedRange<A>], set: &RangeSet<A>) -> Vec<PassedRange<A>> {
    let mut left = Vec::with_capacity(parts.len());
    for part in parts {
        let Range { first, last } = part.range;
        let mut keep = |first: A, last: A| {
            if first <= last {
                left.push(PassedRange { range: Range { first, last }, ..*part });
            }
        };
        let from = set.ranges().partition_point(|hole| hole.last < first);
        let holes = set.ranges().get(from..).unwrap_or_default().iter();
        let mut next = Some(first);
        for hole in holes.take_while(|hole| hole.first <= last) {
            if let (Some(start), Some(end)) = (next, hole.first.previous()) {
                keep(start, end);
            }
            next = hole.last.next();
        }
        if let Some(start) = next {
            keep(start, last);
        }
    }
    left
}

/// The dynamic terms that some address meets, each once.
fn dynamic(lowered: &Lowered, decisions: &Decisions) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for id in lowered.map.decisions() {
        let decision = decisions.get(id);
        let redirect = match decision.end {
            End::Redirect(term) => Some(term),
            _ => None,
        };
        for term in decision.dynamic.iter().map(|(term, _)| *term).chain(redirect) {
            let text = &decisions.dynamic(term).text;
            if !terms.contains(text) {
                terms.push(text.clone());
            }
        }
    }
    terms
}

struct Finding<'a> {
    lowered: &'a Lowered,
    branches: Branches<'a>,
    /// The branch of each origin that was met.
    known: HashMap<u32, usize>,
    all: Vec<Branch>,
}

impl Finding<'_> {
    fn passed<A: Address>(
        &mut self,
        space: &Space<A>,
        decisions: &Decisions,
    ) -> Vec<PassedRange<A>> {
        let mut parts: Vec<PassedRange<A>> = Vec::new();
        let passes = End::Outcome(Qualifier::Pass);
        for (range, id, origin) in space.ranges() {
            if decisions.get(id).end != passes {
                continue;
            }
            let branch = self.branch(origin);
            match parts.last_mut() {
                // Neighbours that one branch passes are one range.
                Some(last)
                    if last.branch == branch && last.range.last.next() == Some(range.first) =>
                {
                    last.range.last = range.last;
                }
                _ => parts.push(PassedRange { range, branch }),
            }
        }
        parts
    }

    fn branch(&mut self, origin: u32) -> usize {
        if let Some(known) = self.known.get(&origin) {
            return *known;
        }
        let nobody = Origin { node: Graph::ROOT, term: None };
        let place = self.lowered.origins.get(origin as usize).copied().unwrap_or(nobody);
        let branch = self.branches.decider(place).branch;
        let index = self.all.iter().position(|it| *it == branch).unwrap_or_else(|| {
            self.all.push(branch);
            self.all.len() - 1
        });
        self.known.insert(origin, index);
        index
    }
}

#[cfg(test)]
#[path = "passed_tests.rs"]
mod tests;
