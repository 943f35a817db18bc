//! Which record of a zone each client meets (RFC 4592 section 3.3.1), network
//! by network.

use crate::addr::{Address, Family, Prefix, Range};
use crate::image::family_label;

use super::ZoneFault;
use super::names::{Entry, ZoneNames, label_at, push_label};

/// Told of each set of clients whose names are answered alike: the records that
/// answer, `None` where the names do not exist; the clients; and the network
/// that the owner of the records stands for.
pub(super) type Visitor<'a, A> =
    dyn FnMut(Option<&[Entry]>, &[Range<A>], Prefix<A>) -> Result<(), ZoneFault> + 'a;

/// Visits all clients of a family whose names lie below `base`.
///
/// # Errors
///
/// What the visitor says.
pub(super) fn visit<A: Address>(
    names: &ZoneNames,
    base: &[u8],
    visitor: &mut Visitor<'_, A>,
) -> Result<(), ZoneFault> {
    let child = |label: &[u8]| {
        let mut name = base.to_vec();
        push_label(&mut name, label);
        name
    };
    let (root, wildcard) = (child(family_label(A::FAMILY).as_bytes()), child(b"*"));
    let everything = Prefix::new(A::MIN, 0);
    let below = names.below(&root);
    if !below.is_empty() {
        return descend(names, below, root.len(), everything, visitor);
    }
    // Without the family's name, a wildcard beside it answers for all of it.
    let wild = names.below(&wildcard);
    let records = (!wild.is_empty()).then(|| names.at(wildcard.len(), wild));
    visitor(records, &[Range::ALL], everything)
}

/// Visits the clients of `block`, whose name is the first `offset` octets of the
/// names of `entries`: all that stands at it and below. Each level takes a label
/// of the address, so there are 33 at most.
fn descend<A: Address>(
    names: &ZoneNames,
    entries: &[Entry],
    offset: usize,
    block: Prefix<A>,
    visitor: &mut Visitor<'_, A>,
) -> Result<(), ZoneFault> {
    let own = names.at(offset, entries);
    if block.length() == A::BITS {
        return visitor(Some(own), &[block.range()], block);
    }
    let mut rest = &entries[own.len()..];
    let mut wildcard = None;
    let mut children: Vec<(Prefix<A>, &[Entry], usize)> = Vec::new();
    while let Some(label) = rest.first().and_then(|first| label_at(names.name(first), offset)) {
        let same = |entry: &Entry| label_at(names.name(entry), offset) == Some(label);
        let (below, behind) = rest.split_at(rest.partition_point(same));
        rest = behind;
        let end = offset + 1 + label.len();
        match child::<A>(block, label) {
            Some(child) => children.push((child, below, end)),
            None if label == b"*" => wildcard = Some(names.at(end, below)),
            // It exists, and no client has it in its name.
            None => {}
        }
    }
    children.sort_by_key(|(child, ..)| *child);
    let gaps = gaps(block, children.iter().map(|(child, ..)| *child));
    if !gaps.is_empty() {
        visitor(wildcard, &gaps, block)?;
    }
    children
        .into_iter()
        .try_for_each(|(child, below, end)| descend(names, below, end, child, visitor))
}

/// The network that a label leads to: a number without leading zeros for IPv4,
/// a nibble for IPv6.
fn child<A: Address>(block: Prefix<A>, label: &[u8]) -> Option<Prefix<A>> {
    let text = std::str::from_utf8(label).ok()?;
    let (bits, part) = match (A::FAMILY, label) {
        (Family::Ip4, [b'0'] | [b'1'..=b'9', ..]) => (8, text.parse::<u8>().ok()?),
        (Family::Ip6, [b'0'..=b'9' | b'a'..=b'f']) => (4, u8::from_str_radix(text, 16).ok()?),
        _ => return None,
    };
    let length = block.length() + bits;
    let address = block.first().to_bits() | u128::from(part) << (A::BITS - length);
    Some(Prefix::new(A::from_bits(address)?, length))
}

/// What is left of a block without some of its networks, which rise.
fn gaps<A: Address>(block: Prefix<A>, children: impl Iterator<Item = Prefix<A>>) -> Vec<Range<A>> {
    let mut gaps = Vec::new();
    let mut next = Some(block.first());
    for child in children {
        let before = child.first().previous();
        gaps.extend(next.zip(before).filter(|(first, last)| first <= last).map(range));
        next = child.last().next();
    }
    let last = block.last();
    gaps.extend(next.filter(|first| *first <= last).map(|first| range((first, last))));
    gaps
}

fn range<A>((first, last): (A, A)) -> Range<A> {
    Range { first, last }
}
