//! The include tree as a JSON document.

use crate::documents::SCHEMA;
use crate::policy::{Graph, LookupCount, NodeId, NodeState, count_lookups};

use super::lines::{Cut, TreeLine, lines};
use super::reach::{Addresses, Reach};
use super::shapes::{AddressesShape, PolicyShape, TermShape, TreeDocument};

impl TreeDocument {
    /// The document of a graph.
    pub(crate) fn new(graph: &Graph) -> TreeDocument {
        document(graph)
    }
}

fn document(graph: &Graph) -> TreeDocument {
    let mut builder =
        Builder { graph, reach: Reach::new(graph), counts: count_lookups(graph), open: Vec::new() };
    let root = builder.policy(Graph::ROOT, None);
    builder.open.push(root);
    for line in lines(graph) {
        builder.close_to(line.depth);
        builder.add(&line);
    }
    builder.close_to(0);
    let policy = builder.open.pop();
    let policy = policy.unwrap_or_else(|| builder.policy(Graph::ROOT, None));
    TreeDocument { schema: SCHEMA, policy }
}

struct Builder<'a> {
    graph: &'a Graph,
    reach: Reach<'a>,
    counts: std::collections::HashMap<NodeId, LookupCount>,
    /// The records from the root to where the next term belongs. All but the
    /// first are not yet in place: each is the target of the last term of the
    /// one before.
    open: Vec<PolicyShape>,
}

impl Builder<'_> {
    fn policy(&mut self, id: NodeId, cut: Option<Cut>) -> PolicyShape {
        let node = self.graph.node(id);
        let (record, problem) = match &node.state {
            NodeState::Found(found) => (Some(&found.record), None),
            NodeState::Broken { fault, record } => (record.as_ref(), Some(fault.to_string())),
        };
        let text = record.map(|record| String::from_utf8_lossy(record.text()).into_owned());
        let sound = problem.is_none() && cut != Some(Cut::Loop);
        PolicyShape {
            domain: node.domain.to_string(),
            record: text,
            lookups: self.counts.get(&id).copied().unwrap_or_default().into(),
            addresses: if sound { self.reach.node(id).map(shape) } else { None },
            problem,
            repeated: matches!(cut, Some(Cut::Repeated | Cut::Loop | Cut::Deep)),
            terms: Vec::new(),
        }
    }

    fn add(&mut self, line: &TreeLine<'_>) {
        let target = line.target.map(|id| self.policy(id, line.cut));
        let follows = line.cut.is_none();
        let mut term = TermShape {
            term: line.text(),
            lookups: line.lookups,
            cumulative: line.cumulative(),
            addresses: match line.target {
                Some(_) => target.as_ref().and_then(|target| target.addresses.clone()),
                None => Reach::terms(&[line.term]).map(shape),
            },
            problem: line.problem(self.graph),
            target: None,
        };
        let opened = match target {
            Some(target) if follows => Some(target),
            target => {
                term.target = target;
                None
            }
        };
        if let Some(policy) = self.open.last_mut() {
            policy.terms.push(term);
        }
        self.open.extend(opened);
    }

    /// Puts the records below `depth` in place.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth + 1 {
            let Some(closed) = self.open.pop() else { return };
            if let Some(term) = self.open.last_mut().and_then(|policy| policy.terms.last_mut()) {
                term.target = Some(closed);
            }
        }
    }
}

fn shape(addresses: Addresses) -> AddressesShape {
    AddressesShape { ip4: addresses.ip4, ip6_prefixes: addresses.ip6_prefixes }
}
