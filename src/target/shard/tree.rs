//! Dividing a network into records: which children get records of their own.

use crate::addr::{Address, Prefix};
use crate::optimize::rdata_octets;

use super::super::owner::label_bits;
use super::ShardError;
use super::choice::{Part, choose};
use super::message::{Room, fixed_octets, policy, term_octets};

/// A network with a record of its own.
#[derive(Debug)]
pub(super) struct Shard<A> {
    pub(super) block: Prefix<A>,
    /// The terms of its record, in rising order.
    pub(super) kept: Vec<Prefix<A>>,
    /// The children with records of their own, in rising order.
    pub(super) children: Vec<Shard<A>>,
}

impl<A> Shard<A> {
    fn records(&self) -> usize {
        // A tree is as deep as an address has labels, 32 at most.
        1 + self.children.iter().map(Shard::records).sum::<usize>()
    }
}

/// Terms of an overfull network that stay together: those of one child, or
/// one that is wider than a child.
struct Bundle<A> {
    terms: Vec<Prefix<A>>,
    /// The children, with records of their own.
    apart: Vec<Shard<A>>,
}

/// The records of `block`; the terms are disjoint, in rising order, and none
/// reaches out of the block. Each level takes a label more of the address, so
/// there are 33 levels at most.
pub(super) fn divide<A: Address>(
    room: &Room,
    block: Prefix<A>,
    terms: &[Prefix<A>],
) -> Result<Shard<A>, ShardError> {
    let data = room.data_octets(block)?;
    let octets = terms.iter().map(|term| term_octets(*term)).sum::<usize>() + fixed_octets();
    room.count_record()?;
    if octets < data && rdata_octets(&policy(terms)) <= data {
        return Ok(Shard { block, kept: terms.to_vec(), children: Vec::new() });
    }
    let empty = policy::<A>(&[]);
    if rdata_octets(&empty) > data {
        return Err(room.too_small(block, &empty));
    }
    // A network without room for its one term would become its addresses.
    if terms == [block] {
        return Err(room.too_small(block, &policy(terms)));
    }
    let bundles = bundles(room, block, terms)?;
    let stays = staying(&bundles, data);
    let mut shard = Shard { block, kept: Vec::new(), children: Vec::new() };
    for (bundle, stays) in bundles.into_iter().zip(stays) {
        match stays {
            true => shard.kept.extend(bundle.terms),
            false => shard.children.extend(bundle.apart),
        }
    }
    Ok(shard)
}

/// The terms of a block, child by child.
fn bundles<A: Address>(
    room: &Room,
    block: Prefix<A>,
    terms: &[Prefix<A>],
) -> Result<Vec<Bundle<A>>, ShardError> {
    let length = block.length() + label_bits::<A>();
    let mut bundles = Vec::new();
    let mut rest = terms;
    while let Some(first) = rest.first() {
        let child = Prefix::new(first.first(), length);
        let last = child.last();
        // What is wider than a child stands alone: terms are disjoint.
        let count = rest.partition_point(|term| term.first() <= last);
        let (own, behind) = rest.split_at(count);
        rest = behind;
        let apart = match first.length() < length {
            false => vec![divide(room, child, own)?],
            true => {
                let children = children(*first, length);
                children.map(|child| divide(room, child, &[child])).collect::<Result<_, _>>()?
            }
        };
        bundles.push(Bundle { terms: own.to_vec(), apart });
    }
    Ok(bundles)
}

/// The networks of `length` bits in a wider one.
fn children<A: Address>(wide: Prefix<A>, length: u8) -> impl Iterator<Item = Prefix<A>> {
    let first = Some(Prefix::new(wide.first(), length));
    std::iter::successors(first, move |child| {
        let next = child.last().next().filter(|next| *next <= wide.last())?;
        Some(Prefix::new(next, length))
    })
}

/// Which bundles stay in a record of `data` octets.
fn staying<A: Address>(bundles: &[Bundle<A>], data: usize) -> Vec<bool> {
    let part = |bundle: &Bundle<A>| Part {
        octets: bundle.terms.iter().map(|term| term_octets(*term)).sum(),
        records: bundle.apart.iter().map(Shard::records).sum(),
    };
    let parts: Vec<Part> = bundles.iter().map(part).collect();
    // Strings have 255 octets behind an octet of length. They end between
    // terms, so it may take one more than their octets say.
    let strings = data.div_ceil(256);
    let mut room = data.saturating_sub(strings + fixed_octets());
    loop {
        let stays = choose(&parts, room);
        let kept = bundles.iter().zip(&stays).filter(|(_, stays)| **stays);
        let terms: Vec<Prefix<A>> = kept.flat_map(|(bundle, _)| bundle.terms.clone()).collect();
        let over = rdata_octets(&policy(&terms)).saturating_sub(data);
        if room == 0 || over == 0 {
            return stays;
        }
        room = room.saturating_sub(over);
    }
}
