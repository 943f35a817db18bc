//! Records that include or redirect to each other in a loop.
//!
//! An address that a record of the loop decides never goes round; one that
//! comes back to where it was goes round for ever, a permerror. So the maps of
//! the loop are the least solution of their own equations: start with "never
//! ends" everywhere and lower until nothing changes.

use std::sync::Arc;

use super::super::decision::End;
use super::super::graph::NodeId;
use super::super::map::DecisionMap;
use super::super::{Fault, PolicyError};
use super::Lowering;

impl Lowering<'_> {
    /// Lowers the records of `looping` together. An evaluation that is more
    /// than `levels` deep is an error anyway, so more rounds add nothing.
    pub(super) fn loops(&mut self, looping: &[NodeId], levels: usize) {
        self.looping = looping.iter().copied().collect();
        for _ in 0..=levels {
            let mut changed = false;
            for id in looping {
                self.masking.retain(|masking| masking.node != *id);
                let map = self.node(*id);
                let before = self.maps.insert(*id, Arc::new(map));
                changed |= before.as_ref() != self.maps.get(id);
            }
            if !changed {
                return;
            }
        }
    }

    /// What a record decides that never comes to an end.
    pub(super) fn endless(&mut self, id: NodeId, origin: u32) -> DecisionMap {
        let domain = self.graph.node(id).domain.clone();
        let chain = self.chain(id).into_iter().map(|id| self.graph.node(id).domain.clone());
        let fault = Fault::Loop { chain: chain.collect() };
        let error = self.decisions.error(PolicyError { domain, term: None, fault });
        DecisionMap::uniform(self.decisions.end(End::Error(error)), origin)
    }

    /// A way from `start` round a loop, its first record again at the end.
    fn chain(&self, start: NodeId) -> Vec<NodeId> {
        let mut chain = vec![start];
        let mut at = start;
        while let Some(next) =
            self.graph.node(at).children().find(|child| self.looping.contains(child))
        {
            if let Some(seen) = chain.iter().position(|id| *id == next) {
                chain.drain(..seen);
                chain.push(next);
                break;
            }
            chain.push(next);
            at = next;
        }
        chain
    }
}
