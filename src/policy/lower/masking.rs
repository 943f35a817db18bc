//! Whether the dynamic terms of an include mean the same in its parent.
//!
//! An address that the included policy decides *not pass* before one of its
//! dynamic terms never meets that term. Taken out of the include, the term
//! would meet the address, unless the parent decides it before
//! (`include:x` of `-ip4:192.0.2.1 exists:…` is not `exists:…`). A term with
//! `%{p}` means something else in any other record, by a redirect too.

use crate::addr::Address;
use crate::name::DomainName;

use super::super::decision::{Decisions, DynamicId, End};
use super::super::graph::NodeId;
use super::super::map::DecisionMap;
use super::super::space::Space;
use super::join;

/// An include or redirect that has to stay whole when its parent is compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masking {
    /// The record that the include stands in.
    pub node: NodeId,
    /// The include, an index into the record's terms in the graph.
    pub term: usize,
    /// The included domain.
    pub target: DomainName,
}

/// Whether some address that is open after `before` meets not all dynamic
/// terms of `included`, an include's layer, in one and the same order, or
/// meets one that is bound to its own record.
pub(super) fn masks(
    included: &DecisionMap,
    before: &[DecisionMap],
    decisions: &mut Decisions,
) -> bool {
    let all = included.decisions();
    let longest =
        all.iter().map(|id| decisions.get(*id)).max_by_key(|decision| decision.dynamic.len());
    let terms: Vec<DynamicId> = longest
        .map(|decision| decision.dynamic.iter().map(|(term, _)| *term).collect())
        .unwrap_or_default();
    if terms.is_empty() {
        return false;
    }
    if is_bound(included, decisions) {
        return true;
    }
    let before = join(before.to_vec(), decisions);
    differs(&included.ip4, &before.ip4, &terms, decisions)
        || differs(&included.ip6, &before.ip6, &terms, decisions)
}

/// Whether some decision has a dynamic term that means something else in any
/// other record.
pub(super) fn is_bound(map: &DecisionMap, decisions: &Decisions) -> bool {
    let bound = |term: &DynamicId| decisions.dynamic(*term).bound_to.is_some();
    map.decisions().iter().any(|id| decisions.get(*id).dynamic.iter().any(|(term, _)| bound(term)))
}

fn differs<A: Address>(
    included: &Space<A>,
    before: &Space<A>,
    terms: &[DynamicId],
    decisions: &Decisions,
) -> bool {
    included.pairs(before).any(|(_, child, parent)| {
        if decisions.is_decided(parent.decision) {
            return false;
        }
        let decision = decisions.get(child.decision);
        let met = decision.dynamic.iter().map(|(term, _)| term);
        match decision.end {
            End::Undecided => !met.eq(terms),
            _ => !met.eq(terms.iter().take(decision.dynamic.len())),
        }
    })
}
