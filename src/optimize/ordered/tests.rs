//! The ordered cover against a minimiser of another kind, and against what its
//! terms mean when they are read again.

mod exhaustive;
mod fewest;
mod meaning;
mod units;

use crate::addr::{Address, AddressSet, Range};
use crate::optimize::{Cover, Group, Sequence};
use crate::outcome::Qualifier;
use crate::policy::{Decisions, DynamicId, DynamicTerm, End};

/// So many dynamic terms, all of them pass.
fn dynamic(count: usize) -> Vec<(DynamicId, Qualifier)> {
    let mut decisions = Decisions::default();
    let term = |number| DynamicTerm {
        text: format!("exists:%{{i}}.{number}.example"),
        bound_to: None,
        opaque: false,
    };
    (0..count).map(|number| (decisions.term(term(number)), Qualifier::Pass)).collect()
}

/// A set of addresses of one family.
fn set<A: Address>(ranges: impl Iterator<Item = Range<A>>) -> AddressSet {
    let mut set = AddressSet::default();
    let (mut ip4, mut ip6) = (Vec::new(), Vec::new());
    for Range { first, last } in ranges {
        let bits = (first.to_bits(), last.to_bits());
        match (u32::from_bits(bits.0), u32::from_bits(bits.1)) {
            (Some(first), Some(last)) if A::BITS == 32 => ip4.push(Range { first, last }),
            _ => ip6.push(Range { first: bits.0, last: bits.1 }),
        }
    }
    set.ip4 = ip4.into_iter().collect();
    set.ip6 = ip6.into_iter().collect();
    set
}

fn group(position: usize, outcome: Qualifier, set: AddressSet) -> Group {
    Group { position, outcome, set }
}

/// Ranges of IPv4 addresses in presentation form, `first-last`.
fn ip4(ranges: &[&str]) -> AddressSet {
    let address = |text: &str| text.parse::<std::net::Ipv4Addr>().unwrap().to_bits();
    set(ranges.iter().map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Range { first: address(first), last: address(last) }
    }))
}

fn sequence(groups: Vec<Group>, terms: usize, end: End) -> Sequence {
    Sequence { groups, dynamic: dynamic(terms), end }
}

/// All terms in a row.
fn joint(cover: &Cover) -> Vec<&str> {
    let units = cover.positions.iter().flat_map(|position| &position.joint);
    units.flatten().map(String::as_str).collect()
}
