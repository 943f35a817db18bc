//! Covering ranges with `ip4` and `ip6` terms.
//!
//! Terms of different groups never overlap here, so that their order does not
//! matter: receivers get order wrong.

use crate::addr::{Address, RangeSet};
use crate::outcome::Qualifier;

use super::sequence::Group;

/// The terms of one group, in the order of their addresses, IPv4 first.
#[derive(Clone, Debug)]
pub struct StaticTerms {
    /// How many dynamic terms stand before.
    pub position: usize,
    /// What a match gives.
    pub outcome: Qualifier,
    /// The terms without qualifier: `ip4:192.0.2.0/24`.
    pub terms: Vec<String>,
}

impl StaticTerms {
    /// Octets of the terms in a record, with their qualifiers and the blanks
    /// before them.
    pub fn octets(&self) -> usize {
        let each = 1 + self.outcome.prefix().len();
        self.terms.iter().map(|term| each + term.len()).sum()
    }
}

/// The fewest terms for each group: the maximal prefixes of its ranges.
pub fn cover(groups: &[Group]) -> Vec<StaticTerms> {
    let terms = |group: &Group| {
        let mut terms = family_terms(&group.set.ip4);
        terms.extend(family_terms(&group.set.ip6));
        StaticTerms { position: group.position, outcome: group.outcome, terms }
    };
    groups.iter().map(terms).collect()
}

fn family_terms<A: Address>(set: &RangeSet<A>) -> Vec<String> {
    set.prefixes().map(|prefix| format!("{}:{prefix}", A::FAMILY.as_str())).collect()
}
