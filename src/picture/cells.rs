//! Ranges as areas and markers: what is large enough is drawn to scale, and
//! what is smaller than a marker gets one, so that a single address is seen in
//! a picture of the whole space.
//!
//! What a class stands for and how it looks is for others to say.

use crate::addr::{Address, Prefix, Range};

use super::view::{Rectangle, View};

/// A range of the class that it is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range<u32>,
    pub(super) class: usize,
}

/// A tile whose addresses fill less than half of it, with the classes in it,
/// that of the most addresses first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) rectangle: Rectangle,
    pub(super) classes: Vec<usize>,
}

/// What is drawn for some ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells {
    /// To scale; points that several classes share have that of the most
    /// addresses.
    pub(super) areas: Vec<(usize, Rectangle)>,
    /// Larger than what they stand for.
    pub(super) markers: Vec<Marker>,
}

impl Cells {
    /// Lays out parts, which are in rising order and apart from each other.
    /// Markers are as large as `marker` points.
    pub(super) fn new(view: &View, parts: &[Part], marker: u32) -> Cells {
        let (tile_bits, cell_bits) = (view.bits_of(marker), view.bits_of(1));
        let mut runs = Runs::default();
        let mut markers = Vec::new();
        for tile in blocks(view.prefix().range(), tile_bits) {
            let inside = overlapping(parts, tile.range());
            let classes = by_size(inside, tile.range());
            let covered: u64 = classes.iter().map(|(_, count)| count).sum();
            match classes.as_slice() {
                [] => {}
                [(class, _)] if covered == size(tile.range()) => runs.add(tile.range(), *class),
                _ if 2 * covered >= size(tile.range()) => {
                    for cell in blocks(tile.range(), cell_bits) {
                        let here = by_size(overlapping(inside, cell.range()), cell.range());
                        if let Some((class, _)) = here.first() {
                            runs.add(cell.range(), *class);
                        }
                    }
                }
                _ => markers.extend(view.rectangle(tile).map(|rectangle| Marker {
                    rectangle,
                    classes: classes.iter().map(|(class, _)| *class).collect(),
                })),
            }
        }
        Cells { areas: runs.areas(view), markers }
    }
}

/// Ranges of one class each; neighbours of the same class are one.
#[derive(Default)]
struct Runs(Vec<Part>);

impl Runs {
    fn add(&mut self, range: Range<u32>, class: usize) {
        match self.0.last_mut() {
            Some(last) if last.class == class && last.range.last.next() == Some(range.first) => {
                last.range.last = range.last;
            }
            _ => self.0.push(Part { range, class }),
        }
    }

    fn areas(&self, view: &View) -> Vec<(usize, Rectangle)> {
        let of = |run: &Part| {
            let class = run.class;
            view.rectangles(run.range).map(move |rectangle| (class, rectangle)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }
}

/// The prefixes with so many host bits that a range is cut into; the range
/// itself where it is smaller than one.
fn blocks(range: Range<u32>, bits: u8) -> impl Iterator<Item = Prefix<u32>> {
    let mut next = Some(range.first);
    std::iter::from_fn(move || {
        let first = next.filter(|first| *first <= range.last)?;
        let block = Prefix::new(first, 32 - bits);
        next = block.last().next();
        Some(block)
    })
}

/// The parts that have an address of a range.
fn overlapping(parts: &[Part], range: Range<u32>) -> &[Part] {
    let from = parts.partition_point(|part| part.range.last < range.first);
    let to = parts.partition_point(|part| part.range.first <= range.last);
    parts.get(from..to).unwrap_or_default()
}

/// The classes with how many addresses of a range they have, most first.
fn by_size(parts: &[Part], range: Range<u32>) -> Vec<(usize, u64)> {
    let mut counts: Vec<(usize, u64)> = Vec::new();
    for part in parts {
        let first = part.range.first.max(range.first);
        let both = size(Range { first, last: part.range.last.min(range.last) });
        match counts.iter_mut().find(|(class, _)| *class == part.class) {
            Some((_, count)) => *count += both,
            None => counts.push((part.class, both)),
        }
    }
    counts.sort_by_key(|(class, count)| (std::cmp::Reverse(*count), *class));
    counts
}

fn size(range: Range<u32>) -> u64 {
    u64::from(range.last - range.first) + 1
}

#[cfg(test)]
#[path = "cells_tests.rs"]
mod tests;
