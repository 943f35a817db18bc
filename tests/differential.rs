//! The compiler against the oracle: for random policies, `check_host()` gives
//! the same results for the source and for what the compiler writes, at every
//! address where they could differ and under every answer of the terms that
//! only the message can decide.
//!
//! The addresses, the answers and the comparison are this test's own; nothing
//! of the product's proof takes part.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "differential/policy.rs"]
mod policy;
#[path = "differential/world.rs"]
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use spfc::compile::{
    CoverChoice, FlattenOptions, Halt, InlineOptions, MacroOptions, MacroOutput, MacroStyle,
    Publication, RecordOptions, SourceOptions, compile_macro, flatten,
};
use spfc::dns::ZoneFile;
use spfc::image::Order;
use spfc::name::DomainName;
use spfc::target::{OutputRecord, zone_file};

use policy::{RandomPolicy, policy};
use world::{World, addresses, agree};

const DOMAIN: &str = "p.test";
const ZONE: &str = "_z.p.test";

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn source(policy: &RandomPolicy) -> SourceOptions {
    let keep = policy.keep.iter().map(|kept| name(kept)).collect();
    SourceOptions { keep, ..SourceOptions::new(name(DOMAIN)) }
}

const PUBLICATION: Publication = Publication { check: true, overwrite: false };

/// The output's records over the source's world.
fn published(world: &World, records: &[OutputRecord]) -> World {
    let mut output = world.clone();
    for record in records {
        output.set_record(&record.name, &record.text);
    }
    output
}

/// Runs `check` on random policies; it says what became of each. Returns how
/// often each happened.
fn for_policies(
    cases: u32,
    seed: u8,
    check: impl Fn(&RandomPolicy) -> Result<String, TestCaseError>,
) -> BTreeMap<String, u32> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let happened = RefCell::new(BTreeMap::new());
    let result = runner.run(&policy(), |policy| {
        let what = check(&policy)?;
        *happened.borrow_mut().entry(what).or_insert(0) += 1;
        Ok(())
    });
    let happened = happened.into_inner();
    eprintln!("{happened:?}");
    if let Err(failure) = result {
        panic!("{failure}");
    }
    happened
}

/// What a refusal is about, without its particulars.
fn refusal(halt: &Halt) -> Result<String, TestCaseError> {
    match halt {
        Halt::Need(questions) => Err(TestCaseError::fail(format!("needs {}", questions[0]))),
        Halt::Refuse(error) => {
            let words = format!("{error:?}");
            let kind = words.split(['(', ' ', '{']).next().unwrap_or_default().to_owned();
            match kind.as_str() {
                "Unproven" | "Unreadable" | "Inexpressible" => Err(TestCaseError::fail(words)),
                _ => Ok(kind),
            }
        }
    }
}

fn mostly(happened: &BTreeMap<String, u32>, what: &str, least: u32) {
    assert!(happened.get(what).is_some_and(|count| *count >= least), "{happened:?}");
}

/// Compiles random policies to flat records, and compares what both give.
fn flat_means_the_same(
    count: u32,
    seed: u8,
    max_message: usize,
    cover: CoverChoice,
) -> BTreeMap<String, u32> {
    for_policies(count, seed, |policy| {
        let world = World::of(policy);
        let options = FlattenOptions {
            source: source(policy),
            records: RecordOptions { max_message, ..RecordOptions::default() },
            qualifier: None,
            cover,
            publication: PUBLICATION,
        };
        let flat = match flatten(&world, &options) {
            Ok(flat) => flat,
            Err(halt) => return refusal(&halt),
        };
        let output = published(&world, &flat.compiled.records);
        agree(&world, &output, &addresses(&[&world, &output], ""))?;
        Ok(String::from(if flat.compiled.records.len() > 1 { "chunks" } else { "one" }))
    })
}

#[test]
fn flat_records_mean_what_the_source_means() {
    mostly(&flat_means_the_same(400, 1, 512, CoverChoice::Disjoint), "one", 200);
}

#[test]
fn chunks_mean_what_the_source_means() {
    mostly(&flat_means_the_same(150, 2, 140, CoverChoice::Disjoint), "chunks", 20);
}

#[test]
fn ordered_records_mean_what_the_source_means() {
    mostly(&flat_means_the_same(300, 6, 512, CoverChoice::Ordered), "one", 150);
}

#[test]
fn ordered_chunks_mean_what_the_source_means() {
    mostly(&flat_means_the_same(150, 7, 140, CoverChoice::Ordered), "chunks", 20);
}

fn macro_options(policy: &RandomPolicy, style: MacroStyle) -> MacroOptions {
    MacroOptions {
        inline: InlineOptions::default(),
        source: source(policy),
        records: RecordOptions::default(),
        qualifier: None,
        publication: PUBLICATION,
        zone: name(ZONE),
        style,
    }
}

/// Random policies as a record and sets that a responder answers from; what
/// became of them is named by `outcome`.
fn served_sets_mean_the_same(
    (count, seed): (u32, u8),
    options: impl Fn(&RandomPolicy) -> MacroOptions,
    outcome: fn(&MacroOutput) -> &'static str,
) -> BTreeMap<String, u32> {
    for_policies(count, seed, |policy| {
        let world = World::of(policy);
        let written = match compile_macro(&world, &options(policy)) {
            Ok(written) => written,
            Err(halt) => return refusal(&halt),
        };
        let mut output = published(&world, &written.compiled.records);
        for set in &written.sets {
            output.serve(set.layout.clone(), set.mechanism, set.read().unwrap());
        }
        agree(&world, &output, &addresses(&[&world, &output], &edges_of_sets(&written)))?;
        Ok(String::from(outcome(&written)))
    })
}

/// The options for a style in the layout that the policy draws.
fn laid_out(policy: &RandomPolicy, style: fn(Order, bool) -> MacroStyle) -> MacroOptions {
    let (order, version) = policy.layout;
    let order = if order { Order::Reversed } else { Order::Forward };
    macro_options(policy, style(order, version))
}

/// Random policies as a record and a zone file.
fn zones_mean_the_same(seed: u8, most: usize, style: fn(Vec<DomainName>) -> MacroStyle) {
    let happened = for_policies(150, seed, |policy| {
        let world = World::of(policy);
        let mut options = macro_options(policy, style(vec![name("ns.example.net")]));
        options.records.max_message = most;
        let written = match compile_macro(&world, &options) {
            Ok(written) => written,
            Err(halt) => return refusal(&halt),
        };
        let text = zone_file(&written.zone_records);
        let mut output = published(&world, &written.compiled.records);
        output.serve_zone(name(ZONE), ZoneFile::read(text.as_bytes(), None).unwrap());
        agree(&world, &output, &addresses(&[&world, &output], &edges_of_sets(&written)))?;
        Ok(String::from("same"))
    });
    mostly(&happened, "same", 75);
}

#[test]
fn hybrid_records_mean_what_the_source_means() {
    let options = |policy: &RandomPolicy| {
        let style = MacroStyle::Exists { order: Order::Reversed, version: true };
        let mut options = macro_options(policy, style);
        options.inline.ranges = 3;
        options
    };
    let happened = served_sets_mean_the_same((100, 5), options, |written| {
        if written.inlined.terms.is_empty() { "nothing" } else { "inlined" }
    });
    mostly(&happened, "inlined", 50);
}

/// The ranges of the sets, a line each.
fn edges_of_sets(written: &MacroOutput) -> String {
    let ranges = written.sets.iter().flat_map(|set| set.ip4.iter().chain(&set.ip6));
    ranges.map(|range| format!("{range}\n")).collect()
}

#[test]
fn macro_records_mean_what_the_source_means() {
    let exists = |order, version| MacroStyle::Exists { order, version };
    let happened =
        served_sets_mean_the_same((200, 3), move |policy| laid_out(policy, exists), |_| "same");
    mostly(&happened, "same", 100);
}

#[test]
fn macro_records_of_includes_mean_what_the_source_means() {
    let include = |order, version| MacroStyle::Include { order, version };
    let happened =
        served_sets_mean_the_same((200, 5), move |policy| laid_out(policy, include), |_| "same");
    mostly(&happened, "same", 100);
}

#[test]
fn static_zones_mean_what_the_source_means() {
    zones_mean_the_same(4, 512, |servers| MacroStyle::ExistsStatic { servers, serial: 1 });
}

#[test]
fn shards_mean_what_the_source_means() {
    zones_mean_the_same(6, 200, |servers| MacroStyle::Shard { servers, serial: 1 });
}
