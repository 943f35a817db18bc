//! The chosen output against all choices there are, each really compiled, on
//! random policies with shared targets, masks and dynamic terms.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::super::problem::Cost;
use super::super::tree::Tree;
use super::super::{FlattenOptions, attempt, just_enough, read};
use crate::compile::{CoverChoice, Halt, KeptReason, Publication, RecordOptions, SourceOptions};
use crate::dns::ZoneMap;
use crate::name::DomainName;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

pub(super) fn options(max_lookups: u32, max_message: usize) -> FlattenOptions {
    FlattenOptions {
        source: SourceOptions::new(name("d.test")),
        records: RecordOptions { max_lookups, max_message, ..RecordOptions::default() },
        qualifier: None,
        cover: CoverChoice::Disjoint,
        publication: Publication { check: true, overwrite: false },
    }
}

/// A term of the record of target `at`: it leads to later targets only.
fn term() -> impl Strategy<Value = (u8, u8, u8)> {
    (0_u8..40, 0_u8..=255, 0_u8..12)
}

fn written(at: usize, count: usize, (kind, number, qualifier): (u8, u8, u8)) -> String {
    let later = at + 1 + number as usize % (count - at).max(1);
    let qualifier = ["-", "?", "~"].get(qualifier as usize).copied().unwrap_or_default();
    let plain = match kind {
        0..=5 => format!("ip4:192.0.{at}.{number}"),
        6..=8 => format!("ip6:2001:db8:{at}::{number:x}"),
        9..=25 if at < count => return format!("include:t{later}.test"),
        26 if at < count => return format!("{qualifier}include:t{later}.test"),
        27..=31 => return format!("a:h{}.test", number % 5),
        32 => return format!("mx:h{}.test", number % 5),
        33 => return String::from("exists:%{i}.x.test"),
        34 => return String::from("a"),
        _ => format!("ip4:192.0.{at}.{number}/28"),
    };
    format!("{qualifier}{plain}")
}

/// A policy of up to five included records.
fn world() -> impl Strategy<Value = ZoneMap> {
    let record = (proptest::collection::vec(term(), 1..5), 0_u8..10);
    proptest::collection::vec(record, 2..6).prop_map(|records| {
        let mut zones: BTreeMap<String, serde_json::Value> = BTreeMap::new();
        let count = records.len() - 1;
        for (at, (terms, end)) in records.into_iter().enumerate() {
            let owner = if at == 0 { String::from("d.test") } else { format!("t{at}.test") };
            let terms: Vec<String> =
                terms.into_iter().map(|term| written(at, count, term)).collect();
            let end = match end {
                0 if at < count => format!("redirect=t{}.test", at + 1),
                1..=3 => String::from("-all"),
                _ => String::from("~all"),
            };
            let text = format!("v=spf1 {} {end}", terms.join(" "));
            zones.insert(owner, json!({"TXT": [text]}));
        }
        zones.insert("h0.test".into(), json!({"A": ["198.51.100.1"], "AAAA": ["2001:db8::1"]}));
        zones.insert("h1.test".into(), json!({"A": ["198.51.100.2"], "MX": ["1 h0.test"]}));
        zones.insert("h2.test".into(), json!({"AAAA": ["2001:db8::2"]}));
        zones.insert("h3.test".into(), json!({"TXT": ["no address"], "MX": ["1 h1.test"]}));
        ZoneMap::read(&serde_json::to_vec(&zones).unwrap()).unwrap()
    })
}

/// What a choice costs, if it is closed upwards.
fn cost(tree: &Tree, inlined: &[usize]) -> Option<Cost> {
    let mut closed = Vec::new();
    loop {
        let reached = tree.problem.reached(&closed);
        match inlined.iter().find(|it| reached.contains(it)) {
            Some(target) => closed.push(*target),
            None => break,
        }
    }
    let weight = inlined.iter().map(|it| tree.problem.targets[*it].weight).sum();
    let targets = inlined.len() as u32;
    (closed.len() == inlined.len()).then_some(Cost { targets, weight })
}

/// The least cost of all choices that compile within the limits.
fn least(zones: &ZoneMap, options: &FlattenOptions, tree: &Tree) -> Option<Cost> {
    let all = tree.problem.inlinable();
    let choice = |bits: u32| {
        let chosen = all.iter().enumerate().filter(move |(place, _)| bits >> place & 1 == 1);
        chosen.map(|(_, target)| *target).collect::<Vec<usize>>()
    };
    let mut choices: Vec<(Cost, Vec<usize>)> =
        (0..1_u32 << all.len()).map(choice).filter_map(|it| Some((cost(tree, &it)?, it))).collect();
    choices.sort();
    let fits = |inlined: &[usize]| {
        let tried = attempt(zones, options, tree, inlined);
        tried.is_ok_and(|tried| tried.is_some_and(|tried| tried.inlined == inlined))
    };
    choices.into_iter().find(|(_, inlined)| fits(inlined)).map(|(cost, _)| cost)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_choice_that_compiles_costs_less(
        zones in world(),
        max_lookups in 0_u32..6,
        max_message in prop_oneof![Just(512_usize), Just(150)],
    ) {
        let options = options(max_lookups, max_message);
        let tree = match read(&zones, &options) {
            Ok(tree) if tree.problem.inlinable().len() <= 8 => tree,
            _ => return Ok(()),
        };
        let least = least(&zones, &options, &tree);
        match just_enough(&zones, &options) {
            Ok(enough) => {
                let compiled = &enough.flattened.compiled;
                prop_assert!(compiled.lookups.terms <= max_lookups);
                prop_assert!(compiled.lookups.void() <= 2);
                if enough.least {
                    let gone = |target: &usize| {
                        let name = tree.names[*target].as_ref();
                        enough.inlined.iter().any(|it| Some(&it.target) == name)
                    };
                    let inlined: Vec<usize> =
                        tree.problem.inlinable().into_iter().filter(gone).collect();
                    prop_assert_eq!(cost(&tree, &inlined), least);
                } else {
                    // Only what has to stay whole is beyond the choices.
                    prop_assert!(least.is_none());
                }
            }
            Err(Halt::Refuse(_)) => prop_assert!(least.is_none(), "{least:?}"),
            Err(Halt::Need(questions)) => prop_assert!(false, "{questions:?}"),
        }
    }
}

#[test]
fn a_policy_within_its_limits_stays_as_it_is() {
    let zones = br#"{
        "d.test": {"TXT": ["v=spf1 ip4:192.0.2.1 include:a.test redirect=b.test"]},
        "a.test": {"TXT": ["v=spf1 ip4:192.0.2.2 -all"]},
        "b.test": {"TXT": ["v=spf1 mx -all"]}
    }"#;
    let zones = ZoneMap::read(zones).unwrap();
    let enough = just_enough(&zones, &options(10, 512)).unwrap();
    assert_eq!((enough.inlined.len(), enough.least), (0, true));
    let compiled = &enough.flattened.compiled;
    assert_eq!(compiled.records[0].text, "v=spf1 ip4:192.0.2.1 include:a.test redirect=b.test");
    assert!(compiled.source.kept.iter().all(|kept| kept.reason == KeptReason::Live));
}

#[test]
fn a_live_host_may_be_the_exchange_of_an_inlined_term() {
    let zones = br#"{
        "d.test": {"TXT": ["v=spf1 a:h0.test mx:h1.test mx:h2.test -all"]},
        "h0.test": {"A": ["198.51.100.1"], "AAAA": ["2001:db8::1"]},
        "h1.test": {"MX": ["1 h0.test"]},
        "h2.test": {"MX": ["1 h0.test"]}
    }"#;
    let zones = ZoneMap::read(zones).unwrap();
    let mut options = options(1, 512);
    options.source.keep.insert(name("h0.test"));
    let enough = just_enough(&zones, &options).unwrap();
    let inlined: Vec<&str> = enough.inlined.iter().map(|it| it.term.as_str()).collect();
    assert_eq!(inlined, ["mx:h1.test", "mx:h2.test"]);
}

#[test]
fn what_is_few_and_steady_is_inlined_first() {
    let lock = br#"{"spfc_lock":1,"answers":[
        {"name":"d.test","type":"TXT","ttl":300,"records":["v=spf1 a:many.test a:hasty.test a:calm.test -all"]},
        {"name":"many.test","type":"A","ttl":86400,"records":["192.0.2.1","192.0.2.3","192.0.2.5","192.0.2.7"]},
        {"name":"many.test","type":"AAAA","ttl":86400,"status":"nodata"},
        {"name":"hasty.test","type":"A","ttl":60,"records":["198.51.100.1"]},
        {"name":"hasty.test","type":"AAAA","ttl":86400,"status":"nodata"},
        {"name":"calm.test","type":"A","ttl":86400,"records":["203.0.113.1"]},
        {"name":"calm.test","type":"AAAA","ttl":86400,"status":"nodata"}
    ]}"#;
    let recording = crate::dns::Recording::read(lock).unwrap();
    let mut options = options(2, 512);
    options.publication.check = false;
    let inlined = |options: &FlattenOptions| -> Vec<String> {
        let enough = just_enough(&recording, options).unwrap();
        assert!(enough.least);
        enough.inlined.iter().map(|it| it.term.clone()).collect()
    };
    assert_eq!(inlined(&options), ["a:calm.test"]);
    options.records.max_lookups = 1;
    assert_eq!(inlined(&options), ["a:hasty.test", "a:calm.test"]);
    options.source.keep.insert(name("calm.test"));
    assert_eq!(inlined(&options), ["a:many.test", "a:hasty.test"]);
}

#[test]
fn what_has_to_change_is_inlined() {
    let zones = br#"{
        "d.test": {"TXT": ["v=spf1 include:a.test redirect=b.test"]},
        "a.test": {"TXT": ["v=spf1 include:c.test ip4:192.0.2.2 -all"]},
        "b.test": {"TXT": ["v=spf1 mx:d.test ~all"]},
        "c.test": {"TXT": ["v=spf1 ip4:192.0.2.3 ip4:192.0.2.5 -all"]}
    }"#;
    let zones = ZoneMap::read(zones).unwrap();
    let mut changed = options(10, 512);
    changed.qualifier = Some(crate::outcome::Qualifier::Fail);
    let enough = just_enough(&zones, &changed).unwrap();
    let text = &enough.flattened.compiled.records[0].text;
    assert_eq!(text, "v=spf1 include:a.test mx:d.test -all");
    assert!(enough.inlined[0].why.required && enough.least);
    let mut repaired = options(10, 512);
    repaired.source.without.push(String::from("ip4:192.0.2.5"));
    let enough = just_enough(&zones, &repaired).unwrap();
    let text = &enough.flattened.compiled.records[0].text;
    assert_eq!(text, "v=spf1 ip4:192.0.2.2/31 redirect=b.test");
}

#[test]
fn a_mask_keeps_what_it_masks_together() {
    let zones = br#"{
        "d.test": {"TXT": ["v=spf1 include:a.test a:h.test -all"]},
        "a.test": {"TXT": ["v=spf1 -ip4:192.0.2.1 include:b.test include:c.test -all"]},
        "b.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
        "c.test": {"TXT": ["v=spf1 ip4:203.0.113.0/24 -all"]},
        "h.test": {"A": ["198.51.100.1"], "AAAA": ["2001:db8::1"]}
    }"#;
    let zones = ZoneMap::read(zones).unwrap();
    // Of four lookups two have to go, and neither b nor c can stand alone.
    let enough = just_enough(&zones, &options(2, 512)).unwrap();
    let inlined: Vec<&str> = enough.inlined.iter().map(|it| it.term.as_str()).collect();
    assert_eq!(inlined, ["include:a.test", "include:b.test", "include:c.test"]);
    assert!(enough.least);
}
