//! Which names of a zone lie in a domain of which nothing is known yet.
//!
//! Only names that were not found are looked for here; what they are answered with is
//! decided in `answer`.

use std::collections::{BTreeSet, HashMap};

use super::name::{QuestionName, at_and_above};

/// Domains of a zone that belong there and have nothing to answer from.
#[derive(Debug, Default)]
pub(super) struct Unready {
    /// The domains, and the names at or below them that have data all the same; by
    /// name, which of the two each is.
    domains: HashMap<Box<[u8]>, Domain>,
    /// The numbers of labels that they have, the largest first.
    label_counts: Box<[usize]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Domain {
    Ready,
    Unready,
}

impl Unready {
    /// `domains` without data and `trees` with it: names on the wire, in lower case
    /// and relative to the zone. A domain that is in both has data.
    pub(super) fn new<'n>(
        domains: impl IntoIterator<Item = &'n [u8]>,
        trees: impl IntoIterator<Item = &'n [u8]>,
    ) -> Unready {
        let mut names: HashMap<Box<[u8]>, Domain> =
            domains.into_iter().map(|name| (name.into(), Domain::Unready)).collect();
        if names.is_empty() {
            return Unready::default();
        }
        for tree in trees {
            if at_and_above(tree).any(|above| names.contains_key(above)) {
                names.insert(tree.into(), Domain::Ready);
            }
        }
        // The last of a name's suffixes is the root, which has no label.
        let counts: BTreeSet<usize> =
            names.keys().map(|name| at_and_above(name).skip(1).count()).collect();
        Unready { domains: names, label_counts: counts.into_iter().rev().collect() }
    }

    /// Whether the nearest domain at or above the name is without data. `zone` is the
    /// label at which the zone's name begins.
    pub(super) fn holds(&self, name: &QuestionName, zone: usize) -> bool {
        let nearest = self.label_counts.iter().find_map(|labels| {
            let first = zone.checked_sub(*labels)?;
            self.domains.get(name.between(first, zone))
        });
        nearest == Some(&Domain::Unready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::DomainName;

    fn names(texts: &[&str]) -> Vec<DomainName> {
        texts.iter().map(|text| DomainName::parse(text).unwrap()).collect()
    }

    /// Whether it holds each of the names in the zone `z`.
    fn holds(unready: &[&str], trees: &[&str], asked: &[&str]) -> Vec<bool> {
        let (domains, trees) = (names(unready), names(trees));
        let unready =
            Unready::new(domains.iter().map(DomainName::wire), trees.iter().map(DomainName::wire));
        let mut name = QuestionName::default();
        let asked = names(asked).into_iter().map(|asked| {
            let wire = [asked.wire(), b"\x01z\0"].concat();
            assert!(name.read(&wire).is_some());
            unready.holds(&name, asked.label_count())
        });
        asked.collect()
    }

    #[test]
    fn the_nearest_domain_decides() {
        let unready = ["b", "e.d.c.b", "f"];
        let trees = ["c.b", "f", "g"];
        let asked = ["b", "x.b", "c.b", "d.c.b", "e.d.c.b", "x.y.e.d.c.b", "x.c.b"];
        assert_eq!(holds(&unready, &trees, &asked), [true, true, false, false, true, true, false]);
        // With data after all; another's; and none that ends as a label does.
        assert_eq!(holds(&unready, &trees, &["f", "x.f", "g", "ab", "", "c"]), [false; 6]);
    }

    #[test]
    fn the_root_is_the_whole_zone() {
        assert_eq!(holds(&[""], &["a"], &["x", "x.y", "a", "x.a"]), [true, true, false, false]);
        assert_eq!(holds(&[], &["", "a"], &["x", "a", ""]), [false; 3]);
        assert_eq!(holds(&["a"], &[""], &["x", "a", ""]), [false, true, false]);
    }
}
