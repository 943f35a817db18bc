//! One address family cut into ranges, each with a decision and where it came
//! from: sorted cuts, of which each holds up to the next.

use crate::addr::{Address, Prefix, Range};

use super::decision::{DecisionId, Decisions};

/// From `start` up to the next cut, this decision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut<A> {
    /// The lowest address of the range.
    pub start: A,
    /// What is decided there.
    pub decision: DecisionId,
    /// Which term decided it: an index into the map's origins.
    pub origin: u32,
}

/// A whole address family. The first cut starts at the lowest address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space<A> {
    cuts: Vec<Cut<A>>,
}

/// A prefix with what it decides; earlier ones in a list win.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer<A> {
    pub(super) prefix: Prefix<A>,
    pub(super) decision: DecisionId,
    pub(super) origin: u32,
}

impl<A: Address> Space<A> {
    /// The same decision for every address.
    pub(super) fn uniform(decision: DecisionId, origin: u32) -> Self {
        Space { cuts: vec![Cut { start: A::MIN, decision, origin }] }
    }

    /// The cuts in rising order; at least one.
    pub fn cuts(&self) -> &[Cut<A>] {
        &self.cuts
    }

    /// Each range with its decision and origin, in rising order.
    pub fn ranges(&self) -> impl Iterator<Item = (Range<A>, DecisionId, u32)> {
        self.ranges_behind(0)
    }

    /// The ranges of all cuts but the first `count`.
    fn ranges_behind(&self, count: usize) -> impl Iterator<Item = (Range<A>, DecisionId, u32)> {
        let cuts = self.cuts.get(count..).unwrap_or_default();
        cuts.iter().enumerate().map(move |(index, cut)| {
            let next = cuts.get(index + 1).and_then(|next| next.start.previous());
            (Range { first: cut.start, last: next.unwrap_or(A::MAX) }, cut.decision, cut.origin)
        })
    }

    /// The ranges from the one that holds `address` on.
    pub(super) fn ranges_from(
        &self,
        address: A,
    ) -> impl Iterator<Item = (Range<A>, DecisionId, u32)> {
        let behind = self.cuts.partition_point(|cut| cut.start <= address);
        self.ranges_behind(behind.saturating_sub(1))
    }

    /// What is decided for one address, and where that came from.
    pub fn at(&self, address: A) -> Cut<A> {
        let behind = self.cuts.partition_point(|cut| cut.start <= address);
        self.cuts[behind.saturating_sub(1)]
    }

    /// A first-match list of prefixes; `otherwise` where none matches.
    ///
    /// Prefixes nest or are apart, so a sweep in rising order needs only a
    /// stack of those that are open, each with the earliest one around it.
    pub(super) fn first_match(layers: &[Layer<A>], otherwise: DecisionId) -> Self {
        let mut order: Vec<u32> = (0..layers.len() as u32).collect();
        let key = |index: &u32| {
            let prefix = layers[*index as usize].prefix;
            (prefix.first(), prefix.length(), *index)
        };
        order.sort_unstable_by_key(key);
        let mut sweep = Sweep {
            layers,
            otherwise,
            open: Vec::new(),
            cuts: Vec::with_capacity(2 * layers.len() + 1),
        };
        sweep.cut(A::MIN);
        for index in order {
            let prefix = layers[index as usize].prefix;
            sweep.close_before(Some(prefix.first()));
            let winner = sweep.open.last().map_or(index, |(_, around)| index.min(*around));
            sweep.open.push((prefix.last(), winner));
            sweep.cut(prefix.first());
        }
        sweep.close_before(None);
        Space { cuts: sweep.cuts }
    }

    /// `self`, and `behind` where it leaves the question open.
    pub(super) fn then(&self, behind: &Space<A>, decisions: &mut Decisions) -> Space<A> {
        self.zip(behind, |first, second| {
            let decision = decisions.sequence(first.decision, second.decision);
            let origin = if decision == first.decision { first.origin } else { second.origin };
            (decision, origin)
        })
    }

    /// Joins two spaces cut by cut; equal neighbours become one.
    fn zip(
        &self,
        other: &Space<A>,
        mut join: impl FnMut(Cut<A>, Cut<A>) -> (DecisionId, u32),
    ) -> Space<A> {
        let mut cuts: Vec<Cut<A>> = Vec::with_capacity(self.cuts.len() + other.cuts.len());
        for (start, first, second) in self.pairs(other) {
            let (decision, origin) = join(first, second);
            push_cut(&mut cuts, Cut { start, decision, origin });
        }
        Space { cuts }
    }

    /// Where either space is cut, with the cut of each that holds from there.
    pub(super) fn pairs<'a>(
        &'a self,
        other: &'a Space<A>,
    ) -> impl Iterator<Item = (A, Cut<A>, Cut<A>)> + 'a {
        let (mut mine, mut theirs) = (0, 0);
        let mut next = Some(A::MIN);
        std::iter::from_fn(move || {
            let start = next?;
            let pair = (start, self.cuts[mine], other.cuts[theirs]);
            let my_next = self.cuts.get(mine + 1).map(|cut| cut.start);
            let their_next = other.cuts.get(theirs + 1).map(|cut| cut.start);
            next = match (my_next, their_next) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            mine += usize::from(my_next.is_some() && my_next == next);
            theirs += usize::from(their_next.is_some() && their_next == next);
            Some(pair)
        })
    }

    /// The same ranges with other decisions; equal neighbours become one.
    pub(super) fn map(&self, mut decide: impl FnMut(DecisionId) -> DecisionId) -> Space<A> {
        let mut cuts = Vec::with_capacity(self.cuts.len());
        for cut in &self.cuts {
            push_cut(&mut cuts, Cut { decision: decide(cut.decision), ..*cut });
        }
        Space { cuts }
    }
}

fn push_cut<A: Address>(cuts: &mut Vec<Cut<A>>, cut: Cut<A>) {
    match cuts.last() {
        Some(last) if last.decision == cut.decision && last.origin == cut.origin => {}
        _ => cuts.push(cut),
    }
}

struct Sweep<'a, A> {
    layers: &'a [Layer<A>],
    otherwise: DecisionId,
    /// The last address of each open prefix and the index of the earliest
    /// layer that it lies in, itself included.
    open: Vec<(A, u32)>,
    cuts: Vec<Cut<A>>,
}

impl<A: Address> Sweep<'_, A> {
    /// Ends the open prefixes that end before `start`; all of them for `None`.
    fn close_before(&mut self, start: Option<A>) {
        while let Some((last, _)) = self.open.last().copied() {
            if start.is_some_and(|start| start <= last) {
                return;
            }
            self.open.pop();
            if let Some(behind) = last.next() {
                self.cut(behind);
            }
        }
    }

    /// From `start` on, what the innermost open prefix says holds.
    fn cut(&mut self, start: A) {
        let (decision, origin) = match self.open.last() {
            Some((_, winner)) => {
                let layer = self.layers[*winner as usize];
                (layer.decision, layer.origin)
            }
            None => (self.otherwise, u32::MAX),
        };
        if self.cuts.last().is_some_and(|last| last.start == start) {
            self.cuts.pop();
        }
        push_cut(&mut self.cuts, Cut { start, decision, origin });
    }
}
