//! Telling a record that was compiled from one that somebody wrote.
//!
//! What a compiled record passes, the policy that it was compiled from passes:
//! how much that is, is to be judged there, where something can be done about
//! it. Nothing in DNS says where a record comes from, so its form has to.

use crate::addr::{Address, Prefix};
use crate::lint::facts::Facts;
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Meaning};

/// Fewer ranges than this come out sorted by hand too.
const FEWEST: usize = 6;

/// Whether the policy's own record is one of chunks, or has the form in which
/// all ranges are written: no hosts and no includes, and the ranges of each
/// result in the order of their addresses, none of them overlapping or fit to
/// be one with the next.
pub(super) fn is_compiled(facts: &Facts) -> bool {
    facts.own_chunks() > 0 || facts.own_records().iter().any(|(_, found)| is_sorted(found))
}

fn is_sorted(found: &FoundRecord) -> bool {
    let (mut ip4, mut ip6) = (Sorted::default(), Sorted::default());
    let mut ranges = 0;
    for term in &found.terms {
        let in_order = match &term.meaning {
            Meaning::Ip4(prefix) => ip4.accepts(*prefix, term.qualifier),
            Meaning::Ip6(prefix) => ip6.accepts(*prefix, term.qualifier),
            Meaning::Dynamic(_) => {
                (ip4, ip6) = (Sorted::default(), Sorted::default());
                continue;
            }
            Meaning::All | Meaning::Unreached => continue,
            _ => false,
        };
        if !in_order {
            return false;
        }
        ranges += 1;
    }
    ranges >= FEWEST
}

/// The last range of a result, and the result.
struct Sorted<A> {
    last: Option<(Prefix<A>, Qualifier)>,
}

impl<A> Default for Sorted<A> {
    fn default() -> Self {
        Sorted { last: None }
    }
}

impl<A: Address> Sorted<A> {
    /// Whether the next range may stand here.
    fn accepts(&mut self, prefix: Prefix<A>, qualifier: Qualifier) -> bool {
        let before = self.last.replace((prefix, qualifier));
        let Some((before, _)) = before.filter(|(_, result)| *result == qualifier) else {
            return true;
        };
        let parent = Prefix::new(before.first(), before.length().saturating_sub(1));
        let siblings = before.length() == prefix.length() && parent.last() == prefix.last();
        before.last() < prefix.first() && !siblings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(prefixes: &[(u32, u8)]) -> bool {
        let mut sorted = Sorted::default();
        prefixes.iter().all(|(address, length)| {
            sorted.accepts(Prefix::new(*address, *length), Qualifier::Pass)
        })
    }

    #[test]
    fn ranges_rise_apart() {
        assert!(in_order(&[(0, 24), (512, 24), (768, 25), (1024, 22)]));
        assert!(in_order(&[(256, 24), (512, 24)]));
        assert!(!in_order(&[(512, 24), (768, 24)]));
        assert!(!in_order(&[(0, 22), (512, 24)]));
        assert!(!in_order(&[(512, 24), (0, 24)]));
        assert!(!in_order(&[(512, 24), (512, 24)]));
    }
}
