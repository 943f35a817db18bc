//! One address family cut into intervals that can be painted: what earlier
//! terms decide is painted over what later ones do.
//!
//! Knows neither terms nor records.

use std::ops;

use crate::addr::{Address, Range};

/// How much painting an analysis may do before it gives up. A record of
/// thousands of terms takes a tenth; only made-up ones take more.
const MOST_WORK: usize = 4_000_000;

/// What is left of the work that may be done.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { left: MOST_WORK }
    }
}

impl Budget {
    /// Takes from the budget; `None` where not so much is left.
    pub(super) fn take(&mut self, work: usize) -> Option<()> {
        self.left = self.left.checked_sub(work)?;
        Some(())
    }
}

/// A whole address family in intervals, each with a colour.
#[derive(Clone, Debug)]
pub(super) struct Canvas<A, C> {
    /// Where the intervals begin, in rising order; the first is the lowest address.
    starts: Vec<A>,
    /// The colour of each interval, and the coat that it belongs to.
    painted: Vec<(u32, C)>,
    /// What an interval shows whose paint is of an older coat.
    ground: C,
    coat: u32,
}

impl<A: Address, C: Copy> Canvas<A, C> {
    /// A canvas on which each of `ranges` is made of whole intervals.
    pub(super) fn new(ranges: impl Iterator<Item = Range<A>>, ground: C) -> Self {
        let mut starts = vec![A::MIN];
        for range in ranges {
            starts.push(range.first);
            starts.extend(range.last.next());
        }
        starts.sort_unstable();
        starts.dedup();
        let painted = vec![(0, ground); starts.len()];
        Canvas { starts, painted, ground, coat: 0 }
    }

    /// How many intervals there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The addresses of an interval.
    pub(super) fn range(&self, interval: usize) -> Range<A> {
        let next = self.starts.get(interval + 1).and_then(|next| next.previous());
        Range { first: self.starts[interval], last: next.unwrap_or(A::MAX) }
    }

    /// The intervals of one of the ranges that the canvas was made for.
    pub(super) fn intervals(&self, range: Range<A>) -> ops::Range<usize> {
        let begin = self.starts.partition_point(|start| *start < range.first);
        let end = self.starts.partition_point(|start| *start <= range.last);
        begin..end
    }

    /// The colour of an interval.
    pub(super) fn colour(&self, interval: usize) -> C {
        match self.painted[interval] {
            (coat, colour) if coat == self.coat => colour,
            _ => self.ground,
        }
    }

    /// Paints one interval.
    pub(super) fn dab(&mut self, interval: usize, colour: C) {
        self.painted[interval] = (self.coat, colour);
    }

    /// Paints all intervals at once.
    pub(super) fn flood(&mut self, colour: C) {
        self.coat += 1;
        self.ground = colour;
    }

    /// Paints a range; all of the family costs nothing.
    pub(super) fn paint(&mut self, range: Range<A>, colour: C, budget: &mut Budget) -> Option<()> {
        let intervals = self.intervals(range);
        if intervals.len() == self.starts.len() {
            self.flood(colour);
            return budget.take(1);
        }
        budget.take(1 + intervals.len())?;
        for interval in intervals {
            self.dab(interval, colour);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_last_paint_shows(
            strokes in proptest::collection::vec((any::<u8>(), any::<u8>(), 0u8..20), 0..20),
        ) {
            let ranges: Vec<(Range<u32>, u8)> = strokes.iter().map(|&(a, b, colour)| {
                let (first, last) = (u32::from(a.min(b)), u32::from(a.max(b)));
                // Some of them cover everything.
                let all = colour % 7 == 0;
                (if all { Range::ALL } else { Range { first, last } }, colour)
            }).collect();
            let mut canvas = Canvas::new(ranges.iter().map(|(range, _)| *range), 99);
            let mut budget = Budget::default();
            for (range, colour) in &ranges {
                canvas.paint(*range, *colour, &mut budget).unwrap();
            }
            for interval in 0..canvas.len() {
                let whole = canvas.range(interval);
                for address in [whole.first, whole.last] {
                    let last = ranges.iter().rfind(|(range, _)| range.contains(address));
                    prop_assert_eq!(canvas.colour(interval), last.map_or(99, |(_, colour)| *colour));
                }
            }
        }
    }

    #[test]
    fn work_is_bounded() {
        let mut budget = Budget { left: 5 };
        let range = Range { first: 1_u32, last: 2 };
        let mut canvas = Canvas::new([range].into_iter(), 0);
        assert_eq!(canvas.paint(range, 1, &mut budget), Some(()));
        assert_eq!(canvas.paint(range, 1, &mut budget), Some(()));
        assert_eq!(canvas.paint(range, 1, &mut budget), None);
    }
}
