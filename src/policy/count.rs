//! Counting DNS lookups on the include graph: the worst that any client can
//! make a receiver do (RFC 7208 section 4.6.4).

use std::collections::HashMap;

use super::graph::{Graph, GraphTerm, Meaning, NodeId};

/// Lookups of the worst path: no term matches until the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookupCount {
    /// Terms that cause DNS queries.
    pub terms: u32,
    /// Void lookups of an IPv4 client.
    pub void_ip4: u32,
    /// Void lookups of an IPv6 client.
    pub void_ip6: u32,
    /// DNS questions that one evaluation asks, the record's own included.
    pub queries: u32,
    /// The most host names that one `mx` term has.
    pub mx_names: u32,
}

impl LookupCount {
    /// Void lookups of the worse family.
    pub fn void(&self) -> u32 {
        self.void_ip4.max(self.void_ip6)
    }

    fn add(&mut self, other: LookupCount) {
        self.terms = self.terms.saturating_add(other.terms);
        self.void_ip4 = self.void_ip4.saturating_add(other.void_ip4);
        self.void_ip6 = self.void_ip6.saturating_add(other.void_ip6);
        self.queries = self.queries.saturating_add(other.queries);
        self.mx_names = self.mx_names.max(other.mx_names);
    }
}

/// The lookups of each record of the graph, with all that it includes. A
/// record that is included twice counts twice; what leads round a loop counts
/// once round.
pub fn count_lookups(graph: &Graph) -> HashMap<NodeId, LookupCount> {
    let (order, looping) = graph.children_first();
    let mut counts: HashMap<NodeId, LookupCount> = HashMap::new();
    for id in order.into_iter().chain(looping) {
        let mut count = LookupCount { queries: 1, ..LookupCount::default() };
        for term in graph.node(id).record().map_or(&[][..], |found| &found.terms) {
            count.add(term_lookups(term));
            if let Meaning::Include(child) | Meaning::Redirect(child) = term.meaning {
                count.add(counts.get(&child).copied().unwrap_or_default());
            }
        }
        counts.insert(id, count);
    }
    counts
}

/// The lookups of one term, without those of the record that it leads to.
pub(crate) fn term_lookups(term: &GraphTerm) -> LookupCount {
    let one = LookupCount { terms: 1, queries: 1, ..LookupCount::default() };
    let void = LookupCount { void_ip4: 1, void_ip6: 1, ..one };
    match &term.meaning {
        Meaning::All | Meaning::Ip4(_) | Meaning::Ip6(_) | Meaning::Unreached => {
            LookupCount::default()
        }
        Meaning::Addresses(found) => LookupCount {
            terms: 1,
            void_ip4: found.void_ip4,
            void_ip6: found.void_ip6,
            queries: found.queries,
            mx_names: found.hosts.len() as u32,
        },
        Meaning::Exists(Ok(false)) => void,
        // The record behind it counts its own question.
        Meaning::Include(_) | Meaning::Redirect(_) => LookupCount { queries: 0, ..one },
        // Nobody knows what the message makes of it: at worst nothing is there.
        Meaning::Dynamic(kind)
            if kind.text.starts_with("include:") || kind.text.starts_with("redirect=") =>
        {
            one
        }
        Meaning::Dynamic(_) => void,
        Meaning::Exists(_) | Meaning::Broken(_) => one,
    }
}
