//! A zone read back to address ranges: for which clients the name of an
//! `exists` macro holds an address, by the wildcard rules of RFC 4592.

use std::collections::BTreeMap;

use crate::addr::{Address, AddressSet, Prefix, Range};
use crate::dns::{Owner, RecordType};
use crate::name::DomainName;

/// The names of a zone below one name, label by label from there down.
#[derive(Debug, Default)]
struct Tree {
    below: BTreeMap<Vec<u8>, Tree>,
    has_address: bool,
    has_alias: bool,
}

/// The clients whose name in the reversed layout, with the family in it, has an
/// address in the zone with these owners. `None` where an alias below `zone`
/// leads elsewhere.
pub fn zone_ranges<'a>(
    owners: impl IntoIterator<Item = &'a Owner>,
    zone: &DomainName,
) -> Option<AddressSet> {
    let mut tree = Tree::default();
    for owner in owners {
        if !owner.name.is_at_or_below(zone) {
            continue;
        }
        let labels: Vec<&[u8]> = owner.name.labels().collect();
        let below = labels.len() - zone.label_count();
        let mut at = &mut tree;
        for label in labels[..below].iter().rev() {
            at = at.below.entry(label.to_ascii_lowercase()).or_default();
        }
        at.has_address |= owner.sets.iter().any(|set| set.records.record_type() == RecordType::A);
        at.has_alias |= owner.alias.is_some();
    }
    let mut alias = tree.has_alias;
    let ip4 = family_ranges(&tree, b"in-addr", 8, &mut alias);
    let ip6 = family_ranges(&tree, b"ip6", 4, &mut alias);
    let set = AddressSet { ip4: ip4.into_iter().collect(), ip6: ip6.into_iter().collect() };
    (!alias).then_some(set)
}

/// The ranges below the label of one family; where that does not exist, a
/// wildcard next to the zone answers for all of it.
fn family_ranges<A: Address>(
    tree: &Tree,
    version: &[u8],
    bits: u8,
    alias: &mut bool,
) -> Vec<Range<A>> {
    let mut ranges = Vec::new();
    match (tree.below.get(version), tree.below.get(&b"*"[..])) {
        (Some(family), _) => collect(family, Prefix::new(A::MIN, 0), bits, &mut ranges, alias),
        (None, Some(wildcard)) => {
            *alias |= wildcard.has_alias;
            ranges.extend(wildcard.has_address.then_some(Range::ALL));
        }
        (None, None) => {}
    }
    ranges
}

/// Adds the ranges of addresses below `node`, which stands for `prefix`.
fn collect<A: Address>(
    node: &Tree,
    prefix: Prefix<A>,
    bits: u8,
    out: &mut Vec<Range<A>>,
    alias: &mut bool,
) {
    if prefix.length() == A::BITS {
        *alias |= node.has_alias;
        if node.has_address {
            out.push(prefix.range());
        }
        return;
    }
    let wildcard = node.below.get(&b"*"[..]);
    *alias |= wildcard.is_some_and(|wildcard| wildcard.has_alias);
    let hit = wildcard.is_some_and(|wildcard| wildcard.has_address);
    let width = A::BITS - prefix.length() - bits;
    for part in 0..1u128 << bits {
        let address = A::from_bits(prefix.first().to_bits() | part << width);
        let Some(address) = address else { continue };
        let block = Prefix::new(address, prefix.length() + bits);
        let label = if bits == 8 { format!("{part}") } else { format!("{part:x}") };
        match node.below.get(label.as_bytes()) {
            Some(child) => collect(child, block, bits, out, alias),
            None if hit => out.push(block.range()),
            None => {}
        }
    }
}
