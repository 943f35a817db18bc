//! The fewest terms that mean the same in every order.
//!
//! Terms of different outcomes never overlap, for receivers get order wrong.

use crate::addr::{Address, RangeSet};
use crate::outcome::Qualifier;

use super::sequence::{Group, Sequence};
use super::unit::{Cover, GroupCover, PositionCover, Unit};

/// The maximal prefixes of each group's ranges, each a unit of its own.
pub fn disjoint(sequence: &Sequence) -> Cover {
    let mut positions: Vec<PositionCover> = Vec::new();
    for position in 0..=sequence.dynamic.len() {
        let here = sequence.groups.iter().filter(|group| group.position == position);
        let groups: Vec<GroupCover> = here.map(group_cover).collect();
        let units = groups.iter().flat_map(|group| &group.units);
        let joint: Vec<Vec<String>> = units.filter_map(|unit| unit.own.clone()).collect();
        if !joint.is_empty() {
            positions.push(PositionCover { position, joint, groups });
        }
    }
    Cover { positions, end: sequence.end }
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
