//! How few and how steady the answers are that inlining a target fixes.
//!
//! *Few* are octets of `ip4` and `ip6` terms. *Steady* is the time for which
//! the servers say that the answers hold: their shortest TTL, which a lock file
//! records too. A caching resolver counts TTLs down, so only their order of
//! magnitude matters. A lock file has one answer to each question and no past
//! ones, so nothing is known of how often an answer has changed.

use std::collections::HashMap;

use crate::addr::{Address, Prefix, RangeSet};
use crate::dns::{Lookup, Question, RecordType};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{Graph, GraphTerm, Meaning};
use crate::syntax::{Mechanism, TermKind};

use super::tree::fixed_target;

/// What inlining a target brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Ranges of both families.
    pub(super) ranges: usize,
    /// Octets of the terms for them.
    pub(super) octets: usize,
    /// The shortest TTL of the answers, in seconds, where one is known.
    pub(super) ttl: Option<u32>,
}

impl Figures {
    /// Octets, times how soon they may be wrong: twice for what holds a day,
    /// six times for what holds less than five minutes.
    pub(super) fn weight(&self) -> u64 {
        let times = match self.ttl {
            Some(86_400..) => 2,
            Some(3_600..) => 3,
            Some(300..) | None => 4,
            Some(_) => 6,
        };
        self.octets as u64 * times
    }
}

/// The figures of all targets.
pub(super) struct Weights {
    pub(super) figures: Vec<Figures>,
    /// Octets that each target adds to the terms at least, whatever else is
    /// inlined.
    pub(super) alone: Vec<usize>,
    /// The same for the policy's own ranges.
    pub(super) own: usize,
}

/// The ranges that a record or a host brings; `None` owns the policy's own.
type Owned<A> = HashMap<Option<usize>, Vec<Prefix<A>>>;

impl Weights {
    /// `bound` says that all ranges pass and none of them goes without saying.
    pub(super) fn new(
        graph: &Graph,
        view: &dyn Lookup,
        owners: &HashMap<&DomainName, usize>,
        count: usize,
        bound: bool,
    ) -> Weights {
        let (mut ip4, mut ip6): (Owned<u32>, Owned<u128>) = (HashMap::new(), HashMap::new());
        let mut figures = vec![Figures::default(); count];
        let mut bound = bound;
        for (id, node) in graph.iter() {
            let record = (id != Graph::ROOT).then(|| owners.get(&node.domain).copied()).flatten();
            let known = record.filter(|_| node.record().is_some());
            known.into_iter().for_each(|owner| {
                hold(&mut figures[owner], view, &node.domain, &[RecordType::Txt]);
            });
            let Some(found) = node.record() else { continue };
            for term in &found.terms {
                bound &= is_ordinary(term);
                match &term.meaning {
                    Meaning::Ip4(prefix) => ip4.entry(record).or_default().push(*prefix),
                    Meaning::Ip6(prefix) => ip6.entry(record).or_default().push(*prefix),
                    Meaning::Addresses(addresses) => {
                        let name = fixed_target(&found.record, term, &node.domain);
                        let owner = name.as_ref().and_then(|name| owners.get(name).copied());
                        ip4.entry(owner).or_default().extend(&addresses.ip4);
                        ip6.entry(owner).or_default().extend(&addresses.ip6);
                        let (Some(owner), Some(name)) = (owner, name) else { continue };
                        if is_mail_exchange(term) {
                            hold(&mut figures[owner], view, &name, &[RecordType::Mx]);
                        }
                        for host in &addresses.hosts {
                            let types = [RecordType::A, RecordType::Aaaa];
                            hold(&mut figures[owner], view, host, &types);
                        }
                    }
                    _ => {}
                }
            }
        }
        let mut weights = Weights { figures, alone: vec![0; count], own: 0 };
        weights.add(&ip4, bound);
        weights.add(&ip6, bound);
        weights
    }

    /// Adds the ranges of one family.
    fn add<A: Address>(&mut self, owned: &Owned<A>, bound: bool) {
        let ranges = |prefixes: &[Prefix<A>]| prefixes.iter().map(|it| it.range()).collect();
        let sets: Vec<(Option<usize>, RangeSet<A>)> =
            owned.iter().map(|(owner, prefixes)| (*owner, ranges(prefixes))).collect();
        for (owner, set) in &sets {
            let Some(owner) = owner else { continue };
            let figures = &mut self.figures[*owner];
            figures.ranges += set.ranges().len();
            figures.octets += set.prefixes().map(octets).sum::<usize>();
        }
        if !bound {
            return;
        }
        // Ranges that touch may merge into fewer terms. What touches nothing of
        // another owner needs its own terms whatever else is inlined.
        let all: RangeSet<A> =
            sets.iter().flat_map(|(_, set)| set.ranges().iter().copied()).collect();
        let place = |address: A| all.ranges().partition_point(|range| range.last < address);
        let mut owners: Vec<Vec<Option<usize>>> = vec![Vec::new(); all.ranges().len()];
        for (owner, set) in &sets {
            for range in set.ranges() {
                let here = &mut owners[place(range.first)];
                if !here.contains(owner) {
                    here.push(*owner);
                }
            }
        }
        for (owner, set) in &sets {
            let alone = set.prefixes().filter(|it| {
                owners[place(it.first())].len() == 1
                    && !near_mapped(all.ranges()[place(it.first())].first)
            });
            let octets: usize = alone.map(octets).sum();
            match owner {
                Some(owner) => self.alone[*owner] += octets,
                None => self.own += octets,
            }
        }
    }
}

/// Octets of the term of a prefix, with the blank before it.
fn octets<A: Address>(prefix: Prefix<A>) -> usize {
    1 + A::FAMILY.as_str().len() + 1 + prefix.to_string().len()
}

/// Whether an IPv6 address is close to the IPv4-mapped ones, which a cover may
/// hold or not.
fn near_mapped<A: Address>(address: A) -> bool {
    match address.to_ip() {
        std::net::IpAddr::V4(_) => false,
        std::net::IpAddr::V6(address) => address.to_bits() >> 64 == 0,
    }
}

/// Whether a term leaves it to ranges which addresses pass.
fn is_ordinary(term: &GraphTerm) -> bool {
    let passes = term.qualifier == Qualifier::Pass;
    match &term.meaning {
        Meaning::All => !passes,
        Meaning::Exists(Ok(true)) => false,
        Meaning::Ip4(_) | Meaning::Ip6(_) | Meaning::Addresses(_) => passes,
        _ => true,
    }
}

fn is_mail_exchange(term: &GraphTerm) -> bool {
    matches!(&term.term.kind, TermKind::Directive(it) if matches!(it.mechanism, Mechanism::Mx(..)))
}

/// Notes for how long these answers hold.
fn hold(figures: &mut Figures, view: &dyn Lookup, name: &DomainName, types: &[RecordType]) {
    for record_type in types {
        let question = Question::new(name.clone(), *record_type);
        // The walk has asked it, so that it is not missing.
        let ttl = view.lookup(&question).ok().and_then(|answer| answer.ttl);
        figures.ttl = match (figures.ttl, ttl) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}
