//! The include graph: each record that a policy reaches, once, with what its
//! terms mean as far as DNS says.
//!
//! Data only; [`walk`](super::walk()) builds it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::addr::Prefix;
use crate::dns::Question;
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::{Record, Term};

use super::{Fault, PolicyError};

/// The place of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// All records that a policy reaches through `include` and `redirect`.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The records; the first is the policy's own.
    pub nodes: Vec<Node>,
    /// Every question whose answer the graph was built from.
    pub asked: HashSet<Question>,
    /// The shortest TTL of these answers, in seconds, where one is known.
    pub ttl: Option<u32>,
}

impl Graph {
    /// The node of the policy itself.
    pub const ROOT: NodeId = NodeId(0);

    /// A node by its place.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The policy's own record, or what is wrong with it.
    pub fn root(&self) -> &Node {
        self.node(Self::ROOT)
    }

    /// All nodes with their places.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index as u32), node))
    }

    /// The nodes in an order in which each stands behind all that it includes
    /// or redirects to; last, those that no such order exists for: they are in
    /// a loop or lead into one.
    pub fn children_first(&self) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut missing: Vec<usize> = vec![0; self.nodes.len()];
        let mut parents: Vec<Vec<NodeId>> = vec![Vec::new(); self.nodes.len()];
        for (id, node) in self.iter() {
            for child in node.children() {
                missing[id.0 as usize] += 1;
                parents[child.0 as usize].push(id);
            }
        }
        let ready = self.iter().map(|(id, _)| id).filter(|id| missing[id.0 as usize] == 0);
        let mut order: Vec<NodeId> = ready.collect();
        let mut next = 0;
        while let Some(&id) = order.get(next) {
            next += 1;
            for parent in &parents[id.0 as usize] {
                missing[parent.0 as usize] -= 1;
                if missing[parent.0 as usize] == 0 {
                    order.push(*parent);
                }
            }
        }
        let looping = self.iter().map(|(id, _)| id).filter(|id| missing[id.0 as usize] > 0);
        let looping = looping.collect();
        (order, looping)
    }
}

/// One record of the graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// The domain that the record is read for.
    pub domain: DomainName,
    /// The record, or why there is none to use.
    pub state: NodeState,
}

impl Node {
    /// The records that this one reaches directly, as often as it does.
    pub fn children(&self) -> impl Iterator<Item = NodeId> {
        let terms = self.record().map_or(&[][..], |found| &found.terms);
        terms.iter().filter_map(|term| match term.meaning {
            Meaning::Include(child) | Meaning::Redirect(child) => Some(child),
            _ => None,
        })
    }

    /// The record, where there is a sound one.
    pub fn record(&self) -> Option<&FoundRecord> {
        match &self.state {
            NodeState::Found(found) => Some(found),
            NodeState::Broken { .. } => None,
        }
    }
}

/// What was found at a node's name.
#[derive(Clone, Debug)]
pub enum NodeState {
    /// One sound record.
    Found(FoundRecord),
    /// None, several, a broken one, or no answer.
    Broken {
        /// What is wrong.
        fault: Fault,
        /// The record, where there is one.
        record: Option<Arc<Record>>,
    },
}

/// A sound record and what its terms mean.
#[derive(Clone, Debug)]
pub struct FoundRecord {
    /// The record.
    pub record: Arc<Record>,
    /// The directives in their order, then the redirect where it counts. Terms
    /// that no address can reach have the meaning [`Meaning::Unreached`].
    pub terms: Vec<GraphTerm>,
}

/// A directive or a redirect with its meaning.
#[derive(Clone, Debug)]
pub struct GraphTerm {
    /// The term in the record.
    pub term: Term,
    /// What a match gives; pass for a redirect.
    pub qualifier: Qualifier,
    /// What is matched.
    pub meaning: Meaning,
}

/// What a term matches.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// Everything (`all`).
    All,
    /// The addresses of an `ip4` term.
    Ip4(Prefix<u32>),
    /// The addresses of an `ip6` term.
    Ip6(Prefix<u128>),
    /// The addresses of the hosts of an `a` or `mx` term.
    Addresses(Box<AddressTerm>),
    /// `exists` of one fixed name: everything, or nothing.
    Exists(Result<bool, PolicyError>),
    /// Whatever passes there.
    Include(NodeId),
    /// Whatever is decided there.
    Redirect(NodeId),
    /// Only the message can tell.
    Dynamic(DynamicKind),
    /// An include, a redirect or an address mechanism that cannot be used.
    Broken(PolicyError),
    /// No address reaches the term; nothing was asked for it.
    Unreached,
}

/// Terms that only the message can decide, and terms that are left to DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicKind {
    /// The term without its qualifier, as it reads in any other record.
    pub text: String,
    /// It holds `%{p}` and means something else in any other record.
    pub bound: bool,
    /// It is left alone because the user or the compiler keeps this name.
    pub kept: Option<DomainName>,
}

/// The addresses of an `a` or `mx` term. Where DNS failed for a family, what
/// was found before stays: an address in it matches or meets the failure.
#[derive(Clone, Debug, Default)]
pub struct AddressTerm {
    /// The hosts that were asked for addresses, in their order: for `a` one.
    pub hosts: Vec<DomainName>,
    /// The IPv4 prefixes.
    pub ip4: Vec<Prefix<u32>>,
    /// The IPv6 prefixes.
    pub ip6: Vec<Prefix<u128>>,
    /// Why IPv4 clients meet a temperror.
    pub ip4_error: Option<PolicyError>,
    /// Why IPv6 clients meet a temperror.
    pub ip6_error: Option<PolicyError>,
    /// Lookups of IPv4 clients that are void (RFC 7208 section 4.6.4).
    pub void_ip4: u32,
    /// Lookups of IPv6 clients that are void.
    pub void_ip6: u32,
    /// Questions that one client's evaluation asks.
    pub queries: u32,
}

impl AddressTerm {
    /// Whether no host has an address, and DNS did not fail to say so.
    pub fn is_void(&self) -> bool {
        self.ip4.is_empty()
            && self.ip6.is_empty()
            && self.ip4_error.is_none()
            && self.ip6_error.is_none()
    }
}
