//! Zones put together from the sets of their sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::image::{AddressIndex, Tree, ZoneImage, ZoneImageError, ZoneTerms};
use crate::name::DomainName;

/// The sets of one source in one zone.
#[derive(Clone, Debug)]
pub struct SourceSets {
    /// Each with its name relative to the zone, or to a domain of the zone.
    pub sets: Vec<(DomainName, Arc<AddressIndex>)>,
    /// Where they come from, as the image is to keep it.
    pub text: Option<String>,
}

/// A zone with all that is known of its sources.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The zone.
    pub zone: ZoneImage,
    /// For each of its sets where it comes from.
    pub texts: Vec<Option<String>>,
    /// The domains of which nothing is known, relative to the zone: the root stands
    /// for the zone of one policy.
    pub unready: Vec<DomainName>,
}

/// Puts a zone together. `tenants` are its domains with their sources, the root for a
/// zone of one policy; `known` has the sets of those sources that have some.
///
/// Names that a policy does not need are asked for all the same, and hold nothing.
///
/// # Errors
///
/// Names that cannot stand in the zone.
pub fn assemble(
    terms: &ZoneTerms,
    tenants: &BTreeMap<DomainName, String>,
    known: &BTreeMap<&str, &SourceSets>,
) -> Result<Assembled, ZoneImageError> {
    let mut parts = Parts::default();
    let mut numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let empty = Arc::new(AddressIndex::new(&Default::default()));
    for (source, sets) in known {
        let set = |name: &DomainName| {
            let set = sets.sets.iter().find(|(own, _)| own == name);
            set.map_or(&empty, |(_, set)| set)
        };
        let own = terms.outcomes.iter().map(|outcome| set(&outcome.name));
        let own = own.map(|set| parts.number(source, set, sets.text.as_ref())).collect();
        numbers.insert(source, own);
    }
    let mut trees = Vec::with_capacity(tenants.len() * terms.outcomes.len());
    let mut unready = Vec::new();
    for (domain, source) in tenants {
        let Some(sets) = numbers.get(source.as_str()) else {
            unready.push(domain.clone());
            continue;
        };
        for (outcome, set) in terms.outcomes.iter().zip(sets) {
            // Names without room were refused with the configuration.
            let name = domain.prefixed(&outcome.name).unwrap_or_else(|_| domain.clone());
            trees.push(Tree { name, set: *set });
        }
    }
    let zone = ZoneImage::new(terms.layout.clone(), terms.mechanism, trees, parts.sets)?;
    Ok(Assembled { zone, texts: parts.texts, unready })
}

/// The sets of a zone, each once for each source.
#[derive(Default)]
struct Parts {
    sets: Vec<Arc<AddressIndex>>,
    texts: Vec<Option<String>>,
    /// By source: where its own begin, as they were added.
    source: Option<(String, usize)>,
}

impl Parts {
    fn number(&mut self, source: &str, set: &Arc<AddressIndex>, text: Option<&String>) -> u32 {
        if self.source.as_ref().is_none_or(|(known, _)| known != source) {
            self.source = Some((source.to_owned(), self.sets.len()));
        }
        let begin = self.source.as_ref().map_or(0, |(_, begin)| *begin);
        let own = self.sets.iter().enumerate().skip(begin);
        let known = own.into_iter().find(|(_, known)| known == &set).map(|(place, _)| place);
        let number = known.unwrap_or_else(|| {
            self.sets.push(Arc::clone(set));
            self.texts.push(text.cloned());
            self.sets.len() - 1
        });
        // An image has no room for more.
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    use crate::addr::AddressSet;
    use crate::image::{Layout, Order, ZoneMechanism, ZoneOutcome};
    use crate::outcome::Qualifier;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn set(address: &str) -> Arc<AddressIndex> {
        let IpAddr::V4(ip) = address.parse().unwrap() else { panic!("an IPv4 address") };
        let ip4 = [crate::addr::Range { first: ip.to_bits(), last: ip.to_bits() }];
        Arc::new(AddressIndex::new(&AddressSet {
            ip4: ip4.into_iter().collect(),
            ..Default::default()
        }))
    }

    fn terms(by_domain: bool) -> ZoneTerms {
        let outcome = |text, qualifier| ZoneOutcome { name: name(text), qualifier };
        ZoneTerms {
            layout: Layout::new(&name("z.example"), Order::Reversed, true).unwrap(),
            mechanism: ZoneMechanism::Exists,
            by_domain,
            outcomes: vec![outcome("", Qualifier::Pass), outcome("softfail1", Qualifier::Softfail)],
        }
    }

    #[test]
    fn tenants_share_the_sets_of_their_source() {
        let own = |text: &str| SourceSets {
            sets: vec![(name(""), set("192.0.2.1")), (name("softfail1"), set("192.0.2.2"))],
            text: Some(text.to_owned()),
        };
        let (one, two) = (own("one"), own("two"));
        let known = BTreeMap::from([("one", &one), ("two", &two)]);
        let tenants = [("a.test", "one"), ("b.test", "two"), ("c.test", "one"), ("d.test", "none")];
        let tenants =
            tenants.iter().map(|(domain, source)| (name(domain), (*source).to_owned())).collect();
        let assembled = assemble(&terms(true), &tenants, &known).unwrap();
        let trees: Vec<_> =
            assembled.zone.trees().iter().map(|t| (t.name.to_string(), t.set)).collect();
        let expected = [
            ("a.test", 0),
            ("softfail1.a.test", 1),
            ("b.test", 2),
            ("softfail1.b.test", 3),
            ("c.test", 0),
            ("softfail1.c.test", 1),
        ];
        assert_eq!(trees, expected.map(|(name, set)| (name.to_owned(), set)));
        let texts: Vec<_> = assembled.texts.iter().map(|text| text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["one", "one", "two", "two"]);
        assert_eq!(assembled.unready, [name("d.test")]);
    }

    #[test]
    fn a_name_that_the_policy_does_not_need_holds_nothing() {
        let own = SourceSets { sets: vec![(name(""), set("192.0.2.1"))], text: None };
        let tenants = BTreeMap::from([(DomainName::root(), "one".to_owned())]);
        let known = BTreeMap::from([("one", &own)]);
        let assembled = assemble(&terms(false), &tenants, &known).unwrap();
        let counts: Vec<_> = assembled.zone.sets().iter().map(|set| set.range_counts()).collect();
        assert_eq!(counts, [(1, 0), (0, 0)]);
        let nothing = assemble(&terms(false), &tenants, &BTreeMap::new()).unwrap();
        assert_eq!(nothing.unready, [DomainName::root()]);
    }
}
