//! The decision map: what a policy decides for every address of both families.

use std::net::IpAddr;

use crate::addr::{Address, IP4_MAPPED, Range};

use super::decision::{DecisionId, Decisions, End};
use super::graph::NodeId;
use super::space::{Cut, Space};

/// Which term of which record decided something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The record.
    pub node: NodeId,
    /// The term, an index into the record's terms in the graph; `None` for the
    /// default result.
    pub term: Option<u32>,
}

/// A partition of both address families into ranges with their decisions.
///
/// IPv4-mapped IPv6 addresses are IPv4 addresses to SPF: what the map says
/// about them in its IPv6 part means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionMap {
    /// The IPv4 part.
    pub ip4: Space<u32>,
    /// The IPv6 part.
    pub ip6: Space<u128>,
}

impl DecisionMap {
    /// The same decision for every address.
    pub(super) fn uniform(decision: DecisionId, origin: u32) -> Self {
        DecisionMap { ip4: Space::uniform(decision, origin), ip6: Space::uniform(decision, origin) }
    }

    /// `self`, and `behind` where it leaves the question open.
    pub(super) fn then(&self, behind: &DecisionMap, decisions: &mut Decisions) -> DecisionMap {
        DecisionMap {
            ip4: self.ip4.then(&behind.ip4, decisions),
            ip6: self.ip6.then(&behind.ip6, decisions),
        }
    }

    /// The same ranges with other decisions.
    pub(super) fn map(&self, mut decide: impl FnMut(DecisionId) -> DecisionId) -> DecisionMap {
        DecisionMap { ip4: self.ip4.map(&mut decide), ip6: self.ip6.map(&mut decide) }
    }

    /// All decisions that occur for some client, each once, in the order of
    /// their first range.
    pub fn decisions(&self) -> Vec<DecisionId> {
        let mut seen = Vec::new();
        let mut first = |id: DecisionId| {
            let place = id.place();
            if place >= seen.len() {
                seen.resize(place + 1, false);
            }
            !std::mem::replace(&mut seen[place], true)
        };
        let mapped = |range: Range<u128>| {
            IP4_MAPPED.contains(range.first) && IP4_MAPPED.contains(range.last)
        };
        let ip4 = self.ip4.cuts().iter().map(|cut| cut.decision);
        let ip6 = self.ip6.ranges().filter(|(range, ..)| !mapped(*range)).map(|(_, id, _)| id);
        ip4.chain(ip6).filter(|id| first(*id)).collect()
    }

    /// What is decided for a client with this address, and its origin.
    pub fn at(&self, address: IpAddr) -> (DecisionId, u32) {
        let of = |(decision, origin)| (decision, origin);
        match (u32::from_ip(address), u128::from_ip(address)) {
            (Some(ip4), _) => of(of_cut(self.ip4.at(ip4))),
            (None, ip6) => of(of_cut(self.ip6.at(ip6.unwrap_or_default()))),
        }
    }

    /// The errors that some address reaches, in the order of their places.
    pub fn errors(&self, decisions: &Decisions) -> Vec<super::PolicyError> {
        let ends = self.decisions().into_iter().map(|id| decisions.get(id).end);
        let mut errors = Vec::new();
        for end in ends {
            if let End::Error(id) = end {
                let error = decisions.policy_error(id);
                if !errors.contains(error) {
                    errors.push(error.clone());
                }
            }
        }
        errors
    }
}

fn of_cut<A>(cut: Cut<A>) -> (DecisionId, u32) {
    (cut.decision, cut.origin)
}
