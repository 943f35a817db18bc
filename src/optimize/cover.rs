//! Covering ranges with `ip4` and `ip6` terms that never overlap, so that their
//! order does not matter: receivers get order wrong.

use crate::addr::{Address, AddressSet, RangeSet};

use super::sequence::Group;
use super::unit::{GroupCover, PositionCover, Unit};

/// The fewest such terms for each group, which are the maximal prefixes of its
/// ranges, in the order of their addresses, IPv4 first.
///
/// `groups` are in the order of their positions.
pub fn disjoint(groups: &[Group]) -> Vec<PositionCover> {
    let position = |chunk: &[Group]| {
        let groups: Vec<GroupCover> = chunk.iter().map(group).collect();
        let units = groups.iter().flat_map(|group| &group.units);
        let joint = units.filter_map(|unit| unit.own.clone()).collect();
        PositionCover { position: chunk.first().map_or(0, |group| group.position), joint, groups }
    };
    groups.chunk_by(|a, b| a.position == b.position).map(position).collect()
}

fn group(group: &Group) -> GroupCover {
    let prefix = group.outcome.prefix();
    let unit =
        |term: String| Unit { own: Some(vec![format!("{prefix}{term}")]), chunk: vec![term] };
    GroupCover { outcome: group.outcome, units: terms(&group.set).map(unit).collect() }
}

/// The terms of a set, without qualifier: `ip4:192.0.2.0/24`.
fn terms(set: &AddressSet) -> impl Iterator<Item = String> {
    family_terms(&set.ip4).chain(family_terms(&set.ip6))
}

fn family_terms<A: Address>(set: &RangeSet<A>) -> impl Iterator<Item = String> {
    set.prefixes().map(|prefix| format!("{}:{prefix}", A::FAMILY.as_str()))
}
