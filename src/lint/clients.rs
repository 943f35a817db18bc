//! Sets of clients, kept apart by what their evaluation has cost so far.
//!
//! Address sets and counters; nothing here knows terms or records.

use crate::addr::{Address, IP4_MAPPED, Prefix, Range, RangeSet};
use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};

/// What an evaluation costs, each number up to one over its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spent {
    /// Terms that cause DNS queries.
    pub(super) terms: u32,
    /// Void lookups.
    pub(super) void: u32,
    /// Lookups of dynamic terms, which may turn out void.
    pub(super) perhaps_void: u32,
}

impl Spent {
    pub(super) const TERM: Spent = Spent { terms: 1, void: 0, perhaps_void: 0 };

    pub(super) fn void(void: u32) -> Spent {
        Spent { void, ..Spent::default() }
    }

    fn plus(self, more: Spent) -> Spent {
        let sum = |a: u32, b: u32, limit: u32| a.saturating_add(b).min(limit + 1);
        Spent {
            terms: sum(self.terms, more.terms, LOOKUP_TERMS),
            void: sum(self.void, more.void, VOID_LOOKUPS),
            perhaps_void: sum(self.perhaps_void, more.perhaps_void, VOID_LOOKUPS),
        }
    }
}

/// Clients of one family.
#[derive(Clone, Debug)]
pub(super) struct Group<A> {
    spent: Vec<(Spent, RangeSet<A>)>,
}

impl<A> Default for Group<A> {
    fn default() -> Self {
        Group { spent: Vec::new() }
    }
}

impl<A: Address> Group<A> {
    fn of(addresses: RangeSet<A>) -> Self {
        Group { spent: vec![(Spent::default(), addresses)] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spent.is_empty()
    }

    /// Removes the clients with these addresses and gives them.
    pub(super) fn take(&mut self, wanted: &RangeSet<A>) -> Self {
        let mut taken = Group::default();
        if wanted.is_empty() {
            return taken;
        }
        self.spent.retain_mut(|(spent, addresses)| {
            let rest = addresses.difference(wanted);
            let removed = addresses.difference(&rest);
            *addresses = rest;
            if !removed.is_empty() {
                taken.spent.push((*spent, removed));
            }
            !addresses.is_empty()
        });
        taken
    }

    pub(super) fn join(&mut self, other: Self) {
        for (spent, addresses) in other.spent {
            match self.spent.iter_mut().find(|(known, _)| *known == spent) {
                Some((_, known)) => *known = union(known, &addresses),
                None => self.spent.push((spent, addresses)),
            }
        }
    }

    fn spend(&mut self, more: Spent) {
        let before = std::mem::take(self);
        for (spent, addresses) in before.spent {
            self.join(Group { spent: vec![(spent.plus(more), addresses)] });
        }
    }

    /// Whether what some client spent is so.
    pub(super) fn any(&self, so: impl Fn(&Spent) -> bool) -> bool {
        self.spent.iter().any(|(spent, _)| so(spent))
    }

    /// The addresses, whatever was spent.
    pub(super) fn addresses(&self) -> RangeSet<A> {
        self.spent.iter().flat_map(|(_, addresses)| addresses.ranges()).copied().collect()
    }
}

fn union<A: Address>(a: &RangeSet<A>, b: &RangeSet<A>) -> RangeSet<A> {
    a.ranges().iter().chain(b.ranges()).copied().collect()
}

/// The addresses that a first-match list of prefixes gives to each of its two
/// kinds: those of the prefixes marked true, and of the others.
///
/// Prefixes nest or are apart, so a sweep in rising order needs only a stack of
/// those that are open, each with the earliest one around it.
pub(super) fn first_match<A: Address>(terms: &[(Prefix<A>, bool)]) -> (RangeSet<A>, RangeSet<A>) {
    let mut order: Vec<usize> = (0..terms.len()).collect();
    order.sort_unstable_by_key(|&index| (terms[index].0.first(), terms[index].0.length(), index));
    let (mut marked, mut others) = (Vec::new(), Vec::new());
    let mut emit = |first: A, last: A, winner: usize| {
        if first <= last {
            let ranges = if terms[winner].1 { &mut marked } else { &mut others };
            ranges.push(Range { first, last });
        }
    };
    let mut open: Vec<(A, usize)> = Vec::new();
    let mut at = Some(A::MIN);
    for index in order {
        let prefix = terms[index].0;
        while let Some(&(last, winner)) = open.last().filter(|(last, _)| *last < prefix.first()) {
            at.into_iter().for_each(|at| emit(at, last, winner));
            at = last.next();
            open.pop();
        }
        let around = open.last().map(|(_, winner)| *winner);
        if let (Some(at), Some(before), Some(winner)) = (at, prefix.first().previous(), around) {
            emit(at, before, winner);
        }
        open.push((prefix.last(), around.map_or(index, |around| index.min(around))));
        at = Some(prefix.first());
    }
    while let Some((last, winner)) = open.pop() {
        at.into_iter().for_each(|at| emit(at, last, winner));
        at = last.next();
    }
    (marked.into_iter().collect(), others.into_iter().collect())
}

/// Clients of both families.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    pub(super) ip4: Group<u32>,
    pub(super) ip6: Group<u128>,
}

impl Clients {
    /// Everyone, nothing spent yet.
    pub(super) fn everyone() -> Clients {
        Clients { ip4: Group::of(RangeSet::all()), ip6: Group::of(all_ip6()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ip4.is_empty() && self.ip6.is_empty()
    }

    pub(super) fn join(&mut self, other: Clients) {
        self.ip4.join(other.ip4);
        self.ip6.join(other.ip6);
    }

    pub(super) fn spend(&mut self, ip4: Spent, ip6: Spent) {
        self.ip4.spend(ip4);
        self.ip6.spend(ip6);
    }

    /// Whether every client has caused more lookups than are allowed.
    pub(super) fn all_over(&self) -> bool {
        let within = |spent: &Spent| spent.terms <= LOOKUP_TERMS;
        !self.ip4.any(within) && !self.ip6.any(within)
    }

    /// Whether these are all IPv4 clients there are.
    pub(super) fn all_of_ip4(&self) -> bool {
        self.ip4.addresses() == RangeSet::all()
    }

    /// Whether these are all IPv6 clients there are.
    pub(super) fn all_of_ip6(&self) -> bool {
        self.ip6.addresses() == all_ip6()
    }
}

/// No IPv6 client has an IPv4-mapped address.
fn all_ip6() -> RangeSet<u128> {
    let mapped: RangeSet<u128> = std::iter::once(IP4_MAPPED).collect();
    std::iter::once(Range::ALL).collect::<RangeSet<u128>>().difference(&mapped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_prefix_of_an_address_decides(
            terms in proptest::collection::vec((any::<u32>(), 0u8..=32, any::<bool>()), 0..12),
            near in 24u8..=32, probes in proptest::collection::vec(any::<u32>(), 20),
        ) {
            let terms: Vec<(Prefix<u32>, bool)> = terms
                .into_iter()
                // Half of them close to each other, so that they nest.
                .map(|(address, length, mark)| match mark {
                    true => (Prefix::new(address, length), mark),
                    false => (Prefix::new(address % 512, length.max(near)), address % 2 == 0),
                })
                .collect();
            let (marked, others) = first_match(&terms);
            let edges = terms.iter().flat_map(|(prefix, _)| {
                let (first, last) = (prefix.first(), prefix.last());
                [first, last, first.wrapping_sub(1), last.wrapping_add(1)]
            });
            for address in edges.chain(probes) {
                let first = terms.iter().find(|(prefix, _)| prefix.range().contains(address));
                let mark = first.map(|(_, mark)| *mark);
                prop_assert_eq!(marked.contains(address), mark == Some(true));
                prop_assert_eq!(others.contains(address), mark == Some(false));
            }
        }
    }

    #[test]
    fn everyone_is_everyone() {
        let everyone = Clients::everyone();
        assert!(everyone.all_of_ip4() && everyone.all_of_ip6() && !everyone.is_empty());
        assert!(!everyone.all_over());
    }

    #[test]
    fn groups_split_and_join_by_what_they_spent() {
        let mut clients = Clients::everyone();
        let mut some = clients.ip4.take(&[Range { first: 0, last: 9 }].into_iter().collect());
        assert!(!clients.all_of_ip4());
        some.spend(Spent::TERM);
        clients.ip4.join(some);
        assert!(clients.all_of_ip4());
        assert!(clients.ip4.any(|spent| spent.terms == 0));
        assert!(clients.ip4.any(|spent| spent.terms == 1));
        for _ in 0..20 {
            clients.spend(Spent::TERM, Spent::TERM);
        }
        assert!(clients.all_over());
        assert_eq!(clients.ip4.spent.len(), 1);
    }
}
