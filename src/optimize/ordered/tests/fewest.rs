//! No list of terms is cheaper: all lists in small spaces.

use proptest::prelude::*;

use crate::addr::{Address, Family, Prefix};
use crate::optimize::{Cover, DefaultResult, Sequence, ordered};
use crate::outcome::Qualifier;
use crate::policy::End;

use super::exhaustive::{Least, Paint, Space};
use super::{group, joint, sequence, set};

const PASS_FAIL: [Paint; 2] = [Some(Qualifier::Fail), Some(Qualifier::Pass)];
const THREE: [Paint; 4] =
    [None, Some(Qualifier::Pass), Some(Qualifier::Fail), Some(Qualifier::Softfail)];
const ALL: [Paint; 5] = [
    None,
    Some(Qualifier::Pass),
    Some(Qualifier::Fail),
    Some(Qualifier::Softfail),
    Some(Qualifier::Neutral),
];

/// What a region of a small space is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    Decided(Qualifier),
    Open,
    Free,
}

impl Region {
    /// The paints that it may end with.
    fn paints(self, default: Paint, all: &[Paint]) -> Vec<Paint> {
        match self {
            Region::Decided(outcome) if Some(outcome) == default => vec![None, default],
            Region::Decided(outcome) => vec![Some(outcome)],
            Region::Open => vec![None],
            Region::Free => all.to_vec(),
        }
    }
}

/// The regions at the position behind `before` dynamic terms, free ones decided
/// before them.
fn policy<A: Address>(
    space: &Space<A>,
    regions: &[Region],
    before: usize,
    behind: usize,
    end: End,
) -> Sequence {
    let with = |wanted: Region| {
        let chosen = space.regions.iter().zip(regions).filter(move |(_, is)| **is == wanted);
        set(chosen.map(|(prefix, _): (&Prefix<A>, _)| prefix.range()))
    };
    let mut groups = vec![group(0, Qualifier::Neutral, with(Region::Free))];
    groups.extend(
        Qualifier::ALL.map(|outcome| group(before, outcome, with(Region::Decided(outcome)))),
    );
    groups.retain(|group| !group.set.is_empty());
    sequence(groups, before + behind, end)
}

/// Octets and terms behind the first dynamic term.
fn cost(cover: &Cover) -> (u32, u32) {
    let behind = cover.positions.iter().filter(|position| position.position > 0);
    let behind = Cover { positions: behind.cloned().collect(), end: cover.end };
    (behind.octets() as u32, behind.terms() as u32)
}

/// Some of the maps of a space, most with few kinds of regions.
fn maps(size: usize, outcomes: usize) -> impl Strategy<Value = Vec<Region>> {
    let decided = || (0..outcomes).prop_map(|index| Region::Decided(Qualifier::ALL[index]));
    let any = prop_oneof![4 => decided(), 1 => Just(Region::Open), 1 => Just(Region::Free)];
    let kinds = (decided(), any.clone(), any);
    kinds.prop_flat_map(move |(first, second, third)| {
        let kind = prop_oneof![4 => Just(first), 2 => Just(second), 1 => Just(third)];
        proptest::collection::vec(kind, size)
    })
}

fn each_map<A: Address>(space: &Space<A>, outcomes: usize, check: impl Fn(&[Region])) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let run = runner.run(&maps(space.regions.len(), outcomes), |regions| {
        check(&regions);
        Ok(())
    });
    run.unwrap();
}

/// Between dynamic terms, and before each end.
fn no_list_is_shorter<A: Address>(space: &Space<A>, paints: &[Paint]) {
    let least = space.least(paints);
    each_map(space, paints.len() - 1, |regions| {
        let between = policy(space, regions, 1, 1, End::Undecided);
        let cover = ordered(&between, DefaultResult::Fewest, usize::MAX);
        let wanted: Vec<_> = regions.iter().map(|region| region.paints(None, paints)).collect();
        assert_eq!(cost(&cover), least.of(&wanted), "{:?}", joint(&cover));
        for source in paints.iter().copied().flatten() {
            before_an_end(space, &least, regions, source);
        }
    });
}

fn before_an_end<A: Address>(
    space: &Space<A>,
    least: &Least,
    regions: &[Region],
    source: Qualifier,
) {
    // What is open gets the default: there is no other kind of open here.
    let decided = |region: &Region| match region {
        Region::Open => Region::Decided(source),
        other => *other,
    };
    let regions: Vec<Region> = regions.iter().map(decided).collect();
    let last = policy(space, &regions, 1, 0, End::Outcome(source));
    let paints = least.paints();
    let with = |default: Qualifier| {
        let wanted = regions.iter().map(|region| region.paints(Some(default), paints));
        let (octets, terms) = least.of(&wanted.collect::<Vec<_>>());
        (octets + default.prefix().len() as u32, terms)
    };
    let octets = |cover: &Cover| {
        let End::Outcome(default) = cover.end else { panic!("{:?}", cover.end) };
        assert!(default == source || default != Qualifier::Pass);
        let (octets, terms) = cost(cover);
        (octets + default.prefix().len() as u32, terms)
    };
    let kept = ordered(&last, DefaultResult::Kept, usize::MAX);
    assert_eq!(kept.end, End::Outcome(source));
    assert_eq!(octets(&kept), with(source), "{:?}", joint(&kept));
    // The other family has the source's result too, and one term gives it that.
    let other_family = format!(" {}ip6:::/0", source.prefix()).len() as u32;
    let whole = A::FAMILY == Family::Ip4 && space.regions[0].length() == 3;
    if whole {
        let others = paints.iter().copied().flatten();
        let others = others.filter(|other| ![source, Qualifier::Pass].contains(other));
        let others = others.map(|other| with(other).0 + other_family);
        let fewest = others.chain([with(source).0]).min().unwrap();
        let cover = ordered(&last, DefaultResult::Fewest, usize::MAX);
        assert_eq!(octets(&cover).0, fewest, "{:?}", joint(&cover));
        assert!(cover.end == kept.end || octets(&cover).0 < octets(&kept).0);
    }
}

#[test]
fn in_even_spaces() {
    no_list_is_shorter(&Space::<u32>::even("0.0.0.0/0", 3), &ALL);
    no_list_is_shorter(&Space::<u32>::even("192.0.2.96/29", 3), &THREE);
    no_list_is_shorter(&Space::<u128>::even("2001:db8::/46", 3), &THREE);
}

#[test]
fn on_paths() {
    no_list_is_shorter(&Space::<u128>::path("::/45", "0:0:0:9000::/52"), &THREE);
    no_list_is_shorter(&Space::<u128>::path("2001:db8::/30", "2001:db8:8000::/37"), &THREE);
    no_list_is_shorter(&Space::<u32>::path("198.51.0.0/16", "198.51.100.0/23"), &THREE);
}

/// What passes in a chunk: every so many of all that the regions can be.
fn no_chunk_is_shorter<A: Address>(space: &Space<A>, step: usize) {
    let least = space.least(&PASS_FAIL);
    for map in (1u32..1 << space.regions.len()).step_by(step) {
        let passes = |index: usize| map >> index & 1 == 1;
        let chosen = space.regions.iter().enumerate().filter(|(index, _)| passes(*index));
        let passing = group(0, Qualifier::Softfail, set(chosen.map(|(_, prefix)| prefix.range())));
        let between = sequence(vec![passing], 1, End::Undecided);
        let cover = ordered(&between, DefaultResult::Kept, usize::MAX);
        let [group] = &cover.positions[0].groups[..] else { panic!("{cover:?}") };
        let terms = || group.units.iter().flat_map(|unit| &unit.chunk);
        let cost = (terms().map(|term| 1 + term.len() as u32).sum(), terms().count() as u32);
        let paints =
            (0..space.regions.len()).map(|index| vec![PASS_FAIL[usize::from(passes(index))]]);
        assert_eq!(cost, least.of(&paints.collect::<Vec<_>>()), "{cover:?}");
    }
}

#[test]
fn in_chunks() {
    no_chunk_is_shorter(&Space::<u32>::even("192.0.2.240/28", 4), 11);
    no_chunk_is_shorter(&Space::<u128>::path("2001:db8:0:4000::/50", "2001:db8:0:5678::/62"), 1);
}
