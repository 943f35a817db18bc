//! What the terms mean when they are read again, in any mixture of records.

use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::addr::{Address, AddressSet, Range, RangeSet};
use crate::optimize::{Cover, DefaultResult, Group, Sequence, disjoint, ordered};
use crate::outcome::Qualifier;
use crate::policy::End;

use super::{sequence, set};

/// A term, read again.
type Term = (ipnet::IpNet, Qualifier);

fn read(terms: &[String]) -> Vec<Term> {
    let read = |term: &String| {
        let outcome = Qualifier::from_octet(term.as_bytes()[0]);
        let term = if outcome.is_some() { &term[1..] } else { term };
        let (family, network) = term.split_once(':').unwrap();
        let network = match network.contains('/') {
            true => network.parse().unwrap(),
            false => ipnet::IpNet::from(network.parse::<IpAddr>().unwrap()),
        };
        assert_eq!(family == "ip4", network.addr().is_ipv4(), "{term}");
        (network, outcome.unwrap_or(Qualifier::Pass))
    };
    terms.iter().map(read).collect()
}

/// The first term that matches decides, as for a receiver.
fn first_match(terms: &[Term], client: IpAddr) -> Option<Qualifier> {
    terms.iter().find(|(network, _)| network.contains(&client)).map(|(_, outcome)| *outcome)
}

/// Which group decides, as the sequence says; nobody behind the last one.
fn decided(sequence: &Sequence, client: IpAddr) -> Option<&Group> {
    sequence.groups.iter().find(|group| group.set.contains(client))
}

/// What the terms of one position have to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Outcome(Qualifier),
    NoMatch,
    Anything,
}

fn wanted(sequence: &Sequence, end: End, position: usize, client: IpAddr) -> Wanted {
    let last = position == sequence.dynamic.len();
    match (decided(sequence, client), sequence.end) {
        (Some(group), _) if group.position < position => Wanted::Anything,
        (Some(group), _) if group.position == position => Wanted::Outcome(group.outcome),
        (None, End::Outcome(outcome)) if last => {
            assert!(matches!(end, End::Outcome(_)));
            Wanted::Outcome(outcome)
        }
        _ => Wanted::NoMatch,
    }
}

/// Whether what terms give is right, where `end` follows directly or not.
fn is_right(wanted: Wanted, found: Option<Qualifier>, end: Option<End>) -> bool {
    match (wanted, end) {
        (Wanted::Anything, _) => true,
        (Wanted::NoMatch, _) => found.is_none(),
        (Wanted::Outcome(outcome), Some(End::Outcome(default))) => {
            found.unwrap_or(default) == outcome
        }
        (Wanted::Outcome(outcome), _) => found == Some(outcome),
    }
}

fn means_the_same(
    sequence: &Sequence,
    cover: &Cover,
    chunks: &[bool],
    order: &[Index],
) -> Result<(), TestCaseError> {
    let clients = clients(sequence);
    for position in 0..=sequence.dynamic.len() {
        let here = cover.positions.iter().find(|cover| cover.position == position);
        let joint = here.map(|here| read(&here.joint.concat())).unwrap_or_default();
        let mixed = here.map(|here| mixture(here, chunks, order)).unwrap_or_default();
        let end = (position == sequence.dynamic.len()).then_some(cover.end);
        for client in &clients {
            let wanted = wanted(sequence, cover.end, position, *client);
            let found = first_match(&joint, *client);
            prop_assert!(is_right(wanted, found, end), "{client} {wanted:?} {joint:?}");
            let found = mixed.iter().find_map(|(include, terms)| {
                let found = first_match(terms, *client);
                match include {
                    Some(outcome) => (found == Some(Qualifier::Pass)).then_some(*outcome),
                    None => found,
                }
            });
            prop_assert!(is_right(wanted, found, end), "{client} {wanted:?} {mixed:?}");
        }
    }
    Ok(())
}

/// Units of all groups in some order, in chunks of their own or not.
fn mixture(
    cover: &crate::optimize::PositionCover,
    chunks: &[bool],
    order: &[Index],
) -> Vec<(Option<Qualifier>, Vec<Term>)> {
    let units = cover
        .groups
        .iter()
        .flat_map(|group| group.units.iter().map(move |unit| (group.outcome, unit)));
    let mut mixed: Vec<_> = units
        .zip(chunks.iter().cycle())
        .map(|((outcome, unit), in_chunk)| match &unit.own {
            Some(own) if !in_chunk => (None, read(own)),
            _ => (Some(outcome), read(&unit.chunk)),
        })
        .collect();
    for (place, index) in order.iter().enumerate().take(mixed.len()) {
        let other = index.index(mixed.len());
        mixed.swap(place, other);
    }
    mixed
}

/// Clients at and beside every edge.
fn clients(sequence: &Sequence) -> Vec<IpAddr> {
    fn edges<A: Address>(set: &RangeSet<A>) -> impl Iterator<Item = IpAddr> {
        let around = |range: &Range<A>| {
            [range.first.previous(), Some(range.first), Some(range.last), range.last.next()]
        };
        set.ranges().iter().flat_map(around).flatten().chain([A::MIN, A::MAX]).map(A::to_ip)
    }
    let sets = sequence.groups.iter().map(|group| &group.set);
    let all = sets.flat_map(|set| edges(&set.ip4).chain(edges(&set.ip6)));
    // A mapped address is an IPv4 client.
    let mut all: Vec<IpAddr> = all.map(|client| client.to_canonical()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Groups that do not overlap, from ranges in a narrow space of each family.
fn policies() -> impl Strategy<Value = Sequence> {
    let ip4 = (0usize..12, 0u32..64, 0u32..16).prop_map(|(group, first, length)| {
        let first = 0xc000_0200 + first;
        (group, set([Range { first, last: first + length }].into_iter()))
    });
    // Around IPv4-mapped addresses, and elsewhere.
    let ip6 = (0usize..12, 0u128..64, 0u128..16, prop_oneof![Just(30u32), Just(76), Just(0)]);
    let ip6 = ip6.prop_map(|(group, first, length, shift)| {
        let base = if shift == 76 { 0x2001_0db8 << 96 } else { 0xfff0_0000_0000 };
        let (first, last) = (base + (first << shift), base + ((first + length) << shift));
        (group, set([Range { first, last }].into_iter()))
    });
    let wide = (0usize..12, 0u32..8).prop_map(|(group, eighth)| {
        let range = Range { first: eighth << 29, last: eighth << 29 | 0x1fff_ffff };
        (group, set([range].into_iter()))
    });
    let ranges = proptest::collection::vec(prop_oneof![3 => ip4, 3 => ip6, 1 => wide], 0..14);
    let end = prop_oneof![
        (0usize..4).prop_map(|index| End::Outcome(Qualifier::ALL[index])),
        Just(End::Undecided),
    ];
    (ranges, 0usize..3, end).prop_map(|(ranges, terms, end)| policy(ranges, terms, end))
}

fn policy(ranges: Vec<(usize, AddressSet)>, terms: usize, end: End) -> Sequence {
    let mut groups: Vec<Group> = Vec::new();
    let mut taken = AddressSet::default();
    let join = |one: &AddressSet, other: &AddressSet| AddressSet {
        ip4: one.ip4.ranges().iter().chain(other.ip4.ranges()).copied().collect(),
        ip6: one.ip6.ranges().iter().chain(other.ip6.ranges()).copied().collect(),
    };
    for (group, set) in ranges {
        let (position, outcome) = (group / 4 % (terms + 1), Qualifier::ALL[group % 4]);
        if position == terms && end == End::Outcome(outcome) {
            continue;
        }
        let set =
            AddressSet { ip4: set.ip4.difference(&taken.ip4), ip6: set.ip6.difference(&taken.ip6) };
        taken = join(&taken, &set);
        let known = |group: &&mut Group| (group.position, group.outcome) == (position, outcome);
        match groups.iter_mut().find(known) {
            Some(group) => group.set = join(&group.set, &set),
            None => groups.push(Group { position, outcome, set }),
        }
    }
    groups.retain(|group| !group.set.is_empty());
    groups.sort_by_key(|group| (group.position, group.outcome));
    sequence(groups, terms, end)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn terms_decide_what_the_sequence_decides(
        policy in policies(),
        most in prop_oneof![Just(usize::MAX), 20usize..200],
        chunks in proptest::collection::vec(any::<bool>(), 7),
        order in proptest::collection::vec(any::<Index>(), 20),
    ) {
        let fewest = ordered(&policy, DefaultResult::Fewest, most);
        let kept = ordered(&policy, DefaultResult::Kept, most);
        means_the_same(&policy, &fewest, &chunks, &order)?;
        means_the_same(&policy, &kept, &chunks, &order)?;
        prop_assert!(kept.end == policy.end);
        let disjoint = disjoint(&policy);
        means_the_same(&policy, &disjoint, &chunks, &order)?;
        prop_assert!(kept.octets() <= disjoint.octets());
    }

    #[test]
    fn the_same_policy_gives_the_same_terms(policy in policies()) {
        let cover = || ordered(&policy, DefaultResult::Fewest, 100);
        prop_assert_eq!(cover(), cover());
    }
}
