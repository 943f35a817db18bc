//! Records that several terms of a policy include: each way there costs.

use std::collections::{BTreeMap, HashSet};

use crate::policy::{Graph, Meaning, NodeId};

use super::course::Visit;
use super::effects::Effect;
use super::facts::Facts;

/// A record, and the terms that lead to it, each once.
#[derive(Clone, Debug)]
pub(super) struct Repeated {
    pub(super) target: NodeId,
    pub(super) ways: Vec<Visit>,
}

impl Repeated {
    /// The terms of the policy's own record that lead there.
    pub(super) fn vias(&self) -> Vec<usize> {
        let mut seen = HashSet::new();
        self.ways.iter().map(|way| way.via).filter(|via| seen.insert(*via)).collect()
    }

    /// The own include of the record that may be deleted, if there is one.
    pub(super) fn deletable(&self, facts: &Facts) -> Option<usize> {
        let own = self.ways.iter().filter(|way| way.node == Graph::ROOT).map(|way| way.term);
        own.rev().find(|term| may_go(facts, *term))
    }
}

/// Whether an own term is shadowed or idle, in a policy where that matters.
fn may_go(facts: &Facts, term: usize) -> bool {
    let effect = facts.effects.as_ref().map(|effects| effects.of(term));
    matches!(effect, Some(Effect::Shadowed(_) | Effect::Idle(_))) && !facts.passes_everyone()
}

/// The records that several own terms lead to by different includes. What hangs
/// on a record that is itself repeated is not told again, nor what comes by
/// another own term that may be deleted anyway; and what a single own term
/// brings several times is the business of whose records these are.
pub(super) fn repeated(facts: &Facts) -> Vec<Repeated> {
    let mut ways: BTreeMap<NodeId, Vec<Visit>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for visit in facts.course.visits.iter().filter(|visit| !visit.loops) {
        let Some((_, term)) = facts.term(visit.node, visit.term) else { continue };
        let (Meaning::Include(target) | Meaning::Redirect(target)) = term.meaning else { continue };
        let effect = facts.effects.as_ref().map(|effects| effects.of(visit.via));
        let passed_over = match effect {
            Some(Effect::Repeats(_)) => true,
            Some(Effect::Shadowed(_) | Effect::Idle(_)) => visit.node != Graph::ROOT,
            _ => false,
        };
        if !passed_over && seen.insert((visit.node, visit.term)) {
            ways.entry(target).or_default().push(*visit);
        }
    }
    let repeated = ways.into_iter().map(|(target, ways)| Repeated { target, ways });
    repeated.filter(|repeated| repeated.vias().len() > 1).collect()
}
