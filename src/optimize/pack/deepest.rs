//! A search over all packings into so many chunks, for when no rule of thumb
//! finds one. It gives up after a number of steps.

use super::bins::{Bin, Item, capacity};
use super::search::{Packed, Problem};

/// Steps of one search.
const MOST_STEPS: usize = 100_000;

/// A packing into at most `count` chunks, where there is one within reach;
/// with `stay` terms may stay in the own record.
pub(super) fn deepest(
    problem: &Problem<'_>,
    count: usize,
    longest: &[usize],
    stay: bool,
) -> Option<Packed> {
    let each = capacity(problem.room(count));
    let empty: Vec<Bin> = (1..=count).map(|number| Bin::new(number, 0)).collect();
    // Which group an empty chunk is of says how long the qualifier before its
    // include is, an octet more or less: the packing is judged at its end.
    let own = (problem.own_octets)(&empty, &[]).unwrap_or(usize::MAX);
    let own_left = if stay { problem.own_room.saturating_sub(own) } else { 0 };
    let mut search = Search {
        problem,
        longest,
        count,
        each,
        behind: behind(problem.items, longest),
        loads: Vec::with_capacity(count),
        own_left,
        places: vec![Place::Own; longest.len()],
        steps: 0,
        found: None,
    };
    search.place(0);
    search.found
}

/// For each place in `longest` the octets of all items from there on.
fn behind(items: &[Item<'_>], longest: &[usize]) -> Vec<usize> {
    let mut sums = vec![0; longest.len() + 1];
    for (at, item) in longest.iter().enumerate().rev() {
        sums[at] = sums[at + 1] + items[*item].unit.chunk_octets();
    }
    sums
}

#[derive(Clone, Copy)]
enum Place {
    Chunk(usize),
    Own,
}

struct Load {
    group: usize,
    left: usize,
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    longest: &'a [usize],
    count: usize,
    each: usize,
    behind: Vec<usize>,
    loads: Vec<Load>,
    own_left: usize,
    places: Vec<Place>,
    steps: usize,
    found: Option<Packed>,
}

impl Search<'_> {
    /// Whether the places that were chosen are a packing to the octet.
    fn holds(&mut self) -> bool {
        // Writing records down is as much work as many steps.
        self.steps += 400;
        let mut packed = Packed::default();
        let bins = self.loads.iter().enumerate();
        packed.bins.extend(bins.map(|(index, load)| Bin::new(index + 1, load.group)));
        for (item, place) in self.longest.iter().zip(&self.places) {
            match place {
                Place::Own => packed.staying.push(*item),
                Place::Chunk(bin) => packed.bins[*bin].put(*item, self.problem.items),
            }
        }
        packed.staying.sort_unstable();
        let room = self.problem.room(self.count);
        let fits = |bin: &Bin| bin.record(self.problem.items).rdata_octets() <= room;
        if packed.bins.iter().all(fits) {
            self.found = self.problem.checked(packed);
        }
        self.found.is_some()
    }

    /// Places the items from `at` on. The recursion is as deep as there are
    /// items, which fill at most some forty chunks.
    fn place(&mut self, at: usize) -> bool {
        let Some(&index) = self.longest.get(at) else { return self.holds() };
        self.steps += 1;
        let left: usize = self.loads.iter().map(|load| load.left).sum();
        let left = left + (self.count - self.loads.len()) * self.each + self.own_left;
        if self.steps > MOST_STEPS || self.behind[at] > left {
            return false;
        }
        let item = self.problem.items[index];
        let octets = item.unit.chunk_octets();
        let mut tried = Vec::new();
        for bin in 0..self.loads.len() {
            let Load { group, left } = self.loads[bin];
            // Chunks with the same room are the same.
            if group != item.group || left < octets || tried.contains(&left) {
                continue;
            }
            tried.push(left);
            self.loads[bin].left -= octets;
            self.places[at] = Place::Chunk(bin);
            if self.place(at + 1) {
                return true;
            }
            self.loads[bin].left += octets;
        }
        if self.loads.len() < self.count && octets <= self.each {
            self.places[at] = Place::Chunk(self.loads.len());
            self.loads.push(Load { group: item.group, left: self.each - octets });
            if self.place(at + 1) {
                return true;
            }
            self.loads.pop();
        }
        let own = item.unit.own.as_ref();
        let own = own.map(|terms| terms.iter().map(|term| 1 + term.len()).sum::<usize>());
        if let Some(own) = own.filter(|own| *own <= self.own_left) {
            self.own_left -= own;
            self.places[at] = Place::Own;
            if self.place(at + 1) {
                return true;
            }
            self.own_left += own;
        }
        false
    }
}
