//! Flattening just enough: the fewest targets are inlined that bring a policy
//! within its limits, and all else stays live.
//!
//! A *target* is a name that `include`, `redirect`, `a`, `mx` or a fixed
//! `exists` leads to; it is kept by name ([`SourceOptions::live`]), so that it
//! stays or is inlined wherever it occurs, and what stands below a kept record
//! stays with it. The smallest choice is that of the fewest targets, for each
//! is one that no longer follows who runs it; then that whose answers are few
//! and steady. Choices come in this order from the search, and each is compiled
//! and counted: chunks cost lookups too, and some includes cannot be taken
//! apart. The first that is within the limits is proven as any output is.

mod inlined;
mod knapsack;
mod problem;
mod search;
mod tree;
mod weight;

use std::collections::HashSet;

use crate::dns::Lookup;
use crate::message::MessageSize;
use crate::name::DomainName;
use crate::policy::{Decisions, End, Graph, NodeId, WalkOptions, walk};

use super::flatten::{Draft, FlattenOptions, Flattened, Written};
use super::source::holding;
use super::{CoverChoice, Halt, SourceOptions, read_source};
use problem::Room;
use search::Search;
use tree::{Terms, Tree, redirect_chain};

pub use inlined::{Inlined, WhyInlined};

/// Choices that are compiled at most before the rest is left to a greedy one,
/// and terms and addresses that are read for them.
const MOST_TRIED: usize = 400;
const MOST_READ: usize = 2_000_000;
/// Octets that every record has besides its terms: a string's length, `v=spf1`.
const RECORD_OCTETS: usize = 7;
/// Octets of an `all` with qualifier and blank.
const ALL_OCTETS: usize = 5;

/// A policy with just enough of it inlined.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JustEnough {
    /// The records; what stays live is among its kept terms.
    pub flattened: Flattened,
    /// What was inlined, in the order of the records; nothing where the policy
    /// was within its limits.
    pub inlined: Vec<Inlined>,
    /// No smaller choice is within the limits. Without it, none was found.
    pub least: bool,
}

/// Inlines just enough of a policy to bring it within its limits. Targets that
/// [`SourceOptions::keep`] names are never inlined.
///
/// # Errors
///
/// Questions to ask first, or why there is no output: where no choice is within
/// the limits, what flattening all of it says.
pub fn just_enough(lookup: &dyn Lookup, options: &FlattenOptions) -> Result<JustEnough, Halt> {
    let tree = read(lookup, options)?;
    let mut search = Search::new(&tree.problem);
    for _ in 0..tree.tries() {
        let Some((_, inlined)) = search.next() else { break };
        match attempt(lookup, options, &tree, &inlined)? {
            // What has to stay whole after all makes this a smaller choice,
            // which has been tried.
            Some(tried) if tried.inlined == inlined => return tried.finish(lookup, &tree, true),
            _ => {}
        }
    }
    if let Some(tried) = greedy(lookup, options, &tree)? {
        return tried.finish(lookup, &tree, false);
    }
    // Not even all of it: what flattening says is why.
    let flattened = super::flatten(lookup, options)?;
    let inlined = tree.without(&tree.problem.inlinable(), &flattened.compiled.source.keep);
    Ok(JustEnough { inlined: tree.inlined(&inlined), flattened, least: false })
}

/// Reads what there is to choose from.
fn read(lookup: &dyn Lookup, options: &FlattenOptions) -> Result<Tree, Halt> {
    let view = options.source.view(lookup);
    let source = read_source(&*view, &options.source, &mut Decisions::default())?;
    let nothing_kept = WalkOptions { ceilings: options.source.ceilings, ..WalkOptions::default() };
    let graph = walk(&*view, &options.source.domain, &nothing_kept)?;
    let required = required(&graph, lookup, options)?;
    let end = options.qualifier.map_or(source.end, End::Outcome);
    Ok(Tree::new(&Terms {
        graph: &graph,
        view: &*view,
        pinned: &options.source.keep,
        required: &required,
        end,
        max_lookups: options.records.max_lookups,
        room: room(options, end),
        disjoint: options.cover == CoverChoice::Disjoint,
    }))
}

impl Tree {
    /// How many choices may be compiled.
    fn tries(&self) -> usize {
        (MOST_READ / self.size.max(1)).clamp(1, MOST_TRIED)
    }
}

/// A choice that is within the limits.
struct Tried<'a> {
    draft: Draft<'a>,
    written: Written,
    options: FlattenOptions,
    /// What is inlined: less than was chosen where something has to stay whole.
    inlined: Vec<usize>,
}

impl Tried<'_> {
    fn finish(self, lookup: &dyn Lookup, tree: &Tree, least: bool) -> Result<JustEnough, Halt> {
        let Tried { draft, written, options, inlined } = self;
        let flattened = draft.finish(lookup, &options, written)?;
        Ok(JustEnough { flattened, inlined: tree.inlined(&inlined), least })
    }
}

/// Compiles a choice; nothing when it is over the limits or cannot be made.
fn attempt<'a>(
    lookup: &'a dyn Lookup,
    options: &FlattenOptions,
    tree: &Tree,
    inlined: &[usize],
) -> Result<Option<Tried<'a>>, Halt> {
    let source = SourceOptions { live: tree.all_but(inlined), ..options.source.clone() };
    let options = FlattenOptions { source, ..options.clone() };
    let refused = |halt| match halt {
        Halt::Refuse(_) => Ok(None),
        needed => Err(needed),
    };
    let draft = match Draft::new(lookup, &options) {
        Ok(draft) => draft,
        Err(halt) => return refused(halt),
    };
    match draft.write(lookup, &options) {
        Ok(written) => {
            let inlined = tree.without(inlined, &draft.source.keep);
            Ok(Some(Tried { draft, written, options, inlined }))
        }
        Err(halt) => refused(halt),
    }
}

/// Inlines one target after the other, the lightest that is to be had first,
/// until the policy is within its limits or nothing is left.
fn greedy<'a>(
    lookup: &'a dyn Lookup,
    options: &FlattenOptions,
    tree: &Tree,
) -> Result<Option<Tried<'a>>, Halt> {
    let targets = &tree.problem.targets;
    let mut inlined = Vec::new();
    // As many at once as it takes to end in time.
    let at_once = tree.problem.inlinable().len().div_ceil(tree.tries()).max(1);
    loop {
        if let Some(tried) = attempt(lookup, options, tree, &inlined)? {
            return Ok(Some(tried));
        }
        let reached = tree.problem.reached(&inlined).into_iter();
        let mut next: Vec<usize> = reached.filter(|it| targets[*it].may_inline).collect();
        if next.is_empty() {
            return Ok(None);
        }
        next.sort_by_key(|it| (targets[*it].may_stay, targets[*it].weight));
        inlined.extend(next.into_iter().take(at_once));
    }
}

/// The records that have to be inlined, with all that lead to them: those of
/// which a term is left out or the final `all` changed.
fn required(
    graph: &Graph,
    lookup: &dyn Lookup,
    options: &FlattenOptions,
) -> Result<HashSet<NodeId>, Halt> {
    let whole = SourceOptions { without: Vec::new(), ..options.source.clone() };
    let mut required = holding(graph, &*whole.view(lookup), &options.source.without)?;
    if options.qualifier.is_some() {
        required.extend(redirect_chain(graph));
    }
    loop {
        let leads = |(id, node): (NodeId, &crate::policy::Node)| {
            let mut children = node.children();
            children.any(|child| required.contains(&child)).then_some(id)
        };
        let more: Vec<NodeId> =
            graph.iter().filter_map(leads).filter(|id| !required.contains(id)).collect();
        if more.is_empty() {
            return Ok(required);
        }
        required.extend(more);
    }
}

/// The octets that there are for terms, at most.
fn room(options: &FlattenOptions, end: End) -> Room {
    let domain: &DomainName = &options.source.domain;
    let octets = MessageSize::new(domain, &[]).room(options.records.max_message);
    let all = if matches!(end, End::Outcome(_)) { ALL_OCTETS } else { 0 };
    // Numbers of one digit, and the letter of the set.
    let label = options.records.prefix.len() + 2;
    Room {
        own: octets.saturating_sub(RECORD_OCTETS + all),
        chunk: octets.saturating_sub(RECORD_OCTETS + ALL_OCTETS),
        include: " include:".len() + label + 1 + domain.to_string().len(),
    }
}

#[cfg(test)]
mod tests;
