//! Who decides: for each record of a graph the term of the policy's own record
//! that leads there.

use std::collections::HashMap;

use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::syntax::absolute_term;

use super::graph::{Graph, Meaning, NodeId};
use super::map::Origin;

/// The term that decides for some addresses, and the branch that it is part of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decider {
    /// The branch.
    pub branch: Branch,
    /// The domain whose record the term stands in.
    pub domain: DomainName,
    /// The term, as written; `None` where no term decides.
    pub term: Option<String>,
}

/// A part of a policy that one owner answers for: an include with all that is
/// behind it, or the other terms of the policy's own record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Branch {
    /// The domain of the policy's own record, or of the one that it redirects to.
    pub domain: DomainName,
    /// The `include`, as written; `None` for the record's other terms.
    pub include: Option<String>,
}

/// The branches of a graph.
pub(super) struct Branches<'a> {
    graph: &'a Graph,
    /// By node: the record and the term in it that lead there; `None` for the
    /// policy's own records.
    via: Vec<Option<(NodeId, usize)>>,
    /// Where each dynamic term first stands, by its text.
    dynamic: HashMap<String, Origin>,
}

impl<'a> Branches<'a> {
    pub(super) fn new(graph: &'a Graph) -> Branches<'a> {
        let via = vec![None; graph.nodes.len()];
        let mut found = Branches { graph, via, dynamic: dynamic_terms(graph) };
        let own = own_records(graph);
        let mut seen = vec![false; graph.nodes.len()];
        own.iter().for_each(|id| seen[id.0 as usize] = true);
        // An address passes where it first can: a branch of which no match
        // passes gets only what no other branch leads to.
        for passing in [true, false] {
            for id in &own {
                let terms = graph.node(*id).record().map_or(&[][..], |found| &found.terms);
                for (index, term) in terms.iter().enumerate() {
                    if let (Meaning::Include(child), true) =
                        (&term.meaning, !passing || term.qualifier == Qualifier::Pass)
                    {
                        found.mark(*child, (*id, index), &mut seen);
                    }
                }
            }
        }
        found
    }

    /// Marks what a term leads to and no earlier one does.
    fn mark(&mut self, child: NodeId, via: (NodeId, usize), seen: &mut [bool]) {
        let mut open = vec![child];
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut seen[id.0 as usize], true) {
                self.via[id.0 as usize] = Some(via);
                open.extend(self.graph.node(id).children());
            }
        }
    }

    /// The decider that an origin stands for.
    pub(super) fn decider(&self, origin: Origin) -> Decider {
        let node = self.graph.node(origin.node);
        let index = origin.term.map(|term| term as usize);
        let term = index.and_then(|index| self.text(origin.node, index));
        let (own, include) = match self.via.get(origin.node.0 as usize).copied().flatten() {
            Some((own, index)) => (own, self.text(own, index)),
            // An include that is one unknown decides by itself.
            None => (origin.node, term.clone().filter(|_| self.includes(origin))),
        };
        let branch = Branch { domain: self.graph.node(own).domain.clone(), include };
        Decider { branch, domain: node.domain.clone(), term }
    }

    /// The origin of a dynamic term, by its text.
    pub(super) fn dynamic(&self, text: &str) -> Option<Origin> {
        self.dynamic.get(text).copied()
    }

    fn includes(&self, origin: Origin) -> bool {
        let term = origin
            .term
            .and_then(|term| self.graph.node(origin.node).record()?.terms.get(term as usize));
        term.is_some_and(|term| match &term.meaning {
            Meaning::Include(_) => true,
            Meaning::Dynamic(kind) => kind.text.starts_with("include:"),
            _ => false,
        })
    }

    fn text(&self, node: NodeId, term: usize) -> Option<String> {
        let found = self.graph.node(node).record()?;
        Some(found.record.slice_text(found.terms.get(term)?.term.span))
    }
}

/// Where each dynamic term first stands; includes too, for lowering makes one
/// unknown of an include that it cannot take apart.
fn dynamic_terms(graph: &Graph) -> HashMap<String, Origin> {
    let mut found = HashMap::new();
    for (node, content) in graph.iter() {
        let Some(record) = content.record() else { continue };
        for (index, term) in record.terms.iter().enumerate() {
            let text = match &term.meaning {
                Meaning::Dynamic(kind) => kind.text.clone(),
                Meaning::Include(_) => absolute_term(&record.record, &term.term, &content.domain),
                _ => continue,
            };
            found.entry(text).or_insert(Origin { node, term: Some(index as u32) });
        }
    }
    found
}

/// The policy's own record, and those that it redirects to.
fn own_records(graph: &Graph) -> Vec<NodeId> {
    let mut own = vec![Graph::ROOT];
    while let Some(found) = own.last().and_then(|id| graph.node(*id).record()) {
        match found.terms.last().map(|term| &term.meaning) {
            Some(Meaning::Redirect(child)) if !own.contains(child) => own.push(*child),
            _ => break,
        }
    }
    own
}
