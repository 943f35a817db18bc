//! Terms that cannot be parted: a cover with its holes, which have to stand in
//! the same record before it.
//!
//! Data only: what is covered how is for the covers to say.

use crate::outcome::Qualifier;
use crate::policy::End;

/// The static terms of a policy, position by position, and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The terms between the dynamic ones, in rising order of positions.
    pub positions: Vec<PositionCover>,
    /// What is decided behind all terms.
    pub end: End,
}

impl Cover {
    /// Octets of the static terms where all of them stand in the policy's own
    /// record, the blank before each term included.
    pub fn octets(&self) -> usize {
        self.joint_terms().map(|term| 1 + term.len()).sum()
    }

    /// How many static terms these are.
    pub fn terms(&self) -> usize {
        self.joint_terms().count()
    }

    /// Whether some terms have to stand before others: exclusions before what
    /// they are taken from.
    pub fn has_exclusions(&self) -> bool {
        let position = |position: &PositionCover| {
            let chunks = position.groups.iter().flat_map(|group| &group.units);
            position.joint.iter().any(|unit| unit.len() > 1)
                || chunks.into_iter().any(|unit| unit.chunk.len() > 1)
        };
        self.positions.iter().any(position)
    }

    fn joint_terms(&self) -> impl Iterator<Item = &String> {
        self.positions.iter().flat_map(|position| &position.joint).flatten()
    }
}

/// The static terms that stand between the same two dynamic terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionCover {
    /// How many dynamic terms stand before.
    pub position: usize,
    /// The terms when all of them stand in the policy's own record, with their
    /// qualifiers, unit by unit.
    pub joint: Vec<Vec<String>>,
    /// The same by outcome, for when some of them go to chunks.
    pub groups: Vec<GroupCover>,
}

/// The terms of one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCover {
    /// What a match gives.
    pub outcome: Qualifier,
    /// The terms. No address is matched by two units.
    pub units: Vec<Unit>,
}

/// A cover with its holes, the holes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The terms as they stand in the policy's own record, with qualifiers;
    /// `None` where they mean something only inside a chunk.
    pub own: Option<Vec<String>>,
    /// The terms as they stand in a chunk: what is covered passes, holes fail,
    /// which in an include is no match.
    pub chunk: Vec<String>,
}

impl Unit {
    /// Octets of the terms in a chunk, with the blanks before them.
    pub fn chunk_octets(&self) -> usize {
        self.chunk.iter().map(|term| 1 + term.len()).sum()
    }
}

impl PositionCover {
    /// Octets of the terms in the policy's own record, with the blanks before
    /// them.
    pub fn octets(&self) -> usize {
        self.joint.iter().flatten().map(|term| 1 + term.len()).sum()
    }
}

impl GroupCover {
    /// Octets of the terms in chunks, with the blanks before them.
    pub fn octets(&self) -> usize {
        self.units.iter().map(Unit::chunk_octets).sum()
    }
}
