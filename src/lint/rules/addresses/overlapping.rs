//! Literal terms whose addresses other terms have too, where both count.

use std::collections::HashMap;

use crate::lint::course::passed_by;
use crate::lint::effects::Overlap;
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::terms::quoted;
use crate::policy::{Graph, Meaning, NodeId};

pub(super) fn overlapping_ranges(facts: &Facts) -> Vec<Finding> {
    let Some(effects) = &facts.effects else { return Vec::new() };
    let mut everyone: HashMap<NodeId, bool> = HashMap::new();
    let finding = |overlap: &Overlap| {
        let (found, term) = facts.term(Graph::ROOT, overlap.term)?;
        let (_, other) = facts.term(Graph::ROOT, overlap.other)?;
        // An include of everyone overlaps all there is, and has a rule of its own.
        if let Meaning::Include(child) = other.meaning
            && *everyone.entry(child).or_insert_with(|| passes_everyone(facts, child))
        {
            return None;
        }
        let text = quoted(&found.record, &term.term);
        let other_text = quoted(&found.record, &other.term);
        let more = match overlap.more {
            0 => String::new(),
            1 => " and another term".to_owned(),
            more => format!(" and {more} more terms"),
        };
        let range = &overlap.range;
        let (message, help) = match overlap.differs {
            true => (
                format!(
                    "{text} overlaps {other_text}{more}: what {range} gets depends on their order"
                ),
                "some receivers sort terms, and then decide otherwise; ranges that do not overlap \
                 mean the same to all ('spfc flatten' writes such)",
            ),
            false => (
                format!("{text} overlaps {other_text}{more}: both give {range} the same result"),
                "narrow the term to what the other leaves out, or drop it if the other is enough",
            ),
        };
        Some(Finding::new(facts.term_place(Graph::ROOT, overlap.term), message).help(help))
    };
    effects.overlaps.iter().filter_map(finding).collect()
}

fn passes_everyone(facts: &Facts, child: NodeId) -> bool {
    let passed = passed_by(&facts.graph, child);
    passed.all_of_ip4() || passed.all_of_ip6()
}
