//! The addresses that each branch of an include tree brings.

use std::collections::HashMap;

use crate::addr::{Address, AddressSet, IP4_MAPPED, Prefix, Range, RangeSet};
use crate::limits::Ceilings;
use crate::outcome::Qualifier;
use crate::policy::{
    DecisionId, Decisions, End, Graph, GraphTerm, Known, Meaning, NodeId, NodeState, Space, lower,
};

/// Terms that are lowered at most to count addresses: a term counts once for
/// each branch that it is part of.
const MOST_TERMS: usize = 2_000_000;

/// The addresses of branches, each record's counted once.
pub(crate) struct Reach<'a> {
    graph: &'a Graph,
    decisions: Decisions,
    known: HashMap<NodeId, Option<Addresses>>,
    terms: usize,
}

/// How many addresses a branch brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// IPv4 addresses.
    pub(crate) ip4: u64,
    /// The fewest IPv6 prefixes that are together the IPv6 addresses.
    pub(crate) ip6_prefixes: usize,
}

impl Addresses {
    fn of(set: &AddressSet) -> Addresses {
        let mapped: RangeSet<u128> = [IP4_MAPPED].into_iter().collect();
        let ip6 = set.ip6.difference(&mapped);
        Addresses {
            ip4: u64::try_from(set.ip4.addresses()).unwrap_or(u64::MAX),
            ip6_prefixes: ip6.prefixes().count(),
        }
    }
}

impl<'a> Reach<'a> {
    /// The branches of this graph.
    pub(crate) fn new(graph: &'a Graph) -> Reach<'a> {
        Reach { graph, decisions: Decisions::default(), known: HashMap::new(), terms: 0 }
    }

    /// The addresses that the record at a node passes, whatever the message;
    /// `None` where there are too many terms to say.
    pub(crate) fn node(&mut self, id: NodeId) -> Option<Addresses> {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let counted = self.count(id);
        self.known.insert(id, counted);
        counted
    }

    /// The addresses that terms match by themselves, together; `None` for
    /// terms that do not name addresses.
    pub(crate) fn terms(terms: &[&GraphTerm]) -> Option<Addresses> {
        let (mut ip4, mut ip6): (Vec<Range<u32>>, Vec<Range<u128>>) = (Vec::new(), Vec::new());
        for term in terms {
            match &term.meaning {
                Meaning::Ip4(prefix) => ip4.push(prefix.range()),
                Meaning::Ip6(prefix) => ip6.push(prefix.range()),
                Meaning::Addresses(found) => {
                    ip4.extend(found.ip4.iter().map(|prefix: &Prefix<u32>| prefix.range()));
                    ip6.extend(found.ip6.iter().map(|prefix: &Prefix<u128>| prefix.range()));
                }
                _ => return None,
            }
        }
        let set = AddressSet { ip4: ip4.into_iter().collect(), ip6: ip6.into_iter().collect() };
        Some(Addresses::of(&set))
    }

    fn count(&mut self, id: NodeId) -> Option<Addresses> {
        let branch = self.branch(id)?;
        let levels = Ceilings::DEFAULT.levels;
        let map = lower(&branch, &Known::new(), levels, &mut self.decisions).map;
        let set = AddressSet {
            ip4: passing(&map.ip4, &self.decisions),
            ip6: passing(&map.ip6, &self.decisions),
        };
        Some(Addresses::of(&set))
    }

    /// The graph of what a record reaches, as a policy of its own.
    fn branch(&mut self, root: NodeId) -> Option<Graph> {
        let mut order = vec![root];
        let mut places = HashMap::from([(root, Graph::ROOT)]);
        let mut next = 0;
        while let Some(id) = order.get(next).copied() {
            next += 1;
            for child in self.graph.node(id).children() {
                places.entry(child).or_insert_with(|| {
                    order.push(child);
                    NodeId(order.len() as u32 - 1)
                });
            }
        }
        let count =
            |id: &NodeId| self.graph.node(*id).record().map_or(1, |found| found.terms.len());
        self.terms += order.iter().map(count).sum::<usize>();
        if self.terms > MOST_TERMS {
            return None;
        }
        let nodes = order.iter().map(|id| {
            let mut node = self.graph.node(*id).clone();
            if let NodeState::Found(found) = &mut node.state {
                for term in &mut found.terms {
                    if let Meaning::Include(child) | Meaning::Redirect(child) = &mut term.meaning {
                        *child = places.get(child).copied().unwrap_or(Graph::ROOT);
                    }
                }
            }
            node
        });
        Some(Graph { nodes: nodes.collect(), asked: Default::default(), ttl: None })
    }
}

fn passing<A: Address>(space: &Space<A>, decisions: &Decisions) -> RangeSet<A> {
    let passes = |id: DecisionId| {
        let decision = decisions.get(id);
        decision.end == End::Outcome(Qualifier::Pass)
            && decision.dynamic.iter().all(|(_, outcome)| *outcome == Qualifier::Pass)
    };
    space.ranges().filter(|(_, id, _)| passes(*id)).map(|(range, ..)| range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::ZoneMap;
    use crate::name::DomainName;
    use crate::policy::{WalkOptions, walk};

    #[test]
    fn counts_what_each_branch_passes() {
        let map = br#"{
            "a.test": {"TXT": ["v=spf1 include:b.test ip4:192.0.2.0/24 ip6:2001:db8::/31 -all"]},
            "b.test": {"TXT": ["v=spf1 -ip4:198.51.100.7 ip4:198.51.100.0/24 include:c.test +all"]},
            "c.test": {"TXT": ["v=spf1 ip4:198.51.100.0/25 -all"]}
        }"#;
        let map = ZoneMap::read(map).unwrap();
        let domain = DomainName::parse("a.test").unwrap();
        let graph = walk(&map, &domain, &WalkOptions::default()).unwrap();
        let mut reach = Reach::new(&graph);
        let of = |name: &str| {
            let name = DomainName::parse(name).unwrap();
            graph.iter().find(|(_, node)| node.domain == name).unwrap().0
        };
        let all = reach.node(of("b.test")).unwrap();
        assert_eq!(all.ip4, (1 << 32) - 1);
        assert_eq!(reach.node(of("c.test")).unwrap(), Addresses { ip4: 128, ip6_prefixes: 0 });
        assert_eq!(reach.node(of("a.test")), reach.node(of("a.test")));
    }
}
