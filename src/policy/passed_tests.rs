//! What passes and by whom, on small policies, and against the decision map.

use super::*;
use crate::addr::Prefix;
use crate::dns::ZoneMap;
use crate::name::DomainName;
use crate::policy::{Drift, Reading, drift};
use proptest::prelude::*;
use proptest::sample::select;

/// A reading of `a.test` in a world where it includes others.
fn reading(a: &str, b: &str) -> Reading {
    let map = format!(
        r#"{{"a.test": {{"TXT": ["{a}"]}}, "b.test": {{"TXT": ["{b}"]}},
            "c.test": {{"TXT": ["v=spf1 ip4:192.0.2.2 include:b.test ?all"]}}}}"#
    );
    let map = ZoneMap::read(map.as_bytes()).unwrap();
    Reading::read(&map, &DomainName::parse("a.test").unwrap(), None).unwrap()
}

/// `192.0.2.0-192.0.2.1 include:b.test`, one a range.
fn shown(passed: &Passed) -> Vec<String> {
    fn line<A: Address>(part: &PassedRange<A>, branches: &[Branch]) -> String {
        let include = branches[part.branch].include.as_deref().unwrap_or("itself");
        format!("{} {include}", part.range)
    }
    let ip4 = passed.ip4.iter().map(|part| line(part, &passed.branches));
    ip4.chain(passed.ip6.iter().map(|part| line(part, &passed.branches))).collect()
}

#[test]
fn the_first_that_decides_has_an_address() {
    let read = reading(
        "v=spf1 -ip4:192.0.2.7 include:b.test ip4:192.0.2.0/29 ip6:2001:db8::/64 -all",
        "v=spf1 ip4:192.0.2.0/31 ip4:192.0.2.2/31 ip6:::ffff:192.0.2.9 -all",
    );
    let passed = Passed::of(&read.graph);
    assert_eq!(
        shown(&passed),
        [
            "192.0.2.0-192.0.2.3 include:b.test",
            "192.0.2.4-192.0.2.6 itself",
            "2001:db8::-2001:db8::ffff:ffff:ffff:ffff itself",
        ]
    );
    assert_eq!((passed.addresses_ip4(), passed.prefixes_ip6()), (7, 1));
}

#[test]
fn what_hangs_on_the_message_is_named_and_not_counted() {
    let read = reading(
        "v=spf1 exists:%{i}.x.test ip4:192.0.2.1 ptr ip4:192.0.2.3 redirect=%{d2}.x.test",
        "v=spf1 -all",
    );
    let passed = Passed::of(&read.graph);
    assert_eq!(shown(&passed), ["192.0.2.1 itself", "192.0.2.3 itself"]);
    assert_eq!(passed.dynamic.len(), 2, "{:?}", passed.dynamic);
    assert_eq!(passed.dynamic[0], "exists:%{i}.x.test");
}

#[test]
fn errors_are_counted() {
    let passed = Passed::of(&reading("v=spf1 ip4:192.0.2.1 include:no.test -all", "").graph);
    assert_eq!(passed.addresses_ip4(), 1);
    assert_eq!(passed.failing_ip4, (1 << 32) - 1);
    assert_eq!(passed.errors.len(), 1);
}

/// Records with includes and overlapping prefixes.
fn record() -> impl Strategy<Value = String> {
    let term = (select(vec!["", "-", "?"]), 24_u8..=32, 0_u32..256).prop_map(
        |(qualifier, length, low)| {
            format!("{qualifier}ip4:{}/{length}", Prefix::new(0xc000_0200 | low, 32))
        },
    );
    let include = select(vec!["include:c.test", "-include:c.test", "exists:%{i}.x.test"]);
    let terms = proptest::collection::vec(
        prop_oneof![4 => term, 1 => include.prop_map(str::to_owned)],
        0..6,
    );
    (terms, select(vec!["-all", "?all", "+all"]))
        .prop_map(|(terms, all)| format!("v=spf1 {} {all}", terms.join(" ")))
}

proptest! {
    #[test]
    fn every_address_belongs_to_who_decides_it(a in record(), low in 0_u32..256, other: u32) {
        let read = reading(&a, "v=spf1 ip4:192.0.2.64/26 -all");
        let passed = Passed::of(&read.graph);
        let mut decisions = Decisions::default();
        let levels = Ceilings::DEFAULT.levels;
        let lowered = lower(&read.graph, &Known::new(), levels, &mut decisions);
        let branches = Branches::new(&read.graph);
        for address in [0xc000_0200 | low, other] {
            let cut = lowered.map.ip4.at(address);
            let passes = decisions.get(cut.decision).end == End::Outcome(Qualifier::Pass);
            let found = passed.ip4.iter().find(|part| part.range.contains(address));
            prop_assert_eq!(found.is_some(), passes);
            if let Some(part) = found {
                let decider = branches.decider(lowered.origins[cut.origin as usize]);
                prop_assert_eq!(&passed.branches[part.branch], &decider.branch);
            }
        }
    }

    #[test]
    fn gained_and_lost_are_what_drift_counts(before in record(), after in record()) {
        let worlds = [&before, &after].map(|a| reading(a, "v=spf1 ip4:192.0.2.64/26 -all"));
        let [was, is] = [&worlds[0], &worlds[1]].map(|read| Passed::of(&read.graph));
        let Drift { passing_ip4: passing, .. } = drift(&worlds[0], &worlds[1]);
        let (gained, lost) = (is.beyond(&was), was.beyond(&is));
        prop_assert_eq!(is.addresses_ip4(), passing.after);
        prop_assert_eq!(gained.addresses_ip4(), passing.after - passing.kept);
        prop_assert_eq!(lost.addresses_ip4(), passing.before - passing.kept);
        let kept = is.beyond(&gained);
        prop_assert_eq!(kept.addresses_ip4(), passing.kept);
        prop_assert!(kept.ip4.iter().all(|part| part.range.first <= part.range.last));
    }
}
