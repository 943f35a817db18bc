//! What goes into one unit, and how it stands in either kind of record.

use crate::optimize::{DefaultResult, Unit, disjoint, ordered};
use crate::outcome::Qualifier::{Fail, Neutral, Pass, Softfail};
use crate::policy::End;

use super::{group, ip4, joint, sequence};

const SOFTFAIL: End = End::Outcome(Softfail);

fn unit(own: Option<&[&str]>, chunk: &[&str]) -> Unit {
    let texts = |terms: &[&str]| terms.iter().map(|term| (*term).to_owned()).collect();
    Unit { own: own.map(texts), chunk: texts(chunk) }
}

#[test]
fn a_hole_carries_what_is_decided_there() {
    let around = ip4(&["192.0.2.0-192.0.2.6", "192.0.2.8-192.0.2.255"]);
    let policy = sequence(vec![group(0, Pass, around)], 0, SOFTFAIL);
    let cover = ordered(&policy, DefaultResult::Fewest, usize::MAX);
    assert_eq!(joint(&cover), ["~ip4:192.0.2.7", "ip4:192.0.2.0/24"]);
    assert_eq!((cover.octets(), cover.terms()), (32, 2));
    let own: &[&str] = &["~ip4:192.0.2.7", "ip4:192.0.2.0/24"];
    let chunk = ["-ip4:192.0.2.7", "ip4:192.0.2.0/24"];
    assert_eq!(cover.positions[0].groups[0].units, [unit(Some(own), &chunk)]);
    assert_eq!(disjoint(&policy).terms(), 8);
}

#[test]
fn a_hole_that_goes_on_is_only_for_chunks() {
    let around = ip4(&["192.0.2.0-192.0.2.6", "192.0.2.8-192.0.2.255"]);
    let policy = sequence(vec![group(0, Pass, around)], 1, SOFTFAIL);
    let cover = ordered(&policy, DefaultResult::Fewest, usize::MAX);
    assert_eq!(cover.terms(), 8);
    let chunk = ["-ip4:192.0.2.7", "ip4:192.0.2.0/24"];
    assert_eq!(cover.positions[0].groups[0].units, [unit(None, &chunk)]);
}

#[test]
fn a_hole_of_two_outcomes_is_only_for_chunks() {
    let around = ip4(&["10.0.0.0-10.0.0.127", "10.0.0.130-10.0.0.255"]);
    let holes = [group(0, Fail, ip4(&["10.0.0.128"])), group(0, Neutral, ip4(&["10.0.0.129"]))];
    let groups = [&[group(0, Pass, around)], &holes[..]].concat();
    let cover = ordered(&sequence(groups, 0, SOFTFAIL), DefaultResult::Kept, usize::MAX);
    assert_eq!(joint(&cover), ["-ip4:10.0.0.128", "?ip4:10.0.0.129", "ip4:10.0.0.0/24"]);
    let groups = &cover.positions[0].groups;
    assert_eq!(groups.len(), 3);
    assert_eq!(groups[0].units, [unit(None, &["-ip4:10.0.0.128/31", "ip4:10.0.0.0/24"])]);
    assert_eq!(groups[1].units, [unit(Some(&["-ip4:10.0.0.128"]), &["ip4:10.0.0.128"])]);
}

#[test]
fn what_is_decided_before_may_be_covered() {
    let groups = vec![
        group(0, Fail, ip4(&["10.0.0.7"])),
        group(1, Neutral, ip4(&["10.0.0.0-10.0.0.6", "10.0.0.8-10.0.0.15"])),
    ];
    let cover = ordered(&sequence(groups, 1, SOFTFAIL), DefaultResult::Fewest, usize::MAX);
    assert_eq!(joint(&cover), ["-ip4:10.0.0.7", "?ip4:10.0.0.0/28"]);
    let positions: Vec<usize> = cover.positions.iter().map(|position| position.position).collect();
    assert_eq!(positions, [0, 1]);
}

#[test]
fn the_default_is_what_takes_the_fewest_octets() {
    let most = ip4(&["0.0.0.0-9.255.255.255", "11.0.0.0-255.255.255.255"]);
    let policy = |outcome, end| sequence(vec![group(0, outcome, most.clone())], 0, end);
    let softfail = policy(Fail, SOFTFAIL);
    let kept = ordered(&softfail, DefaultResult::Kept, usize::MAX);
    assert_eq!((joint(&kept).len(), kept.end), (2, SOFTFAIL));
    // IPv6 has the source's default too, which now takes a term of its own.
    let fewest = ordered(&softfail, DefaultResult::Fewest, usize::MAX);
    assert_eq!(joint(&fewest), ["~ip4:10.0.0.0/8", "~ip6:::/0"]);
    assert_eq!(fewest.end, End::Outcome(Fail));
    let outcomes = fewest.positions[0].groups.iter().map(|group| group.outcome);
    assert_eq!(outcomes.collect::<Vec<_>>(), [Softfail]);
    let pass = ordered(&policy(Pass, SOFTFAIL), DefaultResult::Fewest, usize::MAX);
    assert_eq!(pass.end, SOFTFAIL);
}

#[test]
fn a_unit_that_fits_no_record_falls_apart() {
    let odd = (0..64).map(|index| format!("10.0.0.{}", 4 * index + 1)).collect::<Vec<_>>();
    let even = (0..64).map(|index| format!("10.0.0.{0}-10.0.0.{1}", 4 * index + 2, 4 * index + 4));
    let around: Vec<String> = even.collect();
    assert_eq!(odd.len(), around.len());
    let around: Vec<&str> = around[..63].iter().map(String::as_str).collect();
    let policy = sequence(vec![group(0, Pass, ip4(&around))], 1, SOFTFAIL);
    let octets = |unit: &Unit| unit.chunk.iter().map(|term| 1 + term.len()).sum::<usize>();
    for most in [60, 100, 200, 400, usize::MAX] {
        let cover = ordered(&policy, DefaultResult::Kept, most);
        let units = &cover.positions[0].groups[0].units;
        assert!(units.iter().all(|unit| octets(unit) <= most || unit.chunk.len() == 1));
        assert_eq!(units.len() == 1, most == usize::MAX, "{units:?}");
    }
}
