//! The fewest octets of static terms: a hole where it costs less than a
//! partition.
//!
//! Terms overlap here, and their order matters: longer prefixes stand first.
//! Where receivers may get order wrong, the disjoint cover is the one to take.

mod cells;
mod nested;
mod trie;
mod units;
mod weight;

#[cfg(test)]
mod tests;

use crate::outcome::Qualifier;
use crate::policy::End;

use super::sequence::Sequence;
use super::unit::{Cover, PositionCover};

use cells::{Content, Wanted};
use trie::Trie;

/// Which default result the terms are chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultResult {
    /// The source's.
    Kept,
    /// The one that takes the fewest octets, the source's among equals. Pass
    /// only where it is the source's.
    Fewest,
}

/// Chooses terms that take the fewest octets, the blank before each included.
///
/// Each position's `joint` terms are the fewest octets of all lists that decide
/// what the sequence decides there. The terms of a group are the fewest octets
/// of all lists that pass, in an include, what the group decides; only a unit of
/// over `most` octets falls apart, so that each fits a record.
pub fn ordered(sequence: &Sequence, default: DefaultResult, most: usize) -> Cover {
    let last = sequence.dynamic.len();
    let mut positions = Vec::new();
    let mut end = sequence.end;
    for position in 0..=last {
        let at_end = position == last;
        if !at_end && sequence.groups.iter().all(|group| group.position != position) {
            continue;
        }
        let open = match sequence.end {
            End::Outcome(outcome) if at_end => Content::Decided(outcome),
            _ => Content::Open,
        };
        let wanted = Wanted::at(position, sequence, open);
        let joint = match sequence.end {
            End::Outcome(source) if at_end => Joint::with_default(&wanted, source, default),
            _ => Joint::solve(&wanted, None),
        };
        end = joint.default().map_or(end, End::Outcome);
        let cover = cover(position, &wanted, &joint, most as u64);
        positions.extend(Some(cover).filter(|cover| !cover.joint.is_empty()));
    }
    Cover { positions, end }
}

fn cover(position: usize, wanted: &Wanted, joint: &Joint, most: u64) -> PositionCover {
    let default = joint.default();
    let outcomes = wanted.outcomes().into_iter().filter(|outcome| Some(*outcome) != default);
    PositionCover {
        position,
        joint: units::joint(&joint.ip4).chain(units::joint(&joint.ip6)).collect(),
        groups: outcomes.map(|outcome| units::group(outcome, wanted, most)).collect(),
    }
}

/// All terms of one position, chosen together.
struct Joint {
    ip4: Trie<u32>,
    ip6: Trie<u128>,
}

impl Joint {
    fn solve(wanted: &Wanted, default: Option<Qualifier>) -> Joint {
        let (ip4, ip6) = (Trie::solve(&wanted.ip4, default), Trie::solve(&wanted.ip6, default));
        Joint { ip4, ip6 }
    }

    /// The terms before an end that gives a result, with a default result to
    /// go with them.
    fn with_default(wanted: &Wanted, source: Qualifier, default: DefaultResult) -> Joint {
        let kept = Joint::solve(wanted, Some(source));
        if default == DefaultResult::Kept {
            return kept;
        }
        // A default that is decided for nobody makes no term unnecessary.
        let others = wanted.outcomes().into_iter();
        let others = others.filter(|outcome| ![source, Qualifier::Pass].contains(outcome));
        let others = others.map(|outcome| Joint::solve(wanted, Some(outcome)));
        others
            .fold(kept, |least, other| if other.octets() < least.octets() { other } else { least })
    }

    fn default(&self) -> Option<Qualifier> {
        self.ip4.default
    }

    /// Octets of the terms and of the default's qualifier.
    fn octets(&self) -> u64 {
        let all = self.default().map_or(0, |outcome| outcome.prefix().len());
        self.ip4.cost.and(self.ip6.cost).octets.saturating_add(all as u64)
    }
}
