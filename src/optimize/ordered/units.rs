//! From chosen terms to units of text, for the policy's own record and for
//! chunks.

use crate::addr::{Address, Prefix};
use crate::optimize::{GroupCover, Unit};
use crate::outcome::Qualifier;

use super::cells::{Cells, Content, Wanted};
use super::nested::Nested;
use super::trie::{Trie, gaps};

/// The terms of a trie as they stand in the policy's own record.
pub(super) fn joint<A: Address>(trie: &Trie<A>) -> impl Iterator<Item = Vec<String>> {
    trie.terms(u64::MAX).into_iter().map(|term| texts(&term))
}

/// The terms of one outcome, chosen for chunks.
pub(super) fn group(outcome: Qualifier, wanted: &Wanted, most: u64) -> GroupCover {
    let mut units = family_units(outcome, &wanted.ip4, most);
    units.extend(family_units(outcome, &wanted.ip6, most));
    GroupCover { outcome, units }
}

/// A chunk passes what the group decides and fails all else, like a policy
/// whose default result is fail.
fn family_units<A: Address>(outcome: Qualifier, cells: &Cells<A>, most: u64) -> Vec<Unit> {
    let chunk = cells.map(|content| match content {
        Content::Decided(decided) if decided == outcome => Content::Decided(Qualifier::Pass),
        Content::Decided(_) | Content::Open => Content::Decided(Qualifier::Fail),
        Content::Free => Content::Free,
    });
    let terms = Trie::solve(&chunk, Some(Qualifier::Fail)).terms(most);
    let unit = |term: Nested<A>| Unit {
        own: own(&term, outcome, cells).map(|own| texts(&own)),
        chunk: texts(&term),
    };
    terms.into_iter().map(unit).collect()
}

/// The terms of a chunk as they would stand in the policy's own record. There a
/// hole decides, so it has to be decided, and one outcome has to do.
fn own<A: Address>(term: &Nested<A>, outcome: Qualifier, cells: &Cells<A>) -> Option<Nested<A>> {
    let inside = term.inside.iter().map(|term| own(term, outcome, cells));
    let inside = inside.collect::<Option<Vec<_>>>()?;
    let outcome = match term.outcome {
        Qualifier::Pass => outcome,
        _ => decided_alike(term, cells)?,
    };
    Some(Nested { prefix: term.prefix, outcome, inside })
}

/// What is decided for every address that a term has and none inside it.
fn decided_alike<A: Address>(term: &Nested<A>, cells: &Cells<A>) -> Option<Qualifier> {
    let inside: Vec<Prefix<A>> = term.inside.iter().map(|term| term.prefix).collect();
    let gaps = gaps(term.prefix, &inside);
    let mut contents = gaps.into_iter().flat_map(|gap| cells.within(gap));
    contents.try_fold(None, |found, content| match (found, content) {
        (found, Content::Free) => Some(found),
        (None, Content::Decided(outcome)) => Some(Some(outcome)),
        (Some(found), Content::Decided(outcome)) if found == outcome => Some(Some(found)),
        _ => None,
    })?
}

fn texts<A: Address>(term: &Nested<A>) -> Vec<String> {
    let text = |(prefix, outcome): (Prefix<A>, Qualifier)| {
        format!("{}{}:{prefix}", outcome.prefix(), A::FAMILY.as_str())
    };
    term.terms().into_iter().map(text).collect()
}
