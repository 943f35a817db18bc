//! Records that only add addresses: each of their directives passes, up to an
//! end that does not.
//!
//! Most included policies are of this kind. What an include of one matches is
//! a union, in any order, so its terms can stand among the parent's own and no
//! map of its own is needed: deep trees cost no more than flat ones.

use std::collections::HashSet;

use crate::outcome::Qualifier;

use super::super::graph::{Graph, GraphTerm, Meaning, NodeId};
use super::super::space::Layer;
use super::{DecisionId, Layers};

/// Which records only add addresses.
pub(super) struct Adding {
    adding: Vec<bool>,
}

impl Adding {
    /// `order` holds each record behind those that it reaches.
    pub(super) fn new(graph: &Graph, order: &[NodeId]) -> Adding {
        let mut adding = Adding { adding: vec![false; graph.nodes.len()] };
        for id in order {
            let Some(found) = graph.node(*id).record() else { continue };
            adding.adding[id.0 as usize] = found.terms.iter().all(|term| adding.adds(term));
        }
        adding
    }

    pub(super) fn contains(&self, id: NodeId) -> bool {
        self.adding[id.0 as usize]
    }

    fn adds(&self, term: &GraphTerm) -> bool {
        let passes = term.qualifier == Qualifier::Pass;
        match &term.meaning {
            Meaning::Ip4(_) | Meaning::Ip6(_) => passes,
            Meaning::Addresses(found) => {
                passes && found.ip4_error.is_none() && found.ip6_error.is_none()
            }
            Meaning::Include(child) => passes && self.contains(*child),
            Meaning::Redirect(child) => self.contains(*child),
            Meaning::All => !passes,
            Meaning::Exists(Ok(false)) | Meaning::Unreached => true,
            Meaning::Exists(_) | Meaning::Dynamic(_) | Meaning::Broken(_) => false,
        }
    }

    /// Adds the terms of `root`, a record of this kind, and of all that it
    /// reaches; each record once, for it matches nothing new the second time.
    pub(super) fn layers(
        &self,
        graph: &Graph,
        root: NodeId,
        decision: DecisionId,
        first_origin: &[u32],
        out: &mut Layers,
    ) {
        let mut seen = HashSet::from([root]);
        let mut stack = vec![(root, 0)];
        while let Some((id, index)) = stack.pop() {
            let Some(term) = graph.node(id).record().and_then(|found| found.terms.get(index))
            else {
                continue;
            };
            stack.push((id, index + 1));
            let origin = first_origin[id.0 as usize] + index as u32;
            match &term.meaning {
                Meaning::Ip4(prefix) => out.ip4.push(Layer { prefix: *prefix, decision, origin }),
                Meaning::Ip6(prefix) => out.ip6.push(Layer { prefix: *prefix, decision, origin }),
                Meaning::Addresses(found) => {
                    let ip4 =
                        found.ip4.iter().map(|prefix| Layer { prefix: *prefix, decision, origin });
                    out.ip4.extend(ip4);
                    let ip6 =
                        found.ip6.iter().map(|prefix| Layer { prefix: *prefix, decision, origin });
                    out.ip6.extend(ip6);
                }
                Meaning::Include(child) | Meaning::Redirect(child) if seen.insert(*child) => {
                    stack.push((*child, 0));
                }
                _ => {}
            }
        }
    }

    /// The records that need a map of their own: the policy's, and what these
    /// redirect to or include without its only adding addresses.
    pub(super) fn mapped(&self, graph: &Graph) -> HashSet<NodeId> {
        let mut mapped = HashSet::from([Graph::ROOT]);
        let mut queue = vec![Graph::ROOT];
        while let Some(id) = queue.pop() {
            for term in graph.node(id).record().map_or(&[][..], |found| &found.terms) {
                let child = match term.meaning {
                    Meaning::Include(child) if !self.contains(child) => child,
                    Meaning::Redirect(child) => child,
                    _ => continue,
                };
                if mapped.insert(child) {
                    queue.push(child);
                }
            }
        }
        mapped
    }
}
