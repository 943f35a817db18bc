//! What the compiler writes is linted: no output has a finding but for what its
//! source says and an equal policy has to say too, by what it decides or by a
//! term that only the message can decide.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "support/corpus.rs"]
mod published;
#[path = "support/shared.rs"]
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use spfc::compile::{
    CoverChoice, InlineOptions, MacroOptions, MacroStyle, SourceOptions, compile_macro, flatten,
};
use spfc::dns::{Lookup, Published, ZoneMap};
use spfc::image::Order;
use spfc::lint::{Diagnostic, LintOptions, Report, Subject, lint};
use spfc::name::DomainName;
use spfc::target::OutputRecord;

use published::{Corpus, corpus, exists_static, flat, macros, shard};

/// Findings about what a policy decides. An output decides the same as its
/// source, so where the source has one of them the output has it as well.
const OF_THE_POLICY: &[&str] =
    &["SPF502", "SPF503", "SPF506", "SPF507", "SPF601", "SPF602", "SPF603", "SPF605", "SPF607"];

fn linted(lookup: &dyn Lookup, domain: &DomainName) -> Report {
    let subject = Subject::domain(domain.clone());
    lint(lookup, &subject, &LintOptions::default()).expect("a closed world has all answers")
}

/// Whether a finding is about a term that only the message can decide: such
/// terms stay in the output as they are in the source.
fn stays(found: &Diagnostic) -> bool {
    let place = &found.place;
    let Some((record, span)) = place.record.as_deref().zip(place.span) else { return false };
    let term = String::from_utf8_lossy(span.of(record)).to_lowercase();
    term.contains('%') || term.trim_start_matches(['+', '-', '~', '?']).starts_with("ptr")
}

fn codes(report: &Report) -> BTreeSet<&'static str> {
    report.diagnostics.iter().map(|found| found.rule.code).collect()
}

/// The findings of one output that neither its source explains nor what was
/// asked for.
fn unexplained(
    zones: &ZoneMap,
    domain: &DomainName,
    records: &[OutputRecord],
    by_nature: &[&str],
    carried: &mut BTreeMap<&'static str, usize>,
) -> Vec<String> {
    let text =
        |record: &OutputRecord| (record.name.clone(), record.strings().concat().into_bytes());
    let world = Published::new(zones, records.iter().map(text));
    let mut source = codes(&linted(zones, domain));
    // A missing `all` is written out as the `?all` that it means.
    if source.contains("SPF603") {
        source.insert("SPF602");
    }
    // Terms that match nobody leave nothing to write: the domain sends no mail.
    if ["SPF406", "SPF408", "SPF409", "SPF410"].iter().any(|code| source.contains(code)) {
        source.insert("SPF607");
    }
    let mut wrong = Vec::new();
    for record in records {
        for found in linted(&world, &record.name).diagnostics {
            let code = found.rule.code;
            let explained = OF_THE_POLICY.contains(&code) && source.contains(code);
            if explained || stays(&found) || by_nature.contains(&code) {
                *carried.entry(code).or_default() += 1;
            } else {
                wrong.push(format!("{}: {code} {}: {}", record.name, found.message, record.text));
            }
        }
    }
    wrong
}

/// Every policy of the corpus that compiles, through one target, whose outputs
/// have the findings `by_nature`.
fn every_output(
    by_nature: &[&str],
    compile: impl Fn(&ZoneMap, SourceOptions) -> Option<Vec<OutputRecord>>,
) {
    let Some(Corpus { zones, domains }) = corpus() else { return };
    let (mut outputs, mut wrong, mut carried) = (0, Vec::new(), BTreeMap::new());
    for domain in domains {
        if let Some(records) = compile(&zones, SourceOptions::new(domain.clone())) {
            outputs += 1;
            wrong.extend(unexplained(&zones, &domain, &records, by_nature, &mut carried));
        }
    }
    eprintln!("{outputs} outputs linted; what their policies say: {carried:?}");
    assert!(outputs > 600);
    assert!(wrong.is_empty(), "{} findings\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn flat_records_lint_without_a_finding() {
    every_output(&[], |zones, source| {
        flatten(zones, &flat(source, CoverChoice::Disjoint)).ok().map(|flat| flat.compiled.records)
    });
}

#[test]
fn exclusions_lint_as_what_they_are() {
    // That their order decides is what the run says too.
    every_output(&["SPF504"], |zones, source| {
        flatten(zones, &flat(source, CoverChoice::Ordered)).ok().map(|flat| flat.compiled.records)
    });
}

#[test]
fn macro_records_lint_without_a_finding() {
    for style in [
        MacroStyle::Exists { order: Order::Reversed, version: true },
        MacroStyle::Exists { order: Order::Forward, version: false },
        MacroStyle::Include { order: Order::Reversed, version: true },
        exists_static(),
        shard(),
    ] {
        every_output(&[], |zones, source| {
            let output = compile_macro(zones, &macros(source, style.clone())).ok();
            output.map(|output| output.compiled.records)
        });
    }
}

#[test]
fn hybrid_records_lint_without_a_finding() {
    every_output(&[], |zones, source| {
        let style = MacroStyle::Exists { order: Order::Reversed, version: true };
        let inline = InlineOptions { ranges: 6, ..InlineOptions::default() };
        let output = compile_macro(zones, &MacroOptions { inline, ..macros(source, style) });
        output.ok().map(|output| output.compiled.records)
    });
}
