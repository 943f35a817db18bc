//! The fewest terms that mean the same in every order.
//!
//! Terms of different outcomes never overlap, for receivers get order wrong.

use crate::addr::{Address, RangeSet};
use crate::outcome::Qualifier;

use super::sequence::{Group, Sequence};
use super::unit::{Cover, GroupCover, PositionCover, Unit};

/// The maximal prefixes of each group's ranges, each a unit of its own.
pub fn disjoint(sequence: &Sequence) -> Cover {
    Cover { positions: disjoint_groups(&sequence.groups), end: sequence.end }
}

/// The same for some groups, which are in the order of their positions.
pub fn disjoint_groups(groups: &[Group]) -> Vec<PositionCover> {
    let position = |here: &[Group]| {
        let groups: Vec<GroupCover> = here.iter().map(group_cover).collect();
        let units = groups.iter().flat_map(|group| &group.units);
        let joint = units.filter_map(|unit| unit.own.clone()).collect();
        PositionCover { position: here.first().map_or(0, |group| group.position), joint, groups }
    };
    let positions = groups.chunk_by(|a, b| a.position == b.position).map(position);
    positions.filter(|position| !position.joint.is_empty()).collect()
}

fn group_cover(group: &Group) -> GroupCover {
    let mut units = family_units(group.outcome, &group.set.ip4);
    units.extend(family_units(group.outcome, &group.set.ip6));
    GroupCover { outcome: group.outcome, units }
}

fn family_units<A: Address>(outcome: Qualifier, set: &RangeSet<A>) -> Vec<Unit> {
    let unit = |term: String| Unit {
        own: Some(vec![format!("{}{term}", outcome.prefix())]),
        chunk: vec![term],
    };
    set.prefixes().map(|prefix| unit(format!("{}:{prefix}", A::FAMILY.as_str()))).collect()
}
