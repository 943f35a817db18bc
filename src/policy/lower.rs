//! Lowering: from the include graph to the decision map of its root.
//!
//! Each record is lowered once, however many records include it. The terms of
//! a record become layers over the whole address space, and layers join
//! pairwise, so that many includes cost no more than their ranges.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::addr::AddressSet;
use crate::name::DomainName;
use crate::outcome::Qualifier;

use super::decision::{DecisionId, Decisions, End};
use super::graph::{AddressTerm, FoundRecord, Graph, Meaning, NodeId, NodeState};
use super::map::{DecisionMap, Origin};
use super::space::{Layer, Space};
use super::{Ceiling, Fault, PolicyError};

mod adding;
mod loops;
mod masking;
mod whole;

use adding::Adding;
pub use masking::Masking;

/// Dynamic terms whose answers are known after all, by their text: the terms
/// that the compiler itself writes, answered by a zone or an image.
pub type Known = HashMap<String, AddressSet>;

/// A policy, lowered.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// What the policy decides.
    pub map: DecisionMap,
    /// Where it was decided, by the origins of the map's cuts.
    pub origins: Vec<Origin>,
    /// Includes whose dynamic terms mean something else outside of them.
    pub masking: Vec<Masking>,
}

/// Lowers the policy of `graph`, a graph without missing answers.
pub fn lower(graph: &Graph, known: &Known, levels: usize, decisions: &mut Decisions) -> Lowered {
    let (order, looping) = graph.children_first();
    let heights = heights(graph, &order);
    let low: Vec<NodeId> = order.iter().copied().filter(|id| heights[id] <= levels).collect();
    let adding = Adding::new(graph, &low);
    let mapped = adding.mapped(graph);
    let mut lowering = Lowering::new(graph, known, adding, &mapped, decisions);
    for id in order.into_iter().filter(|id| mapped.contains(id)) {
        let map = match heights[&id] <= levels {
            true => lowering.node(id),
            false => lowering.too_deep(id, levels),
        };
        lowering.finish(id, map);
    }
    lowering.loops(&looping, levels);
    let map = lowering.maps.remove(&Graph::ROOT);
    let undecided = lowering.undecided;
    let map = map.unwrap_or_else(|| Arc::new(DecisionMap::uniform(undecided, 0)));
    Lowered { map: Arc::unwrap_or_clone(map), origins: lowering.origins, masking: lowering.masking }
}

/// The most records on a chain from each record down, itself included.
fn heights(graph: &Graph, order: &[NodeId]) -> HashMap<NodeId, usize> {
    let mut heights: HashMap<NodeId, usize> = HashMap::new();
    for id in order {
        let children = graph.node(*id).children().filter_map(|child| heights.get(&child));
        let height = 1 + children.max().copied().unwrap_or(0);
        heights.insert(*id, height);
    }
    heights
}

struct Lowering<'a> {
    graph: &'a Graph,
    known: &'a Known,
    decisions: &'a mut Decisions,
    adding: Adding,
    undecided: DecisionId,
    maps: HashMap<NodeId, Arc<DecisionMap>>,
    /// How many records still need each map; it is dropped with the last.
    waiting: HashMap<NodeId, usize>,
    origins: Vec<Origin>,
    /// Where the origins of each node's terms begin.
    first_origin: Vec<u32>,
    masking: Vec<Masking>,
    /// The records that are in a loop or lead into one.
    looping: HashSet<NodeId>,
}

impl<'a> Lowering<'a> {
    fn new(
        graph: &'a Graph,
        known: &'a Known,
        adding: Adding,
        mapped: &HashSet<NodeId>,
        decisions: &'a mut Decisions,
    ) -> Self {
        let mut waiting: HashMap<NodeId, usize> = HashMap::new();
        let mut origins = Vec::new();
        let mut first_origin = Vec::with_capacity(graph.nodes.len());
        for (node, content) in graph.iter() {
            for child in content.children().filter(|_| mapped.contains(&node)) {
                *waiting.entry(child).or_default() += 1;
            }
            first_origin.push(origins.len() as u32);
            let terms = content.record().map_or(0, |found| found.terms.len()) as u32;
            origins.extend((0..terms).map(|term| Origin { node, term: Some(term) }));
            origins.push(Origin { node, term: None });
        }
        let undecided = decisions.end(End::Undecided);
        Lowering {
            graph,
            known,
            decisions,
            adding,
            undecided,
            maps: HashMap::new(),
            waiting,
            origins,
            first_origin,
            masking: Vec::new(),
            looping: HashSet::new(),
        }
    }

    fn finish(&mut self, id: NodeId, map: DecisionMap) {
        self.maps.insert(id, Arc::new(map));
        for child in self.graph.node(id).children() {
            if let Some(left) = self.waiting.get_mut(&child) {
                *left -= 1;
                if *left == 0 {
                    self.maps.remove(&child);
                }
            }
        }
    }

    fn origin(&self, node: NodeId, term: usize) -> u32 {
        self.first_origin[node.0 as usize] + term as u32
    }

    fn error_everywhere(&mut self, error: PolicyError, origin: u32) -> DecisionMap {
        let error = self.decisions.error(error);
        let decision = self.decisions.end(End::Error(error));
        DecisionMap::uniform(decision, origin)
    }

    fn too_deep(&mut self, id: NodeId, levels: usize) -> DecisionMap {
        let domain = self.graph.node(id).domain.clone();
        let fault = Fault::Ceiling(Ceiling::Levels(levels));
        self.error_everywhere(PolicyError { domain, term: None, fault }, self.origin(id, 0))
    }

    /// The map of one record from those of its children; a child without a map
    /// is one that never ends.
    fn node(&mut self, id: NodeId) -> DecisionMap {
        let node = self.graph.node(id);
        match &node.state {
            NodeState::Found(found) => self.record(id, &node.domain, found),
            NodeState::Broken { fault, .. } => {
                let error =
                    PolicyError { domain: node.domain.clone(), term: None, fault: fault.clone() };
                self.error_everywhere(error, self.origin(id, 0))
            }
        }
    }

    fn record(&mut self, id: NodeId, domain: &DomainName, found: &FoundRecord) -> DecisionMap {
        let mut layers = Layers { maps: Vec::new(), ip4: Vec::new(), ip6: Vec::new() };
        for (index, term) in found.terms.iter().enumerate() {
            let origin = self.origin(id, index);
            match &term.meaning {
                Meaning::Ip4(prefix) => {
                    let decision = self.outcome(term.qualifier);
                    layers.ip4.push(Layer { prefix: *prefix, decision, origin });
                }
                Meaning::Ip6(prefix) => {
                    let decision = self.outcome(term.qualifier);
                    layers.ip6.push(Layer { prefix: *prefix, decision, origin });
                }
                Meaning::Addresses(addresses) => {
                    self.addresses(term.qualifier, addresses, origin, &mut layers);
                }
                Meaning::Include(child) if self.adding.contains(*child) => {
                    let decision = self.outcome(term.qualifier);
                    let first = &self.first_origin;
                    self.adding.layers(self.graph, *child, decision, first, &mut layers);
                }
                Meaning::Exists(Ok(false)) | Meaning::Unreached => {}
                _ => {
                    layers.close_run(self.undecided);
                    let map = self.whole(id, domain, found, index, term, &layers.maps);
                    layers.maps.push(map);
                }
            }
        }
        layers.close_run(self.undecided);
        let neutral = self.outcome(Qualifier::Neutral);
        layers.maps.push(DecisionMap::uniform(neutral, self.origin(id, found.terms.len())));
        join(layers.maps, self.decisions)
    }

    fn outcome(&mut self, qualifier: Qualifier) -> DecisionId {
        self.decisions.end(End::Outcome(qualifier))
    }

    fn addresses(
        &mut self,
        qualifier: Qualifier,
        addresses: &AddressTerm,
        origin: u32,
        layers: &mut Layers,
    ) {
        let decision = self.outcome(qualifier);
        layers.ip4.extend(addresses.ip4.iter().map(|prefix| Layer {
            prefix: *prefix,
            decision,
            origin,
        }));
        layers.ip6.extend(addresses.ip6.iter().map(|prefix| Layer {
            prefix: *prefix,
            decision,
            origin,
        }));
        if addresses.ip4_error.is_none() && addresses.ip6_error.is_none() {
            return;
        }
        layers.close_run(self.undecided);
        let mut failed = |error: &Option<PolicyError>| match error {
            Some(error) => {
                let error = self.decisions.error(error.clone());
                self.decisions.end(End::Error(error))
            }
            None => self.undecided,
        };
        layers.maps.push(DecisionMap {
            ip4: Space::uniform(failed(&addresses.ip4_error), origin),
            ip6: Space::uniform(failed(&addresses.ip6_error), origin),
        });
    }
}

/// The layers of one record: finished maps, then the address terms since.
struct Layers {
    maps: Vec<DecisionMap>,
    ip4: Vec<Layer<u32>>,
    ip6: Vec<Layer<u128>>,
}

impl Layers {
    fn close_run(&mut self, undecided: DecisionId) {
        if self.ip4.is_empty() && self.ip6.is_empty() {
            return;
        }
        self.maps.push(DecisionMap {
            ip4: Space::first_match(&std::mem::take(&mut self.ip4), undecided),
            ip6: Space::first_match(&std::mem::take(&mut self.ip6), undecided),
        });
    }
}

/// Joins layers in their order, neighbours first, so that each range is
/// touched as often as the logarithm of their number.
fn join(mut maps: Vec<DecisionMap>, decisions: &mut Decisions) -> DecisionMap {
    while maps.len() > 1 {
        let mut joined = Vec::with_capacity(maps.len().div_ceil(2));
        let mut rest = maps.into_iter();
        while let Some(first) = rest.next() {
            joined.push(match rest.next() {
                Some(second) => first.then(&second, decisions),
                None => first,
            });
        }
        maps = joined;
    }
    match maps.pop() {
        Some(map) => map,
        None => DecisionMap::uniform(decisions.end(End::Undecided), u32::MAX),
    }
}
