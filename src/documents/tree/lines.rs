//! The include tree in pre-order: one line a term, each record's terms once.

use std::collections::{HashMap, HashSet};

use crate::policy::{
    FoundRecord, Graph, GraphTerm, LookupCount, Meaning, NodeId, NodeState, count_lookups,
};

/// Levels that are shown at most: many JSON readers stop at 128 levels of their
/// own, three of which are one of these.
pub(crate) const LEVELS: usize = 40;

/// One term of the tree.
pub(crate) struct TreeLine<'a> {
    /// Includes and redirects above it.
    pub(crate) depth: usize,
    /// The record that it stands in.
    pub(crate) found: &'a FoundRecord,
    /// The term.
    pub(crate) term: &'a GraphTerm,
    /// Lookups of the whole policy before the term.
    pub(crate) before: u32,
    /// Lookups of the term and of all that it leads to.
    pub(crate) lookups: u32,
    /// The record that it leads to.
    pub(crate) target: Option<NodeId>,
    /// What keeps the target's terms from following.
    pub(crate) cut: Option<Cut>,
}

/// Why the terms of a target do not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// They are further up.
    Repeated,
    /// The target is further up on the same branch.
    Loop,
    /// There is no sound record.
    Broken,
    /// The tree is too deep.
    Deep,
}

impl TreeLine<'_> {
    /// The term as written.
    pub(crate) fn text(&self) -> String {
        self.found.record.slice_text(self.term.term.span)
    }

    /// Lookups of the whole policy up to the end of the term.
    pub(crate) fn cumulative(&self) -> u32 {
        self.before.saturating_add(self.lookups)
    }

    /// What is wrong with the term itself.
    pub(crate) fn problem(&self, graph: &Graph) -> Option<String> {
        match (&self.term.meaning, self.cut) {
            (Meaning::Broken(error), _) => Some(error.fault.to_string()),
            (Meaning::Exists(Err(error)), _) => Some(error.fault.to_string()),
            (Meaning::Addresses(found), _) => {
                let error = found.ip4_error.as_ref().or(found.ip6_error.as_ref());
                error.map(|error| error.fault.to_string())
            }
            (_, Some(Cut::Loop)) => Some("leads back to where it came from: a loop".to_owned()),
            (_, Some(Cut::Deep)) => Some(format!("more than {LEVELS} levels deep")),
            (_, _) => self.target.and_then(|id| match &graph.node(id).state {
                NodeState::Broken { fault, .. } => Some(fault.to_string()),
                NodeState::Found(_) => None,
            }),
        }
    }
}

/// All lines of a graph.
pub(crate) fn lines(graph: &Graph) -> Vec<TreeLine<'_>> {
    let counts = count_lookups(graph);
    let mut lines = Vec::new();
    let mut seen = HashSet::from([Graph::ROOT]);
    let mut used: u32 = 0;
    // The records of the branch, each with its next term.
    let mut branch: Vec<(NodeId, usize)> = vec![(Graph::ROOT, 0)];
    while let Some((id, next)) = branch.last_mut() {
        let Some(found) = graph.node(*id).record() else {
            branch.pop();
            continue;
        };
        let Some(term) = found.terms.get(*next) else {
            branch.pop();
            continue;
        };
        *next += 1;
        let depth = branch.len() - 1;
        let target = target(term);
        let cut = target.and_then(|child| {
            let open = branch.iter().any(|(above, _)| *above == child);
            cut(graph, child, open, &mut seen, depth)
        });
        let own = own_lookups(&term.meaning);
        let lookups = own.saturating_add(behind(target, &counts));
        lines.push(TreeLine { depth, found, term, before: used, lookups, target, cut });
        match (target, cut) {
            (Some(child), None) => {
                used = used.saturating_add(own);
                branch.push((child, 0));
            }
            _ => used = used.saturating_add(lookups),
        }
    }
    lines
}

fn target(term: &GraphTerm) -> Option<NodeId> {
    match term.meaning {
        Meaning::Include(child) | Meaning::Redirect(child) => Some(child),
        _ => None,
    }
}

fn cut(
    graph: &Graph,
    child: NodeId,
    open: bool,
    seen: &mut HashSet<NodeId>,
    depth: usize,
) -> Option<Cut> {
    if open {
        return Some(Cut::Loop);
    }
    if graph.node(child).record().is_none() {
        return Some(Cut::Broken);
    }
    if seen.contains(&child) {
        return Some(Cut::Repeated);
    }
    if depth + 1 >= LEVELS {
        return Some(Cut::Deep);
    }
    seen.insert(child);
    None
}

/// Lookups of a term by itself (RFC 7208 section 4.6.4).
fn own_lookups(meaning: &Meaning) -> u32 {
    match meaning {
        Meaning::All | Meaning::Ip4(_) | Meaning::Ip6(_) | Meaning::Unreached => 0,
        _ => 1,
    }
}

fn behind(target: Option<NodeId>, counts: &HashMap<NodeId, LookupCount>) -> u32 {
    target.and_then(|child| counts.get(&child)).map_or(0, |count| count.terms)
}
