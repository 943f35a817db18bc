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
/// be one with the next. Exclusions stand before what they are taken from.
pub(super) fn is_compiled(facts: &Facts) -> bool {
    facts.own_chunks() > 0 || facts.own_records().iter().any(|(_, found)| is_sorted(found))
}

fn is_sorted(found: &FoundRecord) -> bool {
    let (mut ip4, mut ip6) = (Covers::default(), Covers::default());
    let mut ranges = 0;
    for term in &found.terms {
        let fits = match &term.meaning {
            Meaning::Ip4(prefix) => ip4.accepts(*prefix, term.qualifier),
            Meaning::Ip6(prefix) => ip6.accepts(*prefix, term.qualifier),
            Meaning::Dynamic(_) => {
                if !ip4.rise_apart() || !ip6.rise_apart() {
                    return false;
                }
                (ip4, ip6) = (Covers::default(), Covers::default());
                continue;
            }
            Meaning::All | Meaning::Unreached => continue,
            _ => false,
        };
        if !fits {
            return false;
        }
        ranges += 1;
    }
    ranges >= FEWEST && ip4.rise_apart() && ip6.rise_apart()
}

/// The ranges that no later one is around, with their results.
struct Covers<A> {
    ranges: Vec<(Prefix<A>, Qualifier)>,
}

impl<A> Default for Covers<A> {
    fn default() -> Self {
        Covers { ranges: Vec::new() }
    }
}

impl<A: Address> Covers<A> {
    /// Adds the next range; one that is around those before it takes them in,
    /// which are its exclusions. Nobody compiles a range into one of its own
    /// result.
    fn accepts(&mut self, prefix: Prefix<A>, qualifier: Qualifier) -> bool {
        let around =
            |inner: Prefix<A>| prefix.first() <= inner.first() && inner.last() <= prefix.last();
        while let Some((inner, result)) = self.ranges.pop_if(|(inner, _)| around(*inner)) {
            if result == qualifier || inner == prefix {
                return false;
            }
        }
        self.ranges.push((prefix, qualifier));
        true
    }

    /// Whether the ranges of each result are in the order of their addresses,
    /// and none is fit to be one with the next.
    fn rise_apart(&self) -> bool {
        let of = |result: Qualifier| {
            self.ranges.iter().filter(move |(_, other)| *other == result).map(|(prefix, _)| *prefix)
        };
        let apart = |(before, next): (Prefix<A>, Prefix<A>)| {
            let parent = Prefix::new(before.first(), before.length().saturating_sub(1));
            let siblings = before.length() == next.length() && parent.last() == next.last();
            before.last() < next.first() && !siblings
        };
        let results = [Qualifier::Pass, Qualifier::Fail, Qualifier::Softfail, Qualifier::Neutral];
        results.into_iter().all(|result| of(result).zip(of(result).skip(1)).all(apart))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(prefixes: &[(u32, u8)]) -> bool {
        let terms: Vec<_> =
            prefixes.iter().map(|(at, length)| (*at, *length, Qualifier::Pass)).collect();
        is_written(&terms)
    }

    fn is_written(terms: &[(u32, u8, Qualifier)]) -> bool {
        let mut covers = Covers::default();
        let mut fits = terms.iter().map(|(address, length, result)| {
            covers.accepts(Prefix::new(*address, *length), *result)
        });
        fits.all(|fits| fits) && covers.rise_apart()
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

    #[test]
    fn exclusions_stand_before_their_range() {
        let (pass, fail) = (Qualifier::Pass, Qualifier::Fail);
        assert!(is_written(&[
            (0, 24, pass),
            (900, 32, fail),
            (800, 30, fail),
            (768, 24, pass),
            (2048, 24, pass)
        ]));
        assert!(is_written(&[(769, 32, pass), (768, 30, fail), (768, 24, pass)]));
        assert!(!is_written(&[(769, 32, pass), (768, 24, pass)]));
        assert!(!in_order(&[(768, 24), (769, 32)]));
    }
}
