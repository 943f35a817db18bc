//! Linting one subject against a closed world: a zone map, or a zone file with
//! the places of its records.

use std::sync::Arc;

use serde_json::Value;
use spfc::dns::{Lookup, NoIncludes, ZoneFile, ZoneMap, ZoneText};
use spfc::lint::{
    Baseline, File, FileRecord, Level, Levels, LintOptions, MAX_SHRINK_PERCENT, Profile, Report,
    Selector, Sending, Subject, lint,
};
use spfc::name::DomainName;
use spfc::policy::Reading;

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

/// The strings of a list; none where there is no list.
fn words(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().map(|word| word.as_str().unwrap())
}

/// What a fixture says about rules: lists of selectors by level.
fn levels(given: &Value) -> Levels {
    let mut levels = Levels::default();
    for (key, level) in [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)] {
        words(&given[key]).for_each(|word| levels.set(Selector::parse(word).unwrap(), level));
    }
    levels
}

/// The report of a fixture.
pub(crate) fn report(case: &Value) -> Report {
    let (mut subject, options) = read(case);
    let Some(text) = case["file"].as_str() else {
        return run(&zone(&case["zone"]), &subject, &options);
    };
    let (zone, file) = written(text);
    subject.file = Some(file);
    run(&zone, &subject, &options)
}

/// What a fixture lints, and how.
pub(crate) fn read(case: &Value) -> (Subject, LintOptions) {
    let domain = case["domain"].as_str().map(name);
    let mut subject = match (case["record"].as_str(), domain) {
        (Some(record), domain) => Subject::record(record.as_bytes(), domain),
        (None, Some(domain)) => Subject::domain(domain),
        (None, None) => panic!("a fixture has a domain or a record"),
    };
    let given = &case["options"];
    subject.include_only = given["include_only"] == true;
    subject.subdomains = words(&given["subdomains"]).map(name).collect();
    if let (false, Some(domain)) = (case["recorded"].is_null(), &subject.domain) {
        let reading = Reading::read(&zone(&case["recorded"]), domain, None);
        subject.baseline = Some(Arc::new(Baseline::new(reading.unwrap())));
    }
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
        levels: levels(given),
        max_shrink: given["max_shrink"].as_u64().map_or(MAX_SHRINK_PERCENT, |max| max as u32),
        ..LintOptions::default()
    };
    (subject, options)
}
