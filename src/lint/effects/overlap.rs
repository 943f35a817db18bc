//! Literal terms whose addresses other terms of the record have too.
//!
//! Redundant terms are left out: they have findings of their own.

use std::collections::{BTreeMap, HashSet};

use crate::policy::{FoundRecord, Meaning};

use super::Effect;
use super::canvas::Budget;
use super::face::Face;
use super::layers::{Side, Verdict};

/// A literal term that overlaps others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Overlap {
    /// The literal term.
    pub(in crate::lint) term: usize,
    /// One of the others: one that gives another result, if there is one.
    pub(in crate::lint) other: usize,
    /// That one gives another result.
    pub(in crate::lint) differs: bool,
    /// Addresses that both have.
    pub(in crate::lint) range: String,
    /// How many more terms it overlaps.
    pub(in crate::lint) more: usize,
}

/// All literal terms that overlap others. Of two literal terms the later one
/// is named, so that one wide range gets one finding for all its holes.
pub(super) fn find(
    found: &FoundRecord,
    ip4: &Face<u32>,
    ip6: &Face<u128>,
    effects: &[Effect],
    budget: &mut Budget,
) -> Option<Vec<Overlap>> {
    let mut search = Search { found, effects, pairs: HashSet::new(), overlaps: BTreeMap::new() };
    for term in 0..found.terms.len() {
        if search.is_concerned(term) {
            search.term(term, ip4, budget)?;
            search.term(term, ip6, budget)?;
        }
    }
    Some(search.overlaps.into_values().collect())
}

struct Search<'a> {
    found: &'a FoundRecord,
    effects: &'a [Effect],
    pairs: HashSet<(usize, usize)>,
    overlaps: BTreeMap<usize, Overlap>,
}

impl Search<'_> {
    fn is_literal(&self, term: usize) -> bool {
        let meaning = self.found.terms.get(term).map(|term| &term.meaning);
        matches!(meaning, Some(Meaning::Ip4(_) | Meaning::Ip6(_)))
    }

    fn is_concerned(&self, term: usize) -> bool {
        let meaning = self.found.terms.get(term).map(|term| &term.meaning);
        let has_addresses = matches!(meaning, Some(Meaning::Addresses(_) | Meaning::Include(_)));
        (has_addresses || self.is_literal(term)) && self.effects.get(term) == Some(&Effect::Counts)
    }

    fn term<A: Side>(&mut self, later: usize, face: &Face<A>, budget: &mut Budget) -> Option<()> {
        for (interval, verdict) in face.intervals(later) {
            budget.take(1)?;
            let earlier = face.decider(interval).filter(|earlier| *earlier < later);
            let Some(earlier) = earlier.filter(|_| verdict != Verdict::Unknown) else { continue };
            let (term, other) = match (self.is_literal(later), self.is_literal(earlier)) {
                (true, _) => (later, earlier),
                (false, true) => (earlier, later),
                (false, false) => continue,
            };
            if self.is_concerned(earlier) && self.pairs.insert((term, other)) {
                self.note(term, other, || face.range(interval).to_string());
            }
        }
        Some(())
    }

    fn note(&mut self, term: usize, other: usize, range: impl Fn() -> String) {
        let differs = self.found.terms[term].qualifier != self.found.terms[other].qualifier;
        match self.overlaps.get_mut(&term) {
            Some(known) => {
                known.more += 1;
                if differs && !known.differs {
                    *known = Overlap { other, differs, range: range(), ..*known };
                }
            }
            None => {
                let overlap = Overlap { term, other, differs, range: range(), more: 0 };
                self.overlaps.insert(term, overlap);
            }
        }
    }
}
