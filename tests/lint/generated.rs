//! What `flatten` writes has none of the faults that it exists to mend: lint
//! finds nothing about order, lookups or addresses in it.

use std::collections::BTreeMap;

use spfc::compile::{FlattenOptions, Publication, RecordOptions, SourceOptions, flatten};
use spfc::dns::{Published, ZoneMap};
use spfc::lint::{LintOptions, Subject};

use super::case::{name, run};
use super::corpus::shared;

/// Every one of so many policies is tried.
const STEP: usize = 4;

/// The families that are about more than the policy's intent.
const FAMILIES: [&str; 3] = ["SPF2", "SPF3", "SPF5"];

/// A record that lists what a policy passes lists its wide ranges and passes
/// its many addresses. Only chunks tell that it was compiled.
const SIZES: [&str; 2] = ["SPF506", "SPF507"];

#[test]
fn flat_records_lint_without_a_finding() {
    let (Some(zones), Some(domains)) = (shared("corpus/zones.json"), shared("corpus/domains.txt"))
    else {
        return;
    };
    let zones = ZoneMap::read(&zones).unwrap();
    let domains = String::from_utf8(domains).unwrap();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut compiled, mut sizes) = (0, 0);
    for domain in domains.lines().filter(|line| !line.is_empty()).step_by(STEP) {
        let options = FlattenOptions {
            source: SourceOptions::new(name(domain)),
            records: RecordOptions::default(),
            qualifier: None,
            publication: Publication { check: false, overwrite: true },
        };
        let Ok(flat) = flatten(&zones, &options) else { continue };
        compiled += 1;
        let records = &flat.compiled.records;
        let texts = records.iter().map(|record| (record.name.clone(), record.text.clone().into()));
        let world = Published::new(&zones, texts);
        for record in records {
            let subject = Subject::domain(record.name.clone());
            let options = LintOptions { beyond_policy: false, ..LintOptions::default() };
            for found in run(&world, &subject, &options).diagnostics {
                let code = found.rule.code;
                if !FAMILIES.iter().any(|family| code.starts_with(family)) {
                    continue;
                }
                match SIZES.contains(&code) && records.len() == 1 {
                    true => sizes += 1,
                    false => wrong
                        .entry(domain.to_owned())
                        .or_default()
                        .push(format!("{code} {} in {}", found.message, record.text)),
                }
            }
        }
    }
    eprintln!("{compiled} compiled, {sizes} notes on the size of what they pass");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compiled > 100);
}
