//! What each term of a policy's own record is good for: whether any client's
//! result hangs on it, and where it gets in the way of other terms.
//!
//! Exact over all addresses, without lowering the policy again for each term:
//! two passes over the record from its end, one to learn which term decides
//! each range, one to learn what would decide it if that term were not there.
//! What dynamic terms, errors or failures of DNS make unknown is never called
//! useless. All terms that are, and any choice of them, may go at once.

mod breadth;
mod canvas;
mod face;
mod layers;
mod overlap;
mod repeats;

use crate::limits::{LOOKUP_TERMS, MX_NAMES, VOID_LOOKUPS};
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, GraphTerm, LookupCount, Meaning};
use crate::syntax::TermKind;

pub(super) use breadth::breadths;
use canvas::Budget;
use face::Face;
use layers::{Decided, decide};
pub(super) use overlap::Overlap;

/// What a term of the policy's own record does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Some client's result hangs on it, or nobody can say.
    Counts,
    /// It matches nobody, whatever stands before it.
    MatchesNobody,
    /// It says what an earlier term said: that one.
    Repeats(usize),
    /// Each client that it could match is decided before it.
    Shadowed(Deciders),
    /// What stands behind it gives its clients the same result.
    Idle(Deciders),
}

impl Effect {
    /// Whether the term may be deleted, and a rule says so.
    pub(super) fn is_redundant(&self) -> bool {
        matches!(self, Effect::Repeats(_) | Effect::Shadowed(_) | Effect::Idle(_))
    }
}

/// The terms that decide in a term's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deciders {
    /// The terms, each once; the number of terms stands for the default result.
    pub(super) terms: Vec<usize>,
    /// What one of them gives that the term itself would not.
    pub(super) instead: Option<Qualifier>,
}

impl Deciders {
    /// Terms that are told apart; a message names no more.
    pub(super) const MOST: usize = 8;

    fn add(&mut self, term: usize) {
        if self.terms.len() < Self::MOST && !self.terms.contains(&term) {
            self.terms.push(term);
        }
    }
}

/// What the terms of the policy's own record do.
#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    /// One for each term of the record in the graph.
    pub(super) terms: Vec<Effect>,
    /// Literal terms that overlap others, in the order of the record.
    pub(super) overlaps: Vec<Overlap>,
    /// How many IPv4 addresses each term passes that none before it decides.
    pub(super) passed_ip4: Vec<u64>,
}

impl Effects {
    /// What a term does.
    pub(super) fn of(&self, term: usize) -> &Effect {
        self.terms.get(term).unwrap_or(&Effect::Counts)
    }
}

/// Looks at the terms of the policy's own record; `None` where the policy is
/// so large that this would take too long.
pub(super) fn effects(graph: &Graph, lookups: &LookupCount) -> Option<Effects> {
    let Some(found) = graph.root().record() else { return Some(Effects::default()) };
    let mut budget = Budget::default();
    let decided = decide(graph, &mut budget)?;
    let within_limits = lookups.terms <= LOOKUP_TERMS
        && lookups.void() <= VOID_LOOKUPS
        && lookups.mx_names <= MX_NAMES;
    let mut search = Search::new(graph, found, &decided, within_limits, &mut budget)?;
    for index in (0..found.terms.len()).rev() {
        search.term(index, &mut budget)?;
    }
    let Search { ip4, ip6, effects, .. } = search;
    let mut passed_ip4 = vec![0; found.terms.len()];
    ip4.count_passed(&mut passed_ip4);
    let overlaps = overlap::find(found, &ip4, &ip6, &effects, &mut budget)?;
    Some(Effects { terms: effects, overlaps, passed_ip4 })
}

struct Search<'a> {
    found: &'a FoundRecord,
    ip4: Face<u32>,
    ip6: Face<u128>,
    effects: Vec<Effect>,
    /// Terms whose later repetition would give something else.
    contradicted: Vec<bool>,
    /// Clients that go further may meet more lookups without harm.
    within_limits: bool,
    /// The target of the redirect fails with another explanation.
    explains: bool,
}

impl<'a> Search<'a> {
    fn new(
        graph: &'a Graph,
        found: &'a FoundRecord,
        decided: &[Decided],
        within_limits: bool,
        budget: &mut Budget,
    ) -> Option<Self> {
        let count = found.terms.len();
        let mut effects = vec![Effect::Counts; count];
        let mut contradicted = vec![false; count];
        for (index, earlier) in repeats::find(&graph.root().domain, found) {
            effects[index] = Effect::Repeats(earlier);
            contradicted[earlier] |= found.terms[index].qualifier != found.terms[earlier].qualifier;
        }
        let wanted = |index: usize| effects[index] == Effect::Counts;
        let ip4 = Face::new(found, decided, wanted, budget)?;
        let ip6 = Face::new(found, decided, wanted, budget)?;
        let explains = explains(graph);
        Some(Search { found, ip4, ip6, effects, contradicted, within_limits, explains })
    }

    fn term(&mut self, index: usize, budget: &mut Budget) -> Option<()> {
        let Some(term) = self.found.terms.get(index) else { return Some(()) };
        let barrier = !self.within_limits && causes_lookups(term);
        let repeats = matches!(self.effects[index], Effect::Repeats(_));
        let unreached = matches!(term.meaning, Meaning::Unreached);
        if unreached || repeats {
            // Without the terms that cover everyone an unreached one would count.
            if barrier || unreached {
                self.ip4.obscure();
                self.ip6.obscure();
            }
            return Some(());
        }
        let effect = self.effect(index, term, budget)?;
        let stays = !effect.is_redundant();
        self.effects[index] = effect;
        let hides = self.explains && is_redirect(term);
        self.ip4.lay(index, stays, hides, budget)?;
        self.ip6.lay(index, stays, hides, budget)?;
        if barrier {
            self.ip4.obscure();
            self.ip6.obscure();
        }
        Some(())
    }

    fn effect(&self, index: usize, term: &GraphTerm, budget: &mut Budget) -> Option<Effect> {
        if matches!(term.meaning, Meaning::All) || is_redirect(term) {
            return Some(Effect::Counts);
        }
        if self.ip4.matches_nobody(index) && self.ip6.matches_nobody(index) {
            return Some(Effect::MatchesNobody);
        }
        let mut before = Deciders::default();
        if self.ip4.shadowed(index, term.qualifier, &mut before, budget)?
            && self.ip6.shadowed(index, term.qualifier, &mut before, budget)?
        {
            return Some(Effect::Shadowed(before));
        }
        let mut behind = Deciders::default();
        if !self.contradicted[index]
            && self.ip4.idle(index, term.qualifier, &mut behind, budget)?
            && self.ip6.idle(index, term.qualifier, &mut behind, budget)?
        {
            behind.terms.sort_unstable();
            return Some(Effect::Idle(behind));
        }
        Some(Effect::Counts)
    }
}

/// Whether evaluating a term asks DNS.
fn causes_lookups(term: &GraphTerm) -> bool {
    !matches!(term.meaning, Meaning::All | Meaning::Ip4(_) | Meaning::Ip6(_) | Meaning::Unreached)
}

fn is_redirect(term: &GraphTerm) -> bool {
    matches!(term.term.kind, TermKind::Modifier(_))
}

/// Whether a fail behind the policy's redirect is explained otherwise than one
/// of its own record (RFC 7208 section 6.2).
fn explains(graph: &Graph) -> bool {
    let mut id = Graph::ROOT;
    let mut redirected = false;
    // No chain is longer than there are records.
    for _ in &graph.nodes {
        let Some(found) = graph.node(id).record() else { return false };
        let target = found.terms.iter().find_map(|term| match term.meaning {
            Meaning::Redirect(child) => Some(child),
            _ => None,
        });
        redirected |= target.is_some();
        if redirected && found.record.explanation().is_some() {
            return true;
        }
        match target {
            Some(child) => id = child,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests;
