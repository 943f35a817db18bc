//! SPF406 and SPF407: includes whose policy passes nobody, or everybody.

use crate::addr::{Address, Prefix};
use crate::lint::course::{Visit, passed_by};
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::terms::quoted;
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, GraphTerm, Meaning, NodeId, NodeState};

/// What a policy passes at most, by the terms that could pass somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bound {
    /// Some term may pass somebody.
    somebody: bool,
    /// Addresses of each family: as many, or fewer where terms overlap.
    ip4: f64,
    ip6: f64,
}

impl Bound {
    const EVERYBODY: Bound = Bound { somebody: true, ip4: f64::INFINITY, ip6: f64::INFINITY };
    /// Somebody, and nobody knows whom: what cannot be read, and what only the
    /// message decides.
    const SOMEBODY: Bound = Bound { somebody: true, ip4: 0.0, ip6: 0.0 };

    fn of<A: Address>(prefixes: &[Prefix<A>]) -> f64 {
        let octets = |prefix: &Prefix<A>| f64::from(A::BITS - prefix.length()).exp2();
        prefixes.iter().map(octets).sum()
    }

    fn add(&mut self, other: Bound) {
        self.somebody |= other.somebody;
        self.ip4 += other.ip4;
        self.ip6 += other.ip6;
    }

    /// Whether all addresses of a family may be passed.
    fn may_be_everyone(self) -> bool {
        self.ip4 >= 32f64.exp2() || self.ip6 >= 127.9f64.exp2()
    }
}

/// The bounds of all records of a graph, each counted once.
fn bounds(graph: &Graph) -> Vec<Bound> {
    let mut bounds = vec![Bound::EVERYBODY; graph.nodes.len()];
    let (order, _looping) = graph.children_first();
    for id in order {
        bounds[id.0 as usize] = match &graph.node(id).state {
            NodeState::Found(found) => bound(found, &bounds),
            NodeState::Broken { .. } => Bound::SOMEBODY,
        };
    }
    bounds
}

fn bound(found: &FoundRecord, known: &[Bound]) -> Bound {
    let mut sum = Bound::default();
    for term in &found.terms {
        let of = match &term.meaning {
            // A redirect passes whom its target passes.
            _ if term.qualifier != Qualifier::Pass => continue,
            Meaning::All | Meaning::Exists(Ok(true)) => Bound::EVERYBODY,
            Meaning::Ip4(prefix) => Bound { ip4: Bound::of(&[*prefix]), ..Bound::SOMEBODY },
            Meaning::Ip6(prefix) => Bound { ip6: Bound::of(&[*prefix]), ..Bound::SOMEBODY },
            Meaning::Addresses(found) if found.is_void() => continue,
            Meaning::Addresses(found) => {
                Bound { somebody: true, ip4: Bound::of(&found.ip4), ip6: Bound::of(&found.ip6) }
            }
            Meaning::Include(child) | Meaning::Redirect(child) => {
                known.get(child.0 as usize).copied().unwrap_or(Bound::EVERYBODY)
            }
            Meaning::Dynamic(_) | Meaning::Exists(Err(_)) | Meaning::Broken(_) => Bound::SOMEBODY,
            Meaning::Exists(Ok(false)) | Meaning::Unreached => continue,
        };
        sum.add(of);
    }
    sum
}

/// An include that the policy's owner wrote, and the record that it leads to.
type OwnInclude<'a> = (Visit, &'a FoundRecord, &'a GraphTerm, NodeId);

fn own_includes<'a>(facts: &'a Facts) -> Vec<OwnInclude<'a>> {
    let include = |(visit, found, term): (Visit, &'a FoundRecord, &'a GraphTerm)| match term.meaning
    {
        Meaning::Include(child) if visit.own && !visit.loops => Some((visit, found, term, child)),
        _ => None,
    };
    facts.reached().filter_map(include).collect()
}

pub(super) fn include_passing_nobody(facts: &Facts) -> Vec<Finding> {
    let includes = own_includes(facts);
    if includes.is_empty() {
        return Vec::new();
    }
    let bounds = bounds(&facts.graph);
    let nobody = |child: &NodeId| bounds.get(child.0 as usize).is_some_and(|known| !known.somebody);
    let finding = |(visit, found, term, child): (Visit, &FoundRecord, &GraphTerm, NodeId)| {
        let text = quoted(&found.record, &term.term);
        let name = &facts.graph.node(child).domain;
        let message = format!("{text} matches nobody, because the policy of {name} passes nobody");
        Finding::new(facts.term_place(visit.node, visit.term), message)
            .help("remove the term if the service is no longer used; it costs a lookup for nothing")
    };
    includes.into_iter().filter(|(.., child)| nobody(child)).map(finding).collect()
}

pub(super) fn include_of_everyone(facts: &Facts) -> Vec<Finding> {
    let includes = own_includes(facts);
    if includes.is_empty() {
        return Vec::new();
    }
    let bounds = bounds(&facts.graph);
    let mut findings = Vec::new();
    for (visit, found, term, child) in includes {
        let known = bounds.get(child.0 as usize).copied().unwrap_or_default();
        if !known.may_be_everyone() || told_as_pass(facts, visit, term) {
            continue;
        }
        let passed = passed_by(&facts.graph, child);
        let clients = match (passed.all_of_ip4(), passed.all_of_ip6()) {
            (true, true) => "every client",
            (true, false) => "every IPv4 client",
            (false, true) => "every IPv6 client",
            (false, false) => continue,
        };
        let text = quoted(&found.record, &term.term);
        let name = &facts.graph.node(child).domain;
        let message = format!(
            "{text} matches {clients}, because the policy of {name} passes everyone: what stands \
             behind it says nothing to them"
        );
        let help = "include a policy that lists the hosts of the service, or remove the term";
        let place = facts.term_place(visit.node, visit.term);
        findings.push(Finding::new(place, message).help(help));
    }
    findings
}

/// Whether the rule on policies that pass everyone (SPF601) says this already.
fn told_as_pass(facts: &Facts, visit: Visit, term: &GraphTerm) -> bool {
    if facts.subject.is_include_only() || term.qualifier != Qualifier::Pass {
        return false;
    }
    let passes = &facts.course.passes;
    let whole = passes.all_of_ip4() || passes.all_of_ip6();
    let inside = facts.course.visits.iter().any(|other| {
        let meaning = facts.term(other.node, other.term).map(|(_, term)| &term.meaning);
        other.via == visit.via
            && other.decides == Some(Qualifier::Pass)
            && matches!(meaning, Some(Meaning::All | Meaning::Exists(Ok(true))))
    });
    whole || inside
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dns::ZoneMap;
    use crate::name::DomainName;
    use crate::policy::{WalkOptions, walk};

    fn graph(records: &[String]) -> Graph {
        let entry = |(index, terms): (usize, &String)| {
            format!("\"n{index}.test\":{{\"TXT\":[\"v=spf1 {terms}\"]}}")
        };
        let entries: Vec<String> = records.iter().enumerate().map(entry).collect();
        let zone = ZoneMap::read(format!("{{{}}}", entries.join(",")).as_bytes()).unwrap();
        walk(&zone, &DomainName::parse("n0.test").unwrap(), &WalkOptions::default()).unwrap()
    }

    #[test]
    fn bounds_are_told_by_terms() {
        let records = ["include:n1.test ?include:n2.test", "-ip4:192.0.2.1 ~all", "ip6:::/0"];
        let graph = graph(&records.map(str::to_owned));
        let bounds = bounds(&graph);
        assert_eq!(bounds[1], Bound::default());
        assert!(bounds[2].may_be_everyone() && bounds[2].ip4 == 0.0);
        // What matches with another qualifier passes nobody.
        assert_eq!(bounds[0], Bound::default());
    }

    proptest! {
        #[test]
        fn bounds_hold(records in proptest::collection::vec(
            proptest::collection::vec(
                prop_oneof![
                    Just("ip4:0.0.0.0/1"), Just("ip4:128.0.0.0/1"), Just("-ip4:192.0.2.1"),
                    Just("ip6:::/0"), Just("ip6:2001:db8::/32"), Just("all"), Just("?all"),
                    Just("include:n1.test"), Just("?include:n2.test"), Just("include:n3.test"),
                    Just("redirect=n2.test"), Just("exists:n1.test"), Just("exists:%{i}.n1.test"),
                    Just("a:n3.test"), Just("include:n9.test"),
                ],
                0..4,
            )
            .prop_map(|terms| terms.join(" ")),
            4,
        )) {
            let graph = graph(&records);
            for ((id, _), bound) in graph.iter().zip(bounds(&graph)) {
                let passed = passed_by(&graph, id);
                prop_assert!(bound.somebody || passed.is_empty(), "{:?} {:?}", records, id);
                let everyone = passed.all_of_ip4() || passed.all_of_ip6();
                prop_assert!(bound.may_be_everyone() || !everyone, "{:?} {:?}", records, id);
            }
        }
    }
}
