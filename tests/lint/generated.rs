//! What `flatten` writes has no faults of its own: lint finds nothing about
//! order, lookups or addresses in it, but for what its source says as well.

use std::collections::BTreeMap;

use spfc::compile::{FlattenOptions, Publication, RecordOptions, SourceOptions, flatten};
use spfc::dns::{Published, ZoneMap};
use spfc::lint::{LintOptions, Subject};

use super::case::{name, run};
use super::corpus::shared;

/// The families that are about more than the policy's intent.
const FAMILIES: [&str; 3] = ["SPF2", "SPF3", "SPF5"];

#[test]
fn flat_records_lint_without_a_finding() {
    let (Some(zones), Some(domains)) = (shared("corpus/zones.json"), shared("corpus/domains.txt"))
    else {
        return;
    };
    let zones = ZoneMap::read(&zones).unwrap();
    let domains = String::from_utf8(domains).unwrap();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut compiled = 0;
    for domain in domains.lines().filter(|line| !line.is_empty()) {
        let options = FlattenOptions {
            source: SourceOptions::new(name(domain)),
            records: RecordOptions::default(),
            qualifier: None,
            publication: Publication { check: false, overwrite: true },
        };
        let Ok(flat) = flatten(&zones, &options) else { continue };
        let options = LintOptions { beyond_policy: false, ..LintOptions::default() };
        let source = run(&zones, &Subject::domain(name(domain)), &options);
        let of_source: Vec<&str> = source.diagnostics.iter().map(|found| found.rule.code).collect();
        compiled += 1;
        let records = &flat.compiled.records;
        let texts = records.iter().map(|record| (record.name.clone(), record.text.clone().into()));
        let world = Published::new(&zones, texts);
        for record in records {
            let subject = Subject::domain(record.name.clone());
            for found in run(&world, &subject, &options).diagnostics {
                let code = found.rule.code;
                let other = !FAMILIES.iter().any(|family| code.starts_with(family));
                if other || of_source.contains(&code) {
                    continue;
                }
                let what = format!("{code} {} in {}", found.message, record.text);
                wrong.entry(domain.to_owned()).or_default().push(what);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compiled > 100);
}
