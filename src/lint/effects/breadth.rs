//! How many prefixes it would take to write a term's addresses out.

use crate::policy::Graph;

use super::canvas::Budget;
use super::layers::{Layers, Side, Verdict, decide};

/// For each term of the policy's own record the prefixes that it matches;
/// `None` for a term that not only the address decides. `None` altogether
/// where the policy is too large to say.
pub(in crate::lint) fn breadths(graph: &Graph) -> Option<Vec<Option<usize>>> {
    let found = graph.root().record()?;
    let mut budget = Budget::default();
    let decided = decide(graph, &mut budget)?;
    let ip4 = Layers::<u32>::new(found, &decided, |_| true, &mut budget)?;
    let ip6 = Layers::<u128>::new(found, &decided, |_| true, &mut budget)?;
    let both = |term| Some(of(&ip4, term)? + of(&ip6, term)?);
    Some((0..found.terms.len()).map(both).collect())
}

fn of<A: Side>(layers: &Layers<A>, term: usize) -> Option<usize> {
    let mut prefixes = 0;
    for (range, verdict) in layers.of(term) {
        if *verdict == Verdict::Unknown {
            return None;
        }
        prefixes += range.prefixes().count();
    }
    Some(prefixes)
}
