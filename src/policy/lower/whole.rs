//! Terms that are about all addresses: dynamic terms, includes, redirects,
//! `all`, and what is broken.

use std::collections::HashMap;
use std::sync::Arc;

use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::absolute_term;

use super::super::decision::{DynamicId, DynamicTerm, End};
use super::super::graph::{DynamicKind, FoundRecord, GraphTerm, Meaning, NodeId, NodeState};
use super::super::map::DecisionMap;
use super::super::space::{Layer, Space};
use super::super::{Fault, PolicyError};
use super::Lowering;
use super::masking::{Masking, is_bound, masks};

impl Lowering<'_> {
    /// The layer of a term that is about all addresses. `before` are the
    /// layers of the terms that stand before it.
    pub(super) fn whole(
        &mut self,
        id: NodeId,
        domain: &DomainName,
        found: &FoundRecord,
        index: usize,
        term: &GraphTerm,
        before: &[DecisionMap],
    ) -> DecisionMap {
        let origin = self.origin(id, index);
        match &term.meaning {
            Meaning::Dynamic(kind) => self.dynamic(domain, term.qualifier, kind, origin),
            Meaning::Broken(error) | Meaning::Exists(Err(error)) => {
                self.error_everywhere(error.clone(), origin)
            }
            Meaning::Include(child) => {
                let child = *child;
                match self.target_error(domain, found, term, child) {
                    Some(error) => self.error_everywhere(error, origin),
                    None => self.include(id, domain, found, index, child, before),
                }
            }
            Meaning::Redirect(child) => match self.target_error(domain, found, term, *child) {
                Some(error) => self.error_everywhere(error, origin),
                None => match self.maps.get(child).cloned() {
                    Some(map) => {
                        let target = self.graph.node(*child).domain.clone();
                        if is_bound(&map, self.decisions) {
                            self.masking.push(Masking { node: id, term: index, target });
                        }
                        Arc::unwrap_or_clone(map)
                    }
                    None => self.endless(*child, origin),
                },
            },
            _ => {
                let decision = self.outcome(term.qualifier);
                DecisionMap::uniform(decision, origin)
            }
        }
    }

    fn dynamic(
        &mut self,
        domain: &DomainName,
        qualifier: Qualifier,
        kind: &DynamicKind,
        origin: u32,
    ) -> DecisionMap {
        if let Some(set) = self.known.get(&kind.text) {
            let decision = self.outcome(qualifier);
            let layer = |prefix| Layer { prefix, decision, origin };
            let ip4: Vec<_> = set.ip4.prefixes().map(layer).collect();
            let layer = |prefix| Layer { prefix, decision, origin };
            let ip6: Vec<_> = set.ip6.prefixes().map(layer).collect();
            return DecisionMap {
                ip4: Space::first_match(&ip4, self.undecided),
                ip6: Space::first_match(&ip6, self.undecided),
            };
        }
        let bound_to = kind.bound.then(|| domain.to_lowercase().to_string());
        let redirect = kind.text.starts_with("redirect=");
        let text = kind.text.clone();
        let term = self.decisions.term(DynamicTerm { text, bound_to, opaque: kind.kept.is_some() });
        let decision = match redirect {
            true => self.decisions.end(End::Redirect(term)),
            false => self.decisions.single(term, qualifier),
        };
        DecisionMap::uniform(decision, origin)
    }

    /// An include or redirect of a name without a record is an error of the
    /// term (RFC 7208 sections 5.2 and 6.1).
    fn target_error(
        &self,
        domain: &DomainName,
        found: &FoundRecord,
        term: &GraphTerm,
        child: NodeId,
    ) -> Option<PolicyError> {
        match &self.graph.node(child).state {
            NodeState::Broken {
                fault: fault @ (Fault::NoRecord { .. } | Fault::Dns { .. } | Fault::Ceiling(_)),
                ..
            } => Some(PolicyError {
                domain: domain.clone(),
                term: Some(found.record.slice_text(term.term.span)),
                fault: fault.clone(),
            }),
            _ => None,
        }
    }

    fn include(
        &mut self,
        id: NodeId,
        domain: &DomainName,
        found: &FoundRecord,
        index: usize,
        child: NodeId,
        before: &[DecisionMap],
    ) -> DecisionMap {
        let term = &found.terms[index];
        let origin = self.origin(id, index);
        let Some(map) = self.maps.get(&child).cloned() else {
            return self.endless(child, origin);
        };
        let mut included = HashMap::new();
        let mut one_unknown = false;
        for decision in map.decisions() {
            match self.decisions.included(decision, term.qualifier) {
                Some(made) => {
                    included.insert(decision, made);
                }
                None => one_unknown = true,
            }
        }
        let masking =
            Masking { node: id, term: index, target: self.graph.node(child).domain.clone() };
        if one_unknown {
            self.masking.push(masking);
            let text = absolute_term(&found.record, &term.term, domain);
            let opaque = self.decisions.term(DynamicTerm { text, bound_to: None, opaque: true });
            return self.one_unknown(&map, opaque, term.qualifier, origin);
        }
        let undecided = self.undecided;
        let map = map.map(|decision| included.get(&decision).copied().unwrap_or(undecided));
        if masks(&map, before, self.decisions) {
            self.masking.push(masking);
        }
        map
    }

    /// The layer of an include that is one unknown, with the errors that its
    /// target gives: they are errors of the policy all the same.
    fn one_unknown(
        &mut self,
        target: &DecisionMap,
        term: DynamicId,
        qualifier: Qualifier,
        origin: u32,
    ) -> DecisionMap {
        let decisions = &mut *self.decisions;
        let unknown = decisions.single(term, qualifier);
        let single = DecisionMap::uniform(unknown, origin);
        let errors = target.map(|decision| match decisions.get(decision).end {
            end @ End::Error(_) => decisions.end(end),
            _ => decisions.end(End::Undecided),
        });
        single.then(&errors, decisions)
    }
}
