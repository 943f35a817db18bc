//! What publishing an output changes for receivers: ranges and lookups, beside
//! what is published at the domain now.

use crate::dns::Lookup;
use crate::policy::{
    Comparison, Decisions, Fault, Graph, Known, LookupCount, NodeState, PolicyError, WalkOptions,
    compare, count_lookups, lower, walk,
};

use super::{Compiled, Halt, SourceOptions};

/// The published policy beside the one that was compiled.
#[derive(Clone, Debug)]
pub struct PublishedDifference {
    /// Where they differ, the published one first.
    pub comparison: Comparison,
    /// The decisions that the comparison refers to.
    pub decisions: Decisions,
    /// The lookups that evaluating the published policy costs.
    pub lookups: LookupCount,
    /// What is wrong with the published policy, for some address.
    pub errors: Vec<PolicyError>,
    /// Whether the domain has a record at all; without one the result is none.
    pub published: bool,
}

/// Compares what is published at the domain with what was compiled.
///
/// # Errors
///
/// Questions to ask first.
pub fn published_difference(
    lookup: &dyn Lookup,
    options: &SourceOptions,
    compiled: &Compiled,
) -> Result<PublishedDifference, Halt> {
    let mut decisions = compiled.decisions.clone();
    let walk_with = |keep| {
        let options_of_walk = WalkOptions { keep, ceilings: options.ceilings };
        walk(lookup, &options.domain, &options_of_walk)
    };
    let full = walk_with(Default::default())?;
    let graph = walk_with(compiled.source.keep.clone())?;
    let lowered = lower(&graph, &Known::new(), options.ceilings.levels, &mut decisions);
    let errors = lowered.map.errors(&decisions);
    let comparison = compare(&lowered.map, &compiled.source.lowered.map, &mut decisions);
    let lookups = count_lookups(&full).get(&Graph::ROOT).copied().unwrap_or_default();
    let none = |fault: &Fault| matches!(fault, Fault::NoRecord { .. });
    let published = match &graph.root().state {
        NodeState::Broken { fault, .. } => !none(fault),
        NodeState::Found(_) => true,
    };
    Ok(PublishedDifference { comparison, decisions, lookups, errors, published })
}
