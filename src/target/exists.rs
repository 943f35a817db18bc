//! The macro target: `exists:%{ir}.%{v}.<zone>`, or `include:` of the same
//! name, in place of address terms.
//!
//! The client's address is the only thing of a message that such a name holds.

use crate::image::{Layout, LayoutError, Order, ServedSet, ZoneMechanism};
use crate::name::DomainName;
use crate::optimize::{Group, Packing, PositionCover, Sequence, disjoint_groups};
use crate::outcome::Qualifier;

use super::{FlatError, FlatLayout, OutputRecord, flat};

/// How addresses become names, and where.
#[derive(Clone, Debug)]
pub struct ExistsOptions {
    /// How the record asks for the names.
    pub mechanism: ZoneMechanism,
    /// The zone of the passing addresses; other outcomes get zones below it.
    pub zone: DomainName,
    /// Which end of the address stands next to the zone.
    pub order: Order,
    /// Whether the family stands in the name.
    pub version: bool,
}

/// The record of the macro target and what its zones hold.
#[derive(Clone, Debug)]
pub struct ExistsOutput {
    /// The records to publish; the policy's own comes first.
    pub records: Vec<OutputRecord>,
    /// The zones, the one of the passing addresses first.
    pub sets: Vec<ServedSet>,
}

/// Why there is no macro record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExistsError {
    /// The zone cannot hold the names.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The rest of the record cannot be packed.
    #[error(transparent)]
    Flat(#[from] FlatError),
}

/// Writes the record: the first group of passing addresses is in the zone,
/// other groups stay in the record as far as they fit.
///
/// `dynamic` and `end` are the texts of the other terms, as in [`Packing`].
///
/// # Errors
///
/// A zone without room for names, and terms without room in a record.
pub fn exists(
    sequence: &Sequence,
    dynamic: &[String],
    end: &[String],
    options: &ExistsOptions,
    layout: &FlatLayout,
    may_move: bool,
) -> Result<ExistsOutput, ExistsError> {
    let passing = sequence.groups.iter().position(|group| group.outcome == Qualifier::Pass);
    let mut zoned: Vec<usize> = passing.into_iter().collect();
    loop {
        let sets = served(&sequence.groups, &zoned, options)?;
        let literal = literal(&sequence.groups, &zoned);
        let packing = packing(sequence, &literal, &sets, dynamic, end);
        let records = flat(&packing, layout, may_move).map_err(ExistsError::Flat)?;
        let chunked = records.iter().any(|record| layout.names.is_own(&record.name));
        let octets = |group: &usize| {
            disjoint_groups(&sequence.groups[*group..=*group])
                .iter()
                .map(PositionCover::octets)
                .sum::<usize>()
        };
        let largest =
            (0..sequence.groups.len()).filter(|group| !zoned.contains(group)).max_by_key(octets);
        match largest {
            Some(group) if chunked => zoned.push(group),
            _ => {
                return Ok(ExistsOutput {
                    records,
                    sets: sets.into_iter().map(|(_, set)| set).collect(),
                });
            }
        }
    }
}

/// The zone of each group that is in one.
fn served(
    groups: &[Group],
    zoned: &[usize],
    options: &ExistsOptions,
) -> Result<Vec<(usize, ServedSet)>, LayoutError> {
    let set = |(number, &group): (usize, &usize)| {
        let zone = match number {
            0 if groups[group].outcome == Qualifier::Pass => options.zone.clone(),
            _ => {
                let label = format!("{}{}", groups[group].outcome, groups[group].position);
                let long = |reason| LayoutError::Long { zone: options.zone.clone(), reason };
                options.zone.child(label.as_bytes()).map_err(long)?
            }
        };
        let layout = Layout::new(&zone, options.order, options.version)?;
        let Group { outcome, set, .. } = &groups[group];
        Ok((group, ServedSet::new(layout, options.mechanism, *outcome, set)))
    };
    zoned.iter().enumerate().map(set).collect()
}

/// The groups that stay in the record, in the order of their positions.
fn literal(groups: &[Group], zoned: &[usize]) -> Vec<Group> {
    let stays = |group: &usize| !zoned.contains(group);
    (0..groups.len()).filter(stays).map(|group| groups[group].clone()).collect()
}

/// The terms with those of the zones among the dynamic ones: between two
/// dynamic terms static ones never overlap, so the zones may stand behind them.
fn packing(
    sequence: &Sequence,
    literal: &[Group],
    sets: &[(usize, ServedSet)],
    dynamic: &[String],
    end: &[String],
) -> Packing {
    let covers = disjoint_groups(literal);
    let mut positions = Vec::new();
    let mut terms = Vec::new();
    for position in 0..=sequence.dynamic.len() {
        let here = covers.iter().filter(|cover| cover.position == position);
        positions
            .extend(here.map(|cover| PositionCover { position: terms.len(), ..cover.clone() }));
        let here = |group: usize| sequence.groups[group].position == position;
        for (_, set) in sets.iter().filter(|(group, _)| here(*group)) {
            terms.push(format!("{}{}", set.outcome.prefix(), set.term()));
        }
        terms.extend(dynamic.get(position).cloned());
    }
    Packing { positions, dynamic: terms, end: end.to_vec() }
}
