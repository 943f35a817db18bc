//! The fewest chunks that hold all terms: what is published is filled up
//! first, then best fit in the order of addresses, then best fit of the
//! longest first, then each chunk as full as can be, then a search with a bound
//! on its work.
//!
//! Terms stay in the policy's own record only where that saves a chunk:
//! otherwise it stays as it is when ranges come and go.

use super::bins::{Bin, Item, capacity};
use super::deepest::deepest;
use super::fullest::fullest;
use super::{Layout, PublishedTerms};

/// Chunks above which nobody can publish the result, so that it is only worth
/// counting: lookups are limited to ten.
const MOST_SEARCHED: usize = 30;

/// Octets of data of the own record with these chunks and these items in it.
pub(super) type OwnOctets<'a> = dyn Fn(&[Bin], &[usize]) -> Option<usize> + 'a;

/// What is to be packed into chunks.
pub(super) struct Problem<'a> {
    /// The terms, in the order of their groups and addresses.
    pub(super) items: &'a [Item<'a>],
    /// The names and sizes of chunks.
    pub(super) layout: &'a dyn Layout,
    /// What is published.
    pub(super) published: &'a PublishedTerms,
    /// Octets of data of the own record when it includes these chunks and
    /// these items stay in it; `None` where they cannot.
    pub(super) own_octets: &'a OwnOctets<'a>,
    /// Octets of data that the own record may have.
    pub(super) own_room: usize,
}

/// Items, packed.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    /// The chunks, in the order of their numbers.
    pub(super) bins: Vec<Bin>,
    /// The items that stay in the own record, in rising order.
    pub(super) staying: Vec<usize>,
}

/// The fewest chunks, at most `most`; `None` where the own record does not fit.
pub(super) fn fewest(problem: &Problem<'_>, most: usize) -> Option<Packed> {
    if problem.items.is_empty() {
        return problem.checked(Packed::default());
    }
    let octets = problem.octets();
    let each = capacity(problem.room(1)).max(1);
    if octets / each > MOST_SEARCHED {
        let packed = problem.in_a_row();
        return problem.checked(packed).filter(|packed| packed.bins.len() <= most);
    }
    let least = octets.saturating_sub(problem.own_room).div_ceil(each);
    let counts = least..=most.min(problem.items.len());
    counts
        .take_while(|count| problem.includes_fit(*count))
        .find_map(|count| problem.in_chunks(count))
}

impl Problem<'_> {
    pub(super) fn octets(&self) -> usize {
        self.items.iter().map(|item| item.unit.chunk_octets()).sum()
    }

    /// Octets of data that each of so many chunks may have: what the longest
    /// of their names leaves.
    pub(super) fn room(&self, count: usize) -> usize {
        let published = self.published.chunks.iter().map(|(number, _)| *number);
        let longest = published.chain([count]).max().unwrap_or(count);
        self.layout.chunk(longest).room(self.layout.most())
    }

    /// A packing, where the own record fits with it.
    pub(super) fn checked(&self, packed: Packed) -> Option<Packed> {
        let octets = (self.own_octets)(&packed.bins, &packed.staying)?;
        (octets <= self.own_room).then_some(packed)
    }

    /// Whether the own record has room for that many includes and nothing else
    /// of what may be in chunks.
    fn includes_fit(&self, count: usize) -> bool {
        let groups = self.items.iter().map(|item| item.group).max().unwrap_or(0);
        (0..=groups).any(|group| {
            let bins: Vec<Bin> = (1..=count).map(|number| Bin::new(number, group)).collect();
            (self.own_octets)(&bins, &[]).is_some_and(|octets| octets <= self.own_room)
        })
    }

    /// A packing into at most `count` chunks.
    fn in_chunks(&self, count: usize) -> Option<Packed> {
        let addresses: Vec<usize> = (0..self.items.len()).collect();
        let mut longest = addresses.clone();
        longest.sort_by_key(|item| std::cmp::Reverse(self.items[*item].unit.chunk_octets()));
        let published = self.published(count);
        if !published.staying.is_empty()
            && let Some(packed) = self.best_fit(published.clone(), count, &addresses, true)
        {
            return Some(packed);
        }
        let in_chunks = Packed { staying: Vec::new(), ..published };
        [false, true].into_iter().find_map(|stay| {
            let fits = stay || self.octets() <= count * capacity(self.room(count));
            let fresh = |order: &[usize]| self.best_fit(Packed::default(), count, order, stay);
            fits.then(|| {
                self.best_fit(in_chunks.clone(), count, &addresses, stay)
                    .or_else(|| fresh(&addresses))
                    .or_else(|| fresh(&longest))
                    .or_else(|| fullest(self, count, stay).map(numbered))
                    .or_else(|| deepest(self, count, &longest, stay).map(numbered))
            })?
        })
    }

    /// What is published already and still holds: chunks with the terms that
    /// are left of them, and the terms that stay in the own record.
    fn published(&self, count: usize) -> Packed {
        let published = self.published;
        let mut placed = vec![false; self.items.len()];
        let mut bins: Vec<Bin> = Vec::new();
        for (number, terms) in &published.chunks {
            let mut bin: Option<Bin> = None;
            for (index, item) in self.items.iter().enumerate() {
                if placed[index] || !item.unit.chunk.iter().all(|term| terms.contains(term)) {
                    continue;
                }
                let open = bin.get_or_insert_with(|| Bin::new(*number, item.group));
                if open.group == item.group && open.has_room(index, self.items, self.room(count)) {
                    open.put(index, self.items);
                    placed[index] = true;
                }
            }
            bins.extend(bin.filter(|bin| !bin.items.is_empty()));
        }
        while bins.len() > count {
            let least = (0..bins.len()).min_by_key(|bin| bins[*bin].octets).unwrap_or_default();
            bins.remove(least);
        }
        let own = |index: &usize| {
            let unit = &self.items[*index].unit;
            let own = unit.own.as_ref();
            !placed[*index]
                && own.is_some_and(|own| own.iter().all(|term| published.own.contains(term)))
        };
        let staying = (0..self.items.len()).filter(own).collect();
        Packed { bins, staying }
    }

    /// Puts each item that is not there yet into the fullest chunk that has
    /// room, into a new one, or, with `stay`, into the own record.
    fn best_fit(&self, from: Packed, count: usize, order: &[usize], stay: bool) -> Option<Packed> {
        let fresh = from.bins.is_empty();
        let Packed { mut bins, mut staying } = from;
        let mut placed = vec![false; self.items.len()];
        let known = bins.iter().flat_map(|bin| &bin.items).chain(&staying);
        known.for_each(|item| placed[*item] = true);
        let room = self.room(count);
        for &index in order.iter().filter(|item| !placed[**item]) {
            let item = &self.items[index];
            let fits = |bin: &usize| {
                let bin: &Bin = &bins[*bin];
                bin.group == item.group && bin.has_room(index, self.items, room)
            };
            let fitting = (0..bins.len()).filter(fits);
            match fitting.max_by_key(|bin| bins[*bin].octets) {
                Some(bin) => bins[bin].put(index, self.items),
                None if bins.len() < count => {
                    let mut bin = Bin::new(free_number(&bins), item.group);
                    bin.put(index, self.items);
                    bins.push(bin);
                }
                None if stay && item.unit.own.is_some() => staying.push(index),
                None => return None,
            }
        }
        staying.sort_unstable();
        let packed = Packed { bins, staying };
        let packed = if fresh { numbered(packed) } else { sorted(packed) };
        self.checked(packed)
    }

    /// Chunks filled one behind the other, for when there are so many of them
    /// that no record can include them all.
    fn in_a_row(&self) -> Packed {
        let mut bins: Vec<Bin> = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let room = self.layout.chunk(bins.len().max(1)).room(self.layout.most());
            let open = bins.last_mut().filter(|bin| bin.group == item.group);
            match open.filter(|bin| bin.has_room(index, self.items, room)) {
                Some(bin) => bin.put(index, self.items),
                None => {
                    let mut bin = Bin::new(bins.len() + 1, item.group);
                    bin.put(index, self.items);
                    bins.push(bin);
                }
            }
        }
        Packed { bins, staying: Vec::new() }
    }
}

/// The least number that no chunk has.
fn free_number(bins: &[Bin]) -> usize {
    let taken = |number: &usize| bins.iter().any(|bin| bin.number == *number);
    (1..=bins.len()).find(|number| !taken(number)).unwrap_or(bins.len() + 1)
}

/// Numbers chunks in the order of their groups and first addresses.
fn numbered(mut packed: Packed) -> Packed {
    packed.bins.sort_by(|a, b| (a.group, &a.items).cmp(&(b.group, &b.items)));
    for (index, bin) in packed.bins.iter_mut().enumerate() {
        bin.number = index + 1;
    }
    packed
}

fn sorted(mut packed: Packed) -> Packed {
    packed.bins.sort_by_key(|bin| bin.number);
    packed
}
