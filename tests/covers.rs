//! Covers of published policies: no octet more than an independent reference
//! needs, and what the covers of a large policy take.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[allow(dead_code, reason = "how it is compiled is for other tests")]
#[path = "support/corpus.rs"]
mod published;
#[path = "support/shared.rs"]
mod shared;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use spfc::addr::{Address, RangeSet};
use spfc::compile::{SourceOptions, read_source};
use spfc::dns::ZoneMap;
use spfc::name::DomainName;
use spfc::optimize::{Cover, DefaultResult, Sequence, disjoint, ordered, sequence};
use spfc::outcome::Qualifier;
use spfc::policy::{Decisions, End};

use published::corpus;
use shared::shared;

/// A policy's order of terms; nothing where it does not compile.
fn sequence_of(zones: &ZoneMap, domain: &DomainName) -> Option<Sequence> {
    let mut decisions = Decisions::default();
    let source = read_source(zones, &SourceOptions::new(domain.clone()), &mut decisions).ok()?;
    Some(sequence(&source.lowered.map, source.end, &mut decisions).unwrap())
}

/// What the reference says to each of many maps; nothing where there is no Python.
fn reference(maps: &[Value]) -> Option<Vec<(usize, usize)>> {
    let program = shared("bench/mincover.py")?;
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/covers/minimal.py");
    let mut python = Command::new("python3");
    python.arg("-B").arg(driver).arg(program).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = python.spawn() else {
        assert!(std::env::var_os("CI").is_none(), "CI needs python3");
        eprintln!("not run: there is no python3");
        return None;
    };
    let input = serde_json::to_vec(maps).unwrap();
    // It reads everything before it writes.
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The ranges of the groups at one position, for the reference.
fn map(sequence: &Sequence, position: usize) -> Value {
    fn entries<A: Address>(set: &RangeSet<A>, outcome: &str) -> Vec<Value> {
        let entry = |range: &spfc::addr::Range<A>| {
            json!([range.first.to_ip().to_string(), range.last.to_ip().to_string(), outcome])
        };
        set.ranges().iter().map(entry).collect()
    }
    let here = sequence.groups.iter().filter(|group| group.position == position);
    let entries: Vec<Value> = here
        .flat_map(|group| {
            let outcome = sign(group.outcome);
            [entries(&group.set.ip4, outcome), entries(&group.set.ip6, outcome)].concat()
        })
        .collect();
    let default = match sequence.end {
        End::Outcome(outcome) if position == sequence.dynamic.len() => sign(outcome),
        _ => "x",
    };
    json!([entries, default])
}

fn sign(outcome: Qualifier) -> &'static str {
    match outcome {
        Qualifier::Pass => "+",
        other => other.prefix(),
    }
}

/// Octets of the terms at one position.
fn octets(cover: &Cover, position: usize) -> usize {
    let here = cover.positions.iter().filter(|cover| cover.position == position);
    Cover { positions: here.cloned().collect(), end: cover.end }.octets()
}

#[test]
fn published_policies_take_no_octet_more() {
    let Some(corpus) = corpus() else { return };
    let (mut maps, mut found) = (Vec::new(), Vec::new());
    let (mut policies, mut before, mut shorter) = (0, 0, 0);
    for domain in &corpus.domains {
        let Some(sequence) = sequence_of(&corpus.zones, domain) else { continue };
        policies += 1;
        let kept = ordered(&sequence, DefaultResult::Kept, usize::MAX);
        let fewest = ordered(&sequence, DefaultResult::Fewest, usize::MAX);
        let merged = disjoint(&sequence);
        assert!(fewest.octets() <= kept.octets() && kept.octets() <= merged.octets(), "{domain}");
        shorter += usize::from(kept.octets() < merged.octets());
        for position in 0..=sequence.dynamic.len() {
            // The reference has nothing that may be anything: what is decided
            // before can only make the product shorter.
            let first = sequence.groups.iter().all(|group| group.position >= position);
            before += usize::from(!first);
            maps.push(map(&sequence, position));
            let octets = (octets(&kept, position), octets(&merged, position));
            found.push((format!("{domain} at {position}"), first, octets));
        }
    }
    let Some(expected) = reference(&maps) else { return };
    assert_eq!(expected.len(), found.len());
    for ((place, first, (fewest, merged)), expected) in found.iter().zip(expected) {
        assert_eq!(*merged, expected.1, "{place}");
        assert!(*fewest <= expected.0, "{place}: {fewest} for {}", expected.0);
        assert!(!first || *fewest == expected.0, "{place}: {fewest} for {}", expected.0);
    }
    let compared = found.len() - before;
    eprintln!("{policies} policies, {shorter} shorter; {compared} positions, {before} bounded");
    assert!(policies > 600 && shorter > 0);
}

#[test]
fn a_large_policy_takes_what_is_known() {
    let Some(zones) = shared("bench/big.json") else { return };
    let zones = ZoneMap::read(&std::fs::read(zones).unwrap()).unwrap();
    let domain = DomainName::parse("big.test").unwrap();
    let sequence = sequence_of(&zones, &domain).unwrap();
    let merged = disjoint(&sequence);
    let fewest = ordered(&sequence, DefaultResult::Fewest, usize::MAX);
    let (terms, octets) = (fewest.terms(), fewest.octets());
    eprintln!("disjoint: {} terms, {} octets", merged.terms(), merged.octets());
    eprintln!("ordered: {terms} terms, {octets} octets, {:?}", fewest.end);
    assert_eq!((merged.terms(), merged.octets()), (146, 2_860));
    assert!(terms <= 141 && octets <= 2_758);
}
