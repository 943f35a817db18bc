//! A compiler that is broken on purpose is convicted by the proof: each case
//! spoils a sound output in one way, and both halves of the proof find it.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

use std::collections::HashSet;

use spfc::compile::{FlattenOptions, MacroOptions, MacroStyle, compile_macro, flatten};
use spfc::dns::{Lookup, Published, ZoneMap};
use spfc::image::{Order, ServedSet, ServedZone, ZoneMechanism};
use spfc::limits::Ceilings;
use spfc::name::DomainName;
use spfc::policy::Known;
use spfc::proof::{
    Claim, Generated, Printed, PrintedZone, Served, Subject, Unproven, ZoneReading,
    independent_half, prove, symbolic_half,
};
use spfc::target::zone_file;

#[path = "proof/policies.rs"]
mod policies;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

/// A policy with every kind of trouble: ranges that a child excludes, outcomes
/// other than pass, both families, a dynamic term with ranges on both sides.
fn source() -> ZoneMap {
    let records = r#"{
        "p.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ~ip4:198.51.100.0/28 include:c.test ip6:2001:db8::/33 -ip4:203.0.113.9 exists:%{i}.d.test ip4:203.0.113.0/24 ~all"]},
        "c.test": {"TXT": ["v=spf1 -ip4:10.9.0.0/16 ip4:10.0.0.0/8 a:h.test ?all"]},
        "h.test": {"A": ["172.16.0.5"], "AAAA": ["2001:db8:ffff::5"]},
        "r.test": {"TXT": ["v=spf1 ip4:192.0.2.0/25 redirect=%{l}.r.test"]},
        "w.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ip4:10.0.0.0/8 ip6:2001:db8::/32 ~all"]},
        "s.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ip4:10.0.0.0/8 ip6:2001:db8::/32 ip4:203.0.113.1 ip4:203.0.113.3 ip4:203.0.113.5 ip4:203.0.113.7 ip4:203.0.113.9 ~all"]}
    }"#;
    ZoneMap::read(records.as_bytes()).unwrap()
}

/// The records of a sound output: owners and texts.
type Texts = Vec<(DomainName, String)>;

fn flat(domain: &str, max_message: usize) -> Texts {
    let mut options = FlattenOptions::new(name(domain));
    options.records.max_message = max_message;
    let flat = flatten(&source(), &options).unwrap();
    flat.compiled.records.into_iter().map(|record| (record.name, record.text)).collect()
}

/// Replaces `from`, which has to be there, in the record that has it.
fn spoil(texts: &Texts, from: &str, to: &str) -> Texts {
    let mut spoiled = texts.clone();
    let (_, text) = spoiled
        .iter_mut()
        .find(|(_, text)| text.contains(from))
        .unwrap_or_else(|| panic!("no {from} in {texts:?}"));
    *text = text.replacen(from, to, 1);
    spoiled
}

fn published<L: Lookup>(inner: L, texts: &Texts) -> Published<L> {
    Published::new(
        inner,
        texts.iter().map(|(owner, text)| (owner.clone(), text.clone().into_bytes())),
    )
}

/// What the proof and each of its halves say of an output with these zones.
fn judge(domain: &str, output: &dyn Lookup, generated: &Generated) -> [Result<(), String>; 3] {
    let (domain, source, keep) = (name(domain), source(), HashSet::new());
    let nothing = Generated::default();
    let claim = Claim {
        source: Subject { domain: &domain, lookup: &source, generated: &nothing },
        output: Subject { domain: &domain, lookup: output, generated },
        keep: &keep,
        ceilings: Ceilings::DEFAULT,
        within_limits: true,
    };
    let said = |unproven: Unproven| match unproven {
        Unproven::Need(questions) => panic!("needs {}", questions[0]),
        Unproven::Refuted(refutation) => refutation.to_string(),
    };
    [
        prove(&claim).map(|_| ()).map_err(said),
        symbolic_half(&claim).map_err(said),
        independent_half(&claim).map(|_| ()).map_err(said),
    ]
}

fn convicted(what: &str, verdicts: [Result<(), String>; 3]) {
    let [whole, symbolic, independent] = verdicts;
    assert!(whole.is_err(), "{what}: not convicted");
    assert!(symbolic.is_err(), "{what}: the symbolic half is blind to it");
    assert!(independent.is_err(), "{what}: the independent half is blind to it");
}

#[test]
fn sound_outputs_are_proven() {
    for (domain, most) in [("p.test", 512), ("p.test", 200), ("r.test", 512), ("w.test", 512)] {
        let texts = flat(domain, most);
        for verdict in judge(domain, &published(source(), &texts), &Generated::default()) {
            verdict.unwrap();
        }
    }
}

#[test]
fn spoiled_flat_records_are_convicted() {
    let own = flat("p.test", 512);
    let chunks = flat("p.test", 200);
    assert_eq!(own.len(), 1, "{own:?}");
    assert!(chunks.len() > 1, "{chunks:?}");
    let cases: &[(&str, &Texts, &str, &str)] = &[
        ("dropped range", &own, " ip4:192.0.2.0/24", ""),
        ("dropped address of a host", &own, " ip4:172.16.0.5", ""),
        ("dropped range of the other family", &own, " ip6:2001:db8::/33", ""),
        ("widened range", &own, "ip4:192.0.2.0/24", "ip4:192.0.2.0/23"),
        ("narrowed range", &own, "ip4:192.0.2.0/24", "ip4:192.0.2.0/25"),
        (
            "excluded range of a child passes",
            &own,
            " ip4:192.0.2.0/24",
            " ip4:192.0.2.0/24 ip4:10.9.0.0/16",
        ),
        ("leaked qualifier", &own, " ip4:192.0.2.0/24", " -ip4:10.9.0.0/16 ip4:192.0.2.0/24"),
        ("softfail became fail", &own, "~ip4:198.51.100.0/28", "-ip4:198.51.100.0/28"),
        ("default's outcome dropped before a dynamic term", &own, " ~ip4:198.51.100.0/28", ""),
        ("fail dropped before a dynamic term", &own, " -ip4:203.0.113.9", ""),
        ("lost dynamic term", &own, " exists:%{i}.d.test", ""),
        ("dynamic term of another outcome", &own, " exists:%{i}.d.test", " -exists:%{i}.d.test"),
        ("another dynamic term", &own, "exists:%{i}.d.test", "exists:%{ir}.d.test"),
        ("hoisted term", &own, "v=spf1 ", "v=spf1 exists:%{i}.d.test "),
        ("changed default", &own, " ~all", " -all"),
        ("lost default", &own, " ~all", ""),
        ("lost chunk", &chunks, " include:_spf1a.p.test", ""),
        ("chunk of another outcome", &chunks, " include:_spf1a.p.test", " ?include:_spf1a.p.test"),
        ("chunk that passes everybody", &chunks, " -all", " +all"),
    ];
    for (what, texts, from, to) in cases {
        let output = published(source(), &spoil(texts, from, to));
        convicted(what, judge("p.test", &output, &Generated::default()));
    }
}

#[test]
fn a_lost_redirect_is_convicted() {
    let spoiled = spoil(&flat("r.test", 512), " redirect=%{l}.r.test", "");
    convicted(
        "lost redirect",
        judge("r.test", &published(source(), &spoiled), &Generated::default()),
    );
}

fn compiled(domain: &str, style: MacroStyle) -> (Texts, Vec<ServedSet>, String) {
    let options = MacroOptions::new(name(domain), name("z.example"), style);
    let output = compile_macro(&source(), &options).unwrap();
    let texts =
        output.compiled.records.into_iter().map(|record| (record.name, record.text)).collect();
    (texts, output.sets, zone_file(&output.zone_records))
}

fn judge_sets(texts: &Texts, sets: &[ServedSet]) -> [Result<(), String>; 3] {
    let read: Vec<ServedZone> = sets.iter().map(|set| set.zone().unwrap()).collect();
    let addresses = read.iter().map(|zone| zone.addresses.clone());
    let known = sets.iter().map(ServedSet::term).zip(addresses).collect();
    let generated = Generated { known, zones: vec![name("z.example")], networks: Vec::new() };
    judge("w.test", &published(Served::new(source(), read), texts), &generated)
}

#[test]
fn spoiled_sets_are_convicted() {
    let style = MacroStyle::Exists { order: Order::Reversed, version: true };
    let (texts, sets, _) = compiled("w.test", style);
    judge_sets(&texts, &sets).into_iter().for_each(|verdict| verdict.unwrap());
    let spoiled = |from: &str, to: &str| {
        let mut sets = sets.clone();
        let set = &mut sets[0];
        let range = set.ip4.iter_mut().chain(&mut set.ip6).find(|range| *range == from);
        *range.unwrap_or_else(|| panic!("no {from}")) = to.to_owned();
        judge_sets(&texts, &sets)
    };
    convicted(
        "set short of its last address",
        spoiled("192.0.2.0-192.0.2.255", "192.0.2.0-192.0.2.254"),
    );
    convicted(
        "set with one address more",
        spoiled("10.0.0.0-10.255.255.255", "9.255.255.255-10.255.255.255"),
    );
    let whole = "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff";
    convicted(
        "set short of its first address",
        spoiled(whole, "2001:db8::1-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    );
    let outcome = spoil(&texts, "exists:", "?exists:");
    convicted("zone of another outcome", judge_sets(&outcome, &sets));
}

/// What a zone at `z.example` says of the clients of one term.
fn read_back(term: &str, reading: ZoneReading) -> Generated {
    Generated {
        known: Known::from([(term.to_owned(), reading.addresses)]),
        zones: vec![name("z.example")],
        networks: vec![reading.networks],
    }
}

fn judge_zone(texts: &Texts, zone: &str) -> [Result<(), String>; 3] {
    let printed = PrintedZone::read(zone.lines()).unwrap();
    let reading = printed.clients(&name("z.example"), ZoneMechanism::Exists).unwrap();
    let generated = read_back("exists:%{ir}.%{v}.z.example", reading);
    judge("w.test", &published(Printed::new(printed, source()), texts), &generated)
}

#[test]
fn spoiled_zones_are_convicted() {
    let style = MacroStyle::ExistsStatic { servers: vec![name("ns.example.net")], serial: 1 };
    let (texts, _, zone) = compiled("w.test", style);
    judge_zone(&texts, &zone).into_iter().for_each(|verdict| verdict.unwrap());
    let with = |line: &str| {
        let fields: Vec<&str> = line.splitn(5, ' ').collect();
        judge_zone(&texts, &format!("{zone}{}\n", fields.join("\t")))
    };
    convicted("stray wildcard", with("*.77.in-addr.z.example. 300 IN A 127.0.0.2"));
    convicted(
        "wildcard hidden by a name",
        with("7.2.0.192.in-addr.z.example. 300 IN TXT \"hides\""),
    );
    convicted("wildcard over both families", with("*.ip6.z.example. 300 IN A 127.0.0.2"));
    let lost: String = zone
        .lines()
        .filter(|line| !line.starts_with("*.10."))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(lost, zone);
    convicted("lost wildcard", judge_zone(&texts, &lost));
}

#[test]
fn spoiled_hybrid_records_are_convicted() {
    let style = MacroStyle::Exists { order: Order::Reversed, version: true };
    let (texts, sets, _) = compiled("w.test", style);
    let with =
        |terms: &str| judge_sets(&spoil(&texts, "exists:", &format!("{terms} exists:")), &sets);
    with("ip4:192.0.2.0/25 ip6:2001:db8::/40").into_iter().for_each(|verdict| verdict.unwrap());
    convicted("range that is not in the zone", with("ip4:192.0.2.0/23"));
    convicted("range of another outcome", with("?ip6:2001:db8::/40"));
}
