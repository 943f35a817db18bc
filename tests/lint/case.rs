//! Linting one subject against a closed world: a zone map, or a zone file with
//! the places of its records.

use std::sync::Arc;

use serde_json::Value;
use spfc::dns::{Lookup, NoIncludes, ZoneFile, ZoneMap, ZoneText};
use spfc::lint::{File, FileRecord, LintOptions, Profile, Report, Sending, Subject, lint};
use spfc::name::DomainName;

pub(crate) fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

pub(crate) fn zone(map: &Value) -> ZoneMap {
    let map = if map.is_null() { &serde_json::json!({}) } else { map };
    ZoneMap::read(&serde_json::to_vec(map).unwrap()).unwrap()
}

/// Lints in a world that has all answers.
pub(crate) fn run(lookup: &dyn Lookup, subject: &Subject, options: &LintOptions) -> Report {
    lint(lookup, subject, options).expect("a closed world has all answers")
}

/// A zone file and where its TXT records stand.
fn written(text: &str) -> (ZoneFile, Arc<File>) {
    let zone = ZoneFile::read_as_meant(text.as_bytes(), None, &mut NoIncludes).unwrap();
    let record = |record: &ZoneText| FileRecord {
        owner: Some(record.owner.clone()),
        octets: record.text.joined().into(),
        strings: record.text.given(),
        written: record.place.written(text.as_bytes(), &record.text).unwrap(),
        entry: record.place.octets.clone(),
    };
    let records = zone.texts().iter().map(record).collect();
    (zone, Arc::new(File::new("test.zone", text.as_bytes(), records)))
}

/// The report of a fixture.
pub(crate) fn report(case: &Value) -> Report {
    let domain = case["domain"].as_str().map(name);
    let mut subject = match (case["record"].as_str(), domain) {
        (Some(record), domain) => Subject::record(record.as_bytes(), domain),
        (None, Some(domain)) => Subject::domain(domain),
        (None, None) => panic!("a fixture has a domain or a record"),
    };
    let given = &case["options"];
    subject.include_only = given["include_only"] == true;
    let options = LintOptions {
        offline: given["offline"] == true,
        sending: match given["sending"].as_str() {
            None => Sending::Auto,
            Some("yes") => Sending::Yes,
            Some("no") => Sending::No,
            Some(other) => panic!("{other}"),
        },
        profile: match given["profile"].as_str() {
            None => Profile::Dmarc,
            Some("scuba") => Profile::Scuba,
            Some(other) => panic!("{other}"),
        },
        ..LintOptions::default()
    };
    let Some(text) = case["file"].as_str() else {
        return run(&zone(&case["zone"]), &subject, &options);
    };
    let (zone, file) = written(text);
    subject.file = Some(file);
    run(&zone, &subject, &options)
}
