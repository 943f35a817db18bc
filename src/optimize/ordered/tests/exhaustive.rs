//! The least cost of everything that term lists can decide in a small space.
//!
//! Terms are painted from the last to the first, in any order, so all lists
//! count, sorted or not. The shortest paths from the blank space to each
//! painting (Dijkstra) are the least costs. Text is printed to be measured.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::addr::{Address, Prefix};
use crate::outcome::Qualifier;

use super::super::trie::beside;

/// Regions that are together a prefix.
pub(super) struct Space<A> {
    pub(super) regions: Vec<Prefix<A>>,
    /// All prefixes that consist of regions, and which ones.
    prefixes: Vec<(Prefix<A>, Vec<usize>)>,
}

/// What a region is painted with.
pub(super) type Paint = Option<Qualifier>;

/// The least octets and terms for each painting.
pub(super) struct Least {
    paints: Vec<Paint>,
    costs: Vec<(u32, u32)>,
}

impl<A: Address> Space<A> {
    /// A prefix as its parts with `bits` bits more.
    pub(super) fn even(base: &str, bits: u8) -> Space<A> {
        let base = prefix::<A>(base);
        let mut regions = vec![base];
        for _ in 0..bits {
            let halves = regions.iter().map(|region| super::super::trie::halves(*region));
            regions = halves.flat_map(|(low, high)| [low, high]).collect();
        }
        Space::new(base, regions)
    }

    /// A prefix as another one inside, and what lies around that.
    pub(super) fn path(base: &str, inside: &str) -> Space<A> {
        let (base, inside) = (prefix::<A>(base), prefix::<A>(inside));
        let regions = beside(base, inside).chain([inside]).collect();
        Space::new(base, regions)
    }

    fn new(base: Prefix<A>, regions: Vec<Prefix<A>>) -> Space<A> {
        let mut wider: Vec<Prefix<A>> = Vec::new();
        for region in &regions {
            let lengths = base.length()..=region.length();
            wider.extend(lengths.map(|length| Prefix::new(region.first(), length)));
        }
        wider.sort_unstable();
        wider.dedup();
        let within = |prefix: &Prefix<A>| {
            let inside = |index: &usize| prefix.range().contains(regions[*index].first());
            (0..regions.len()).filter(inside).collect()
        };
        let prefixes = wider.iter().map(|prefix| (*prefix, within(prefix))).collect();
        Space { regions, prefixes }
    }

    /// The least costs of all paintings with these paints, the first of which
    /// is what unpainted space has.
    pub(super) fn least(&self, paints: &[Paint]) -> Least {
        let mut costs = vec![(u32::MAX, u32::MAX); paints.len().pow(self.regions.len() as u32)];
        let brushes = self.brushes(paints);
        let mut open = BinaryHeap::from([Reverse(((0, 0), 0))]);
        costs[0] = (0, 0);
        while let Some(Reverse((cost, painting))) = open.pop() {
            if cost > costs[painting] {
                continue;
            }
            for (octets, places, paint) in &brushes {
                let mut painted = painting;
                for place in places {
                    painted -= (painting / place % paints.len()) * place;
                    painted += paint * place;
                }
                let cost = (cost.0 + octets, cost.1 + 1);
                if cost < costs[painted] {
                    costs[painted] = cost;
                    open.push(Reverse((cost, painted)));
                }
            }
        }
        Least { paints: paints.to_vec(), costs }
    }

    /// Each term with its octets, the places of its regions in the number of a
    /// painting, and its paint.
    fn brushes(&self, paints: &[Paint]) -> Vec<(u32, Vec<usize>, usize)> {
        let mut brushes = Vec::new();
        for (prefix, regions) in &self.prefixes {
            let places = regions.iter().map(|region| paints.len().pow(*region as u32));
            let places: Vec<usize> = places.collect();
            for (index, paint) in paints.iter().enumerate() {
                let Some(outcome) = paint else { continue };
                let text = format!(" {}{}:{prefix}", outcome.prefix(), A::FAMILY.as_str());
                brushes.push((text.len() as u32, places.clone(), index));
            }
        }
        brushes
    }
}

impl Least {
    pub(super) fn paints(&self) -> &[Paint] {
        &self.paints
    }

    /// The least cost of a painting in which each region has one of some
    /// paints; nothing where none can be reached.
    pub(super) fn of(&self, regions: &[Vec<Paint>]) -> (u32, u32) {
        let mut paintings = vec![0];
        for region in regions.iter().rev() {
            let add = |painting: usize| {
                let index = |paint| self.paints.iter().position(|known| known == paint).unwrap();
                region.iter().map(move |paint| painting * self.paints.len() + index(paint))
            };
            paintings = paintings.into_iter().flat_map(add).collect();
        }
        paintings.into_iter().map(|painting| self.costs[painting]).min().unwrap()
    }
}

fn prefix<A: Address>(text: &str) -> Prefix<A> {
    let net: ipnet::IpNet = text.parse().unwrap();
    Prefix::new(A::from_ip(net.addr()).unwrap(), net.prefix_len())
}
