//! Records that a policy includes more than once.

use std::collections::BTreeMap;

use crate::lint::course::Visit;
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::terms::quoted;
use crate::policy::{Graph, Meaning, NodeId};

/// Includes of one record, each by another term of the policy.
type Ways = BTreeMap<NodeId, Vec<Visit>>;

pub(super) fn repeated_include(facts: &Facts) -> Vec<Finding> {
    let finding = |(target, ways): (NodeId, Vec<Visit>)| {
        let last = ways.last()?;
        let vias: Vec<usize> = distinct(ways.iter().map(|way| way.via));
        if vias.len() < 2 {
            // A matter of the one provider whose records these are.
            return None;
        }
        let each = 1 + facts.costs.get(&target).map_or(0, |count| count.terms);
        let domain = &facts.graph.node(target).domain;
        let through = vias.iter().filter_map(|via| {
            let (found, term) = facts.term(Graph::ROOT, *via)?;
            Some(quoted(&found.record, &term.term))
        });
        let through: Vec<String> = through.take(4).collect();
        let cost = if each == 1 { "1 lookup".to_owned() } else { format!("{each} lookups") };
        let message = format!(
            "{domain} is included {} times, through {}, and costs {cost} each time",
            ways.len(),
            through.join(" and ")
        );
        let help = "a receiver does not remember what it included: drop one of the terms if it \
                    is not needed, or compile the policy with 'spfc flatten'";
        Some(Finding::new(facts.term_place(Graph::ROOT, last.via), message).help(help))
    };
    ways(facts).into_iter().filter_map(finding).collect()
}

/// The records that several terms lead to. What hangs on a record that is
/// itself included twice is not told again, nor what may be deleted anyway.
fn ways(facts: &Facts) -> Ways {
    let mut ways = Ways::new();
    for visit in facts.course.visits.iter().filter(|visit| !visit.loops) {
        let Some((_, term)) = facts.term(visit.node, visit.term) else { continue };
        let (Meaning::Include(target) | Meaning::Redirect(target)) = term.meaning else { continue };
        let redundant =
            |effects: &crate::lint::effects::Effects| effects.of(visit.via).is_redundant();
        if facts.effects.as_ref().is_some_and(redundant) {
            continue;
        }
        let known = ways.entry(target).or_default();
        let same = |way: &Visit| (way.node, way.term) == (visit.node, visit.term);
        if !known.iter().any(same) {
            known.push(*visit);
        }
    }
    ways.retain(|_, ways| ways.len() > 1);
    ways
}

fn distinct(vias: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = Vec::new();
    vias.for_each(|via| {
        if !seen.contains(&via) {
            seen.push(via);
        }
    });
    seen
}
