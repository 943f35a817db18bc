//! One address family of the policy's own record: which term decides each
//! range, and what would if that term were not there.

use crate::addr::{Address, IP4_MAPPED, Range};
use crate::outcome::Qualifier;
use crate::policy::FoundRecord;

use super::Deciders;
use super::canvas::{Budget, Canvas};
use super::layers::{Decided, Layers, Side, Verdict};

/// No term: what decides is not known, or the default result.
const NO_TERM: u32 = u32::MAX;

/// What decides behind some term.
#[derive(Clone, Copy, Debug)]
struct Behind {
    /// The result; `None` where it is not known, or hangs on which of the
    /// redundant terms are deleted.
    outcome: Option<Qualifier>,
    term: u32,
}

/// One family.
#[derive(Clone, Debug)]
pub(super) struct Face<A> {
    layers: Layers<A>,
    /// The first term that decides each range by the address alone.
    deciders: Canvas<A, (u32, Qualifier)>,
    /// What the terms looked at so far decide.
    behind: Canvas<A, Behind>,
}

impl<A: Side> Face<A> {
    pub(super) fn new(
        found: &FoundRecord,
        decided: &[Decided],
        wanted: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Option<Self> {
        let count = found.terms.len();
        let layers = Layers::<A>::new(found, decided, wanted, budget)?;
        let besides = || mapped::<A>().into_iter();
        let nobody = (NO_TERM, Qualifier::Neutral);
        let mut deciders = Canvas::new(layers.ranges().chain(besides()), nobody);
        for term in (0..count).rev() {
            for (range, verdict) in layers.of(term) {
                if let Verdict::Outcome(outcome) = verdict {
                    deciders.paint(*range, (term as u32, *outcome), budget)?;
                }
            }
        }
        let default = Behind { outcome: Some(Qualifier::Neutral), term: count as u32 };
        let behind = Canvas::new(layers.ranges().chain(besides()), default);
        Some(Face { layers, deciders, behind })
    }

    /// The intervals that a term says something about, and what.
    pub(super) fn intervals(&self, term: usize) -> impl Iterator<Item = (usize, Verdict)> + '_ {
        let mapped = mapped::<A>();
        let paints = self.layers.of(term).iter();
        let each = paints.flat_map(|(range, verdict)| {
            self.deciders.intervals(*range).map(|interval| (interval, *verdict))
        });
        each.filter(move |(interval, _)| {
            mapped.is_none_or(|mapped| !mapped.contains(self.deciders.range(*interval).first))
        })
    }

    /// The addresses of an interval.
    pub(super) fn range(&self, interval: usize) -> Range<A> {
        self.deciders.range(interval)
    }

    /// The term that decides an interval by the address alone.
    pub(super) fn decider(&self, interval: usize) -> Option<usize> {
        match self.deciders.colour(interval) {
            (NO_TERM, _) => None,
            (term, _) => Some(term as usize),
        }
    }

    pub(super) fn matches_nobody(&self, term: usize) -> bool {
        self.intervals(term).next().is_none()
    }

    /// Whether each address that a term may match is decided before it.
    pub(super) fn shadowed(
        &self,
        term: usize,
        qualifier: Qualifier,
        before: &mut Deciders,
        budget: &mut Budget,
    ) -> Option<bool> {
        for (interval, _) in self.intervals(term) {
            budget.take(1)?;
            let (decider, outcome) = self.deciders.colour(interval);
            if decider as usize >= term {
                return Some(false);
            }
            before.add(decider as usize);
            if outcome != qualifier && before.instead.is_none() {
                before.instead = Some(outcome);
            }
        }
        Some(true)
    }

    /// Whether what stands behind a term gives the same result to all whom it
    /// decides, without a look at anything that is not known.
    pub(super) fn idle(
        &self,
        term: usize,
        qualifier: Qualifier,
        behind: &mut Deciders,
        budget: &mut Budget,
    ) -> Option<bool> {
        for (interval, verdict) in self.intervals(term) {
            budget.take(1)?;
            if verdict == Verdict::Unknown {
                return Some(false);
            }
            if self.decider(interval) == Some(term) {
                let next = self.behind.colour(interval);
                if next.outcome != Some(qualifier) {
                    return Some(false);
                }
                behind.add(next.term as usize);
            }
        }
        Some(true)
    }

    /// Adds a term to what stands behind those before it. Where it is
    /// redundant, whether it goes or stays must make no difference to them.
    pub(super) fn lay(
        &mut self,
        term: usize,
        stays: bool,
        hides_fail: bool,
        budget: &mut Budget,
    ) -> Option<()> {
        let unknown = Behind { outcome: None, term: NO_TERM };
        for (range, verdict) in self.layers.of(term) {
            let outcome = match verdict {
                Verdict::Outcome(Qualifier::Fail) if hides_fail => None,
                Verdict::Outcome(outcome) => Some(*outcome),
                Verdict::Unknown => None,
            };
            if stays {
                self.behind.paint(*range, Behind { outcome, term: term as u32 }, budget)?;
                continue;
            }
            for interval in self.behind.intervals(*range) {
                budget.take(1)?;
                if self.behind.colour(interval).outcome != outcome {
                    self.behind.dab(interval, unknown);
                }
            }
        }
        Some(())
    }

    /// Makes unknown what stands behind.
    pub(super) fn obscure(&mut self) {
        self.behind.flood(Behind { outcome: None, term: NO_TERM });
    }
}

impl Face<u32> {
    /// Adds for each term the addresses that it passes.
    pub(super) fn count_passed(&self, passed: &mut [u64]) {
        for interval in 0..self.deciders.len() {
            let (term, outcome) = self.deciders.colour(interval);
            if let (Some(sum), Qualifier::Pass) = (passed.get_mut(term as usize), outcome) {
                let addresses = self.deciders.range(interval).addresses();
                *sum += u64::try_from(addresses).unwrap_or_default();
            }
        }
    }
}

/// The addresses of a family that no client of it has.
fn mapped<A: Address>() -> Option<Range<A>> {
    let end = |address: u128| A::from_bits(address).filter(|_| A::BITS == u128::BITS as u8);
    Some(Range { first: end(IP4_MAPPED.first)?, last: end(IP4_MAPPED.last)? })
}
