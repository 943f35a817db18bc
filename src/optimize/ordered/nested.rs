//! The terms that the dynamic program chose, each with those inside it.

use crate::addr::{Address, Prefix};
use crate::outcome::Qualifier;

use super::cells::Content;
use super::trie::{Inside, NodeId, Trie, beside};
use super::weight::{Cost, octets};

/// A term, and the terms for parts of its prefix that stand before it.
#[derive(Clone, Debug)]
pub(super) struct Nested<A> {
    pub(super) prefix: Prefix<A>,
    pub(super) outcome: Qualifier,
    /// In rising order of addresses; no two overlap.
    pub(super) inside: Vec<Nested<A>>,
}

impl<A: Address> Nested<A> {
    /// Octets of all these terms, with the blank before each.
    pub(super) fn octets(&self) -> u64 {
        let own = Cost::term(octets(self.prefix), self.outcome, None).octets;
        own + self.inside.iter().map(Nested::octets).sum::<u64>()
    }

    /// Prefixes and outcomes of all these terms, longest prefix first, then by
    /// address.
    pub(super) fn terms(&self) -> Vec<(Prefix<A>, Qualifier)> {
        let mut terms = Vec::new();
        self.collect(&mut terms);
        terms.sort_unstable_by_key(|(prefix, _)| (u8::MAX - prefix.length(), prefix.first()));
        terms
    }

    fn collect(&self, terms: &mut Vec<(Prefix<A>, Qualifier)>) {
        terms.push((self.prefix, self.outcome));
        self.inside.iter().for_each(|term| term.collect(terms));
    }
}

impl<A: Address> Trie<A> {
    /// The outermost terms with those inside, in rising order of addresses.
    /// One that takes more than `most` octets falls apart into the best terms
    /// for its halves, and so on.
    pub(super) fn terms(&self, most: u64) -> Vec<Nested<A>> {
        let mut terms = Vec::new();
        let gather = Gather { trie: self, most };
        gather.at(self.root(), Prefix::new(A::MIN, 0), None, &mut terms);
        terms
    }
}

struct Gather<'a, A> {
    trie: &'a Trie<A>,
    most: u64,
}

impl<A: Address> Gather<'_, A> {
    fn at(
        &self,
        id: NodeId,
        prefix: Prefix<A>,
        state: Option<Qualifier>,
        terms: &mut Vec<Nested<A>>,
    ) {
        let node = self.trie.node(id);
        let Some(outcome) = node.choice[state] else {
            return self.inside(id, prefix, state, terms);
        };
        let mut term = Nested { prefix, outcome, inside: Vec::new() };
        self.inside(id, prefix, Some(outcome), &mut term.inside);
        let may_part = state.is_none() && !matches!(node.inside, Inside::Uniform);
        if may_part && term.octets() > self.most {
            return self.inside(id, prefix, None, terms);
        }
        terms.push(term);
    }

    fn inside(
        &self,
        id: NodeId,
        prefix: Prefix<A>,
        state: Option<Qualifier>,
        terms: &mut Vec<Nested<A>>,
    ) {
        match self.trie.node(id).inside {
            Inside::Uniform => {}
            Inside::Halves(low, high) => {
                let (low_prefix, high_prefix) = super::trie::halves(prefix);
                self.at(low, low_prefix, state, terms);
                self.at(high, high_prefix, state, terms);
            }
            Inside::Around { content, prefix: narrow, node } => {
                let from = terms.len();
                match content {
                    Content::Decided(outcome) if !content.is_met(state, self.trie.default) => {
                        let term = |prefix| Nested { prefix, outcome, inside: Vec::new() };
                        terms.extend(beside(prefix, narrow).map(term));
                    }
                    _ => {}
                }
                self.at(node, narrow, state, terms);
                terms[from..].sort_unstable_by_key(|term| term.prefix.first());
            }
        }
    }
}
