//! What each term of a record says about which addresses, as far as the
//! addresses alone can tell, and what a whole record says.
//!
//! Dynamic terms and errors make unknown whatever reaches them; nothing is
//! guessed. Limits on lookups are for others to look at.

use crate::addr::{Address, Prefix, Range};
use crate::outcome::Qualifier;
use crate::policy::{AddressTerm, FoundRecord, Graph, GraphTerm, Meaning, NodeId, NodeState};

use super::canvas::{Budget, Canvas};

/// What is known of the decision for some addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This, whatever the message.
    Outcome(Qualifier),
    /// The message, DNS or an error decides.
    Unknown,
}

/// What one record decides for the whole of a family: where a verdict begins.
pub(super) type Partition<A> = Vec<(A, Verdict)>;

/// What one record decides.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    ip4: Partition<u32>,
    ip6: Partition<u128>,
}

impl Decided {
    fn unknown() -> Decided {
        Decided { ip4: vec![(0, Verdict::Unknown)], ip6: vec![(0, Verdict::Unknown)] }
    }
}

/// Either address family, and where the graph has what belongs to it.
pub(super) trait Side: Address {
    /// The prefix of a literal term of the family.
    fn literal(meaning: &Meaning) -> Option<Prefix<Self>>;
    /// The prefixes of an `a` or `mx` term; `None` where DNS failed.
    fn hosts(addresses: &AddressTerm) -> Option<&[Prefix<Self>]>;
    /// The family's part.
    fn part(decided: &Decided) -> &Partition<Self>;
}

impl Side for u32 {
    fn literal(meaning: &Meaning) -> Option<Prefix<u32>> {
        match meaning {
            Meaning::Ip4(prefix) => Some(*prefix),
            _ => None,
        }
    }

    fn hosts(addresses: &AddressTerm) -> Option<&[Prefix<u32>]> {
        addresses.ip4_error.is_none().then_some(&addresses.ip4)
    }

    fn part(decided: &Decided) -> &Partition<u32> {
        &decided.ip4
    }
}

impl Side for u128 {
    fn literal(meaning: &Meaning) -> Option<Prefix<u128>> {
        match meaning {
            Meaning::Ip6(prefix) => Some(*prefix),
            _ => None,
        }
    }

    fn hosts(addresses: &AddressTerm) -> Option<&[Prefix<u128>]> {
        addresses.ip6_error.is_none().then_some(&addresses.ip6)
    }

    fn part(decided: &Decided) -> &Partition<u128> {
        &decided.ip6
    }
}

/// What the terms of one record say about one family.
#[derive(Clone, Debug)]
pub(super) struct Layers<A> {
    paints: Vec<(Range<A>, Verdict)>,
    /// Where the paints of each term end.
    ends: Vec<usize>,
}

impl<A: Side> Layers<A> {
    /// The layers of the terms that `wanted` says; the others have none.
    pub(super) fn new(
        found: &FoundRecord,
        decided: &[Decided],
        wanted: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Option<Self> {
        let mut layers = Layers { paints: Vec::new(), ends: Vec::with_capacity(found.terms.len()) };
        for (index, term) in found.terms.iter().enumerate() {
            let before = layers.paints.len();
            if wanted(index) {
                layers.add(term, decided);
            }
            layers.ends.push(layers.paints.len());
            budget.take(1 + layers.paints.len() - before)?;
        }
        Some(layers)
    }

    /// What a term says: the addresses that it may match.
    pub(super) fn of(&self, term: usize) -> &[(Range<A>, Verdict)] {
        let begin = term.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let end = self.ends.get(term).copied().unwrap_or_default();
        self.paints.get(begin.unwrap_or_default()..end).unwrap_or_default()
    }

    /// All ranges that occur.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<A>> {
        self.paints.iter().map(|(range, _)| *range)
    }

    fn add(&mut self, term: &GraphTerm, decided: &[Decided]) {
        let outcome = Verdict::Outcome(term.qualifier);
        let everyone = |verdict| (Range::ALL, verdict);
        match &term.meaning {
            Meaning::All | Meaning::Exists(Ok(true)) => self.paints.push(everyone(outcome)),
            Meaning::Dynamic(_) | Meaning::Broken(_) | Meaning::Exists(Err(_)) => {
                self.paints.push(everyone(Verdict::Unknown));
            }
            Meaning::Exists(Ok(false)) | Meaning::Unreached => {}
            meaning @ (Meaning::Ip4(_) | Meaning::Ip6(_)) => {
                self.paints.extend(A::literal(meaning).map(|prefix| (prefix.range(), outcome)));
            }
            Meaning::Addresses(addresses) => match A::hosts(addresses) {
                Some(hosts) => {
                    self.paints.extend(hosts.iter().map(|prefix| (prefix.range(), outcome)));
                }
                None => self.paints.push(everyone(Verdict::Unknown)),
            },
            Meaning::Include(child) => {
                let parts = ranges::<A>(decided, *child);
                self.paints.extend(parts.filter_map(|(range, verdict)| match verdict {
                    Verdict::Outcome(Qualifier::Pass) => Some((range, outcome)),
                    Verdict::Outcome(_) => None,
                    Verdict::Unknown => Some((range, verdict)),
                }));
            }
            Meaning::Redirect(child) => self.paints.extend(ranges::<A>(decided, *child)),
        }
    }
}

/// What a record decides, range by range.
fn ranges<A: Side>(
    decided: &[Decided],
    node: NodeId,
) -> impl Iterator<Item = (Range<A>, Verdict)> + '_ {
    let part = decided.get(node.0 as usize).map_or(&[][..], |decided| A::part(decided));
    part.iter().enumerate().map(|(index, (first, verdict))| {
        let next = part.get(index + 1).and_then(|(next, _)| next.previous());
        (Range { first: *first, last: next.unwrap_or(A::MAX) }, *verdict)
    })
}

/// What each record of the graph but the policy's own decides; `None` where
/// that is more than the budget allows.
pub(super) fn decide(graph: &Graph, budget: &mut Budget) -> Option<Vec<Decided>> {
    // What is broken or leads round a loop stays unknown.
    let mut decided = vec![Decided::unknown(); graph.nodes.len()];
    let (order, _) = graph.children_first();
    for id in order.into_iter().filter(|id| *id != Graph::ROOT) {
        if let NodeState::Found(found) = &graph.node(id).state {
            let ip4 = partition(found, &decided, budget)?;
            let ip6 = partition(found, &decided, budget)?;
            decided[id.0 as usize] = Decided { ip4, ip6 };
        }
    }
    Some(decided)
}

fn partition<A: Side>(
    found: &FoundRecord,
    decided: &[Decided],
    budget: &mut Budget,
) -> Option<Partition<A>> {
    let layers = Layers::<A>::new(found, decided, |_| true, budget)?;
    let mut canvas = Canvas::new(layers.ranges(), Verdict::Outcome(Qualifier::Neutral));
    for term in (0..found.terms.len()).rev() {
        for (range, verdict) in layers.of(term) {
            canvas.paint(*range, *verdict, budget)?;
        }
    }
    let mut parts: Partition<A> = Vec::new();
    for interval in 0..canvas.len() {
        let verdict = canvas.colour(interval);
        if parts.last().is_none_or(|(_, before)| *before != verdict) {
            parts.push((canvas.range(interval).first, verdict));
        }
    }
    Some(parts)
}
