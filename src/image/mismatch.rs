//! Whether an image has the names that a record asks for. What stands there is
//! not looked at.

use std::collections::HashSet;

use crate::name::DomainName;

use super::{ZoneImage, ZoneTerms};

/// Names that a message spells out.
const NAMED: usize = 4;

/// What an image has and what the record of its zone asks, where that is not the
/// same: names that are not there would be answered as those of addresses that
/// do not pass.
pub fn mismatch(image: &ZoneImage, terms: &ZoneTerms) -> Option<String> {
    let asked: Vec<&DomainName> = terms.outcomes.iter().map(|outcome| &outcome.name).collect();
    let found = match terms.by_domain {
        false => alone(image, &asked)?,
        true => by_domain(image, &asked)?,
    };
    let asked = names(&asked);
    let each = if terms.by_domain { " before each domain" } else { "" };
    Some(format!("has {found}, and the record asks {asked}{each}: 'spfc image' makes it anew"))
}

/// What a zone of one policy has in place of exactly these names.
fn alone(image: &ZoneImage, asked: &[&DomainName]) -> Option<String> {
    let own: Vec<&DomainName> = image.trees().iter().map(|tree| &tree.name).collect();
    let same = own.len() == asked.len() && own.iter().all(|name| asked.contains(name));
    (!same).then(|| format!("addresses at {}", names(&own)))
}

/// What a zone of many domains has in place of all these names before each domain.
///
/// The shortest name that is left can only be the shortest of its domain, so that
/// it tells which domain it is.
fn by_domain(image: &ZoneImage, asked: &[&DomainName]) -> Option<String> {
    let mut own: Vec<&DomainName> = image.trees().iter().map(|tree| &tree.name).collect();
    own.sort_by_key(|name| name.label_count());
    let mut left: HashSet<&DomainName> = own.iter().copied().collect();
    let shortest = asked.iter().map(|name| name.label_count()).min().unwrap_or_default();
    for name in own {
        if !left.contains(name) {
            continue;
        }
        let domain = DomainName::from_labels(name.labels().skip(shortest));
        let Some(domain) = domain.ok().filter(|domain| !domain.is_root()) else {
            return Some(format!("addresses at {}, without a domain", shown(name)));
        };
        let mut of_domain = asked.iter().map(|outcome| domain.prefixed(outcome));
        let misses = of_domain.any(|name| !name.is_ok_and(|name| left.remove(&name)));
        if misses || left.contains(name) {
            let has = image.trees().iter().map(|tree| &tree.name);
            let has: Vec<&DomainName> = has.filter(|it| it.is_at_or_below(&domain)).collect();
            return Some(format!("for {domain} addresses at {}", names(&has)));
        }
    }
    None
}

/// Names, the first of them where they are many.
fn names(names: &[&DomainName]) -> String {
    let mut listed: Vec<String> = names.iter().take(NAMED).map(|name| shown(name)).collect();
    match names.len().checked_sub(NAMED) {
        None | Some(0) if listed.is_empty() => return "no name".to_owned(),
        None | Some(0) => {}
        Some(more) => listed.push(format!("{more} more")),
    }
    let last = listed.pop().unwrap_or_default();
    match listed.is_empty() {
        true => last,
        false => format!("{} and {last}", listed.join(", ")),
    }
}

fn shown(name: &DomainName) -> String {
    match name.is_root() {
        true => "the zone itself".to_owned(),
        false => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::image::{AddressIndex, Layout, Order, Tree, ZoneMechanism, ZoneOutcome};
    use crate::outcome::Qualifier;

    /// Whether there are many domains, and the names before them.
    type Asked = (bool, &'static [&'static str]);

    const ONE: Asked = (false, &[""]);
    const TWO: Asked = (false, &["", "softfail1"]);
    const MANY: Asked = (true, &[""]);
    const MANY_TWO: Asked = (true, &["", "softfail1"]);

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn said((by_domain, outcomes): Asked, trees: &[&str]) -> Option<String> {
        let outcome = |text: &&str| ZoneOutcome { name: name(text), qualifier: Qualifier::Pass };
        let terms = ZoneTerms {
            layout: Layout::new(&name("z.example"), Order::Reversed, true).unwrap(),
            mechanism: ZoneMechanism::Exists,
            by_domain,
            outcomes: outcomes.iter().map(outcome).collect(),
        };
        let trees = trees.iter().map(|tree| Tree { name: name(tree), set: 0 });
        let sets = vec![Arc::new(AddressIndex::new(&Default::default()))];
        let image = ZoneImage::new(terms.layout.clone(), terms.mechanism, trees, sets).unwrap();
        mismatch(&image, &terms)
    }

    #[test]
    fn an_image_has_the_names_that_the_record_asks() {
        for (asked, trees) in [
            (ONE, &[""][..]),
            (TWO, &["", "softfail1"]),
            (MANY, &[]),
            (MANY, &["example.org", "a.example.org"]),
            // A domain may have the name of an outcome.
            (MANY, &["softfail1"]),
            (MANY_TWO, &["softfail1", "softfail1.softfail1"]),
            (MANY_TWO, &["example.org", "softfail1.example.org"]),
            (
                MANY_TWO,
                &[
                    "a.b",
                    "softfail1.a.b",
                    "softfail1.softfail1.a.b",
                    "softfail1.softfail1.softfail1.a.b",
                ],
            ),
        ] {
            assert_eq!(said(asked, trees), None, "{asked:?} {trees:?}");
        }
    }

    #[test]
    fn an_image_of_other_names_says_what_it_has_and_what_is_asked() {
        for (record, trees, has, asked) in [
            (
                ONE,
                &["", "softfail1"][..],
                "addresses at the zone itself and softfail1",
                "the zone itself",
            ),
            (ONE, &["example.org"], "addresses at example.org", "the zone itself"),
            (ONE, &[], "addresses at no name", "the zone itself"),
            (TWO, &[""], "addresses at the zone itself", "the zone itself and softfail1"),
            (TWO, &["softfail1"], "addresses at softfail1", "the zone itself and softfail1"),
            (
                TWO,
                &["", "softfail2"],
                "addresses at the zone itself and softfail2",
                "the zone itself and softfail1",
            ),
            (
                MANY,
                &[""],
                "addresses at the zone itself, without a domain",
                "the zone itself before each domain",
            ),
            (
                MANY_TWO,
                &["", "softfail1"],
                "addresses at the zone itself, without a domain",
                "the zone itself and softfail1 before each domain",
            ),
            (
                MANY_TWO,
                &["a.b", "c.d", "softfail1.a.b"],
                "for c.d addresses at c.d",
                "the zone itself and softfail1 before each domain",
            ),
            (
                MANY_TWO,
                &["softfail1.a.b"],
                "for softfail1.a.b addresses at softfail1.a.b",
                "the zone itself and softfail1 before each domain",
            ),
            // One of the names of another domain is not the domain's own.
            (
                MANY_TWO,
                &["a.b", "softfail1.a.b", "softfail1.softfail1.a.b"],
                "for softfail1.softfail1.a.b addresses at softfail1.softfail1.a.b",
                "the zone itself and softfail1 before each domain",
            ),
        ] {
            let wanted =
                format!("has {has}, and the record asks {asked}: 'spfc image' makes it anew");
            assert_eq!(said(record, trees), Some(wanted), "{record:?} {trees:?}");
        }
        let many = said(ONE, &["a", "b", "c", "d", "e", "f"]).unwrap();
        assert!(many.contains("a, b, c, d and 2 more"), "{many}");
    }
}
