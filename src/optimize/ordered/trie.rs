//! The dynamic program: what the terms inside a prefix cost at least, for each
//! outcome that the closest term around the prefix can give.
//!
//! Longer prefixes stand before shorter ones, so the first term that matches is
//! the one with the longest prefix, and a term means nothing to what is around
//! it. That makes the minimum a sum over the binary trie of prefixes (Draves,
//! King, Venkatachary, Zill, "Constructing optimal IP routing tables", INFOCOM
//! 1999), here with printed octets as weights. No list of terms in another
//! order is shorter: a term that a wider one before it hides can be left out.

use crate::addr::{Address, Prefix, Range};
use crate::outcome::Qualifier;

use super::cells::{Cell, Cells, Content, overlapping};
use super::weight::{ByState, Cost, octets};

/// The least costs of a family, and the choices that give them.
#[derive(Debug)]
pub(super) struct Trie<A> {
    nodes: Vec<Node<A>>,
    root: NodeId,
    /// What all terms of the family cost.
    pub(super) cost: Cost,
    /// What is decided where no term is around.
    pub(super) default: Option<Qualifier>,
}

/// The place of a node in its trie.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeId(usize);

/// The choices for one prefix.
#[derive(Debug)]
pub(super) struct Node<A> {
    /// Which term to write for this very prefix, if any, by what the closest
    /// term around gives.
    pub(super) choice: ByState<Option<Qualifier>>,
    pub(super) inside: Inside<A>,
}

/// What a prefix consists of.
#[derive(Debug)]
pub(super) enum Inside<A> {
    /// The same content everywhere.
    Uniform,
    /// Two halves.
    Halves(NodeId, NodeId),
    /// A narrower prefix, and the same content everywhere around it.
    Around {
        /// What is around.
        content: Content,
        /// The narrower prefix, at least two bits longer.
        prefix: Prefix<A>,
        /// Its node.
        node: NodeId,
    },
}

/// A node, and the least costs inside its prefix, its own term included.
struct Solved {
    node: NodeId,
    costs: ByState<Cost>,
}

impl<A: Address> Trie<A> {
    /// Finds the least cost of giving all cells what they need, where an
    /// address without a term gets `default`, or goes on.
    pub(super) fn solve(cells: &Cells<A>, default: Option<Qualifier>) -> Trie<A> {
        let (nodes, root, cost) = (Vec::new(), NodeId(0), Cost::default());
        let mut trie = Trie { nodes, root, cost, default };
        let whole = Prefix::new(A::MIN, 0);
        let Solved { node, costs } = trie.prefix(whole, cells.as_slice());
        trie.root = node;
        trie.cost = costs[None];
        trie
    }

    pub(super) fn root(&self) -> NodeId {
        self.root
    }

    pub(super) fn node(&self, id: NodeId) -> &Node<A> {
        &self.nodes[id.0]
    }

    /// Solves a prefix, given the cells that overlap it. Each call takes at
    /// least one bit more, so the calls are at most 128 deep.
    fn prefix(&mut self, prefix: Prefix<A>, cells: &[Cell<A>]) -> Solved {
        let (first, last) = match cells {
            [first, .., last] => (first.content, last.content),
            [only] => return self.uniform(prefix, only.content),
            [] => return self.uniform(prefix, Content::Free),
        };
        let (content, narrower) = narrower(prefix, cells, first, last);
        if narrower.length() > prefix.length() + 1 {
            return self.around(prefix, content, narrower, cells);
        }
        let (low, high) = halves(prefix);
        let low = self.prefix(low, overlapping(cells, low.range()));
        let high = self.prefix(high, overlapping(cells, high.range()));
        let inside = ByState::of(|state| low.costs[state].and(high.costs[state]));
        self.choose(prefix, inside, Inside::Halves(low.node, high.node))
    }

    fn uniform(&mut self, prefix: Prefix<A>, content: Content) -> Solved {
        let default = self.default;
        let inside = ByState::of(|state| match content.is_met(state, default) {
            true => Cost::default(),
            false => Cost::IMPOSSIBLE,
        });
        self.choose(prefix, inside, Inside::Uniform)
    }

    /// Solves a prefix with one content everywhere around a narrower one.
    ///
    /// No prefix between the two needs a term. One that gives the content could
    /// as well be written for the wide prefix: in no more octets, and sparing
    /// the terms of what lies between. One that gives anything else could as
    /// well be written for the narrow prefix: what its text grows by is no more
    /// than the terms take that give the content to what lies between. (This is
    /// where the content must not be free.)
    fn around(
        &mut self,
        prefix: Prefix<A>,
        content: Content,
        narrow: Prefix<A>,
        cells: &[Cell<A>],
    ) -> Solved {
        let solved = self.prefix(narrow, overlapping(cells, narrow.range()));
        let default = self.default;
        let mut terms = ByState::of(|_| Cost::IMPOSSIBLE);
        if let Content::Decided(outcome) = content {
            let all: Vec<u64> = beside(prefix, narrow).map(octets).collect();
            terms = ByState::of(|state| {
                let each = all.iter().map(|octets| Cost::term(*octets, outcome, state));
                each.fold(Cost::default(), Cost::and)
            });
        }
        let inside = ByState::of(|state| match content.is_met(state, default) {
            true => solved.costs[state],
            false => solved.costs[state].and(terms[state]),
        });
        self.choose(prefix, inside, Inside::Around { content, prefix: narrow, node: solved.node })
    }

    /// Decides whether a term for the prefix itself is worth it; of equal costs
    /// the first: no term, then the outcomes in their order.
    fn choose(&mut self, prefix: Prefix<A>, without: ByState<Cost>, inside: Inside<A>) -> Solved {
        let octets = octets(prefix);
        let mut choice = ByState::of(|_| None);
        let costs = ByState::of(|state| {
            let mut least = without[state];
            for outcome in Qualifier::ALL {
                let cost = Cost::term(octets, outcome, state).and(without[Some(outcome)]);
                if cost < least {
                    least = cost;
                    choice[state] = Some(outcome);
                }
            }
            least
        });
        self.nodes.push(Node { choice, inside });
        Solved { node: NodeId(self.nodes.len() - 1), costs }
    }
}

/// The narrowest prefix known to be inside, with the same content everywhere
/// around it; the prefix itself where that is free or not the same.
fn narrower<A: Address>(
    prefix: Prefix<A>,
    cells: &[Cell<A>],
    first: Content,
    last: Content,
) -> (Content, Prefix<A>) {
    let (Some(second), Some(end)) = (cells.get(1), cells.last()) else { return (first, prefix) };
    // The last cell is not the first one, so something is below it.
    let before_end = end.first.previous().unwrap_or(end.first);
    let from_second = around(second.first, prefix.last());
    match (first, last) {
        (Content::Free, Content::Free) => (first, prefix),
        _ if first == last => (first, around(second.first, before_end)),
        (Content::Free, _) => (last, around(prefix.first(), before_end)),
        (_, Content::Free) => (first, from_second),
        _ if from_second != prefix => (first, from_second),
        _ => (last, around(prefix.first(), before_end)),
    }
}

/// The narrowest prefix with both addresses.
fn around<A: Address>(one: A, other: A) -> Prefix<A> {
    let same = (one.to_bits() ^ other.to_bits()).leading_zeros() - (128 - u32::from(A::BITS));
    // At most 128 bits.
    Prefix::new(one, same as u8)
}

/// Both halves of a prefix that is not a single address.
pub(super) fn halves<A: Address>(prefix: Prefix<A>) -> (Prefix<A>, Prefix<A>) {
    let length = prefix.length() + 1;
    (Prefix::new(prefix.first(), length), Prefix::new(prefix.last(), length))
}

/// The prefixes that are together `wide` without `narrow`, widest first.
pub(super) fn beside<A: Address>(
    wide: Prefix<A>,
    narrow: Prefix<A>,
) -> impl Iterator<Item = Prefix<A>> {
    (wide.length()..narrow.length()).map(move |length| {
        let (low, high) = halves(Prefix::new(narrow.first(), length));
        if low.range().contains(narrow.first()) { high } else { low }
    })
}

/// All addresses of a prefix that none of the `holes` has; these are in it and
/// in rising order.
pub(super) fn gaps<A: Address>(prefix: Prefix<A>, holes: &[Prefix<A>]) -> Vec<Range<A>> {
    let mut gaps = Vec::new();
    let mut next = Some(prefix.first());
    for hole in holes {
        if let (Some(first), Some(last)) = (next, hole.first().previous()) {
            gaps.extend((first <= last).then_some(Range { first, last }));
        }
        next = hole.last().next();
    }
    let rest = next.filter(|first| *first <= prefix.last());
    gaps.extend(rest.map(|first| Range { first, last: prefix.last() }));
    gaps
}
