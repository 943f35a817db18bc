//! What a record has to decide at one position, for all addresses of a family.

use std::cmp::Ordering;

use crate::addr::{Address, AddressSet, IP4_MAPPED, Range, RangeSet};
use crate::optimize::Sequence;
use crate::outcome::Qualifier;

/// What the terms at a position have to do with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Decide it so.
    Decided(Qualifier),
    /// Leave it alone: what stands behind decides.
    Open,
    /// Anything: no client gets there with this address.
    Free,
}

impl Content {
    /// Whether that is so where the closest term around gives `state`, `None`
    /// being no term and `default` what no term gives.
    pub(super) fn is_met(self, state: Option<Qualifier>, default: Option<Qualifier>) -> bool {
        match self {
            Content::Free => true,
            Content::Open => state.is_none(),
            Content::Decided(outcome) => state.or(default) == Some(outcome),
        }
    }
}

/// The addresses from `first` up to the next cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell<A> {
    pub(super) first: A,
    pub(super) content: Content,
}

/// A family, cell by cell, beginning at its lowest address; neighbours differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells<A>(Vec<Cell<A>>);

impl<A: Address> Cells<A> {
    fn push(&mut self, first: A, content: Content) {
        if self.0.last().is_none_or(|cell| cell.content != content) {
            self.0.push(Cell { first, content });
        }
    }

    pub(super) fn as_slice(&self) -> &[Cell<A>] {
        &self.0
    }

    /// The same addresses with other contents.
    pub(super) fn map(&self, mut content: impl FnMut(Content) -> Content) -> Cells<A> {
        let mut mapped = Cells(Vec::new());
        for cell in &self.0 {
            mapped.push(cell.first, content(cell.content));
        }
        mapped
    }

    /// The contents of the cells that overlap `range`.
    pub(super) fn within(&self, range: Range<A>) -> impl Iterator<Item = Content> {
        overlapping(&self.0, range).iter().map(|cell| cell.content)
    }
}

/// The cells of a slice that overlap `range`, which must not begin before them.
pub(super) fn overlapping<A: Address>(cells: &[Cell<A>], range: Range<A>) -> &[Cell<A>] {
    let from = cells.partition_point(|cell| cell.first <= range.first).saturating_sub(1);
    let to = cells.partition_point(|cell| cell.first <= range.last);
    &cells[from..to]
}

/// What the terms at one position have to do, in both families.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) ip4: Cells<u32>,
    pub(super) ip6: Cells<u128>,
}

impl Wanted {
    /// The addresses of groups at earlier positions are free, and so are
    /// IPv4-mapped ones; those that no group up to here has are `open`.
    pub(super) fn at(position: usize, sequence: &Sequence, open: Content) -> Wanted {
        let mapped: RangeSet<u128> = [IP4_MAPPED].into_iter().collect();
        let none = RangeSet::default();
        Wanted {
            ip4: cells(position, sequence, open, &none, |set| &set.ip4),
            ip6: cells(position, sequence, open, &mapped, |set| &set.ip6),
        }
    }

    /// The outcomes that are decided for some address, each once, in order.
    pub(super) fn outcomes(&self) -> Vec<Qualifier> {
        let ip4 = self.ip4.0.iter().map(|cell| cell.content);
        let all: Vec<Content> = ip4.chain(self.ip6.0.iter().map(|cell| cell.content)).collect();
        let occurs = |outcome: &Qualifier| all.contains(&Content::Decided(*outcome));
        Qualifier::ALL.into_iter().filter(occurs).collect()
    }
}

fn cells<A: Address>(
    position: usize,
    sequence: &Sequence,
    open: Content,
    no_client: &RangeSet<A>,
    family: impl Fn(&AddressSet) -> &RangeSet<A>,
) -> Cells<A> {
    let mut painted: Vec<(Range<A>, Content)> =
        no_client.ranges().iter().map(|range| (*range, Content::Free)).collect();
    for group in &sequence.groups {
        let content = match group.position.cmp(&position) {
            Ordering::Less => Content::Free,
            Ordering::Equal => Content::Decided(group.outcome),
            Ordering::Greater => continue,
        };
        let set = family(&group.set).difference(no_client);
        painted.extend(set.ranges().iter().map(|range| (*range, content)));
    }
    painted.sort_unstable_by_key(|(range, _)| range.first);
    let mut cells = Cells(Vec::with_capacity(2 * painted.len() + 1));
    let mut next = Some(A::MIN);
    for (range, content) in painted {
        let Some(start) = next.filter(|start| *start <= range.last) else { continue };
        if start < range.first {
            cells.push(start, open);
        }
        cells.push(start.max(range.first), content);
        next = range.last.next();
    }
    if let Some(start) = next {
        cells.push(start, open);
    }
    cells
}
