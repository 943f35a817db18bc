//! Linting one subject against a closed world.

use serde_json::Value;
use spfc::dns::{Lookup, ZoneMap};
use spfc::lint::{LintOptions, Profile, Report, Sending, Subject, lint};
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

/// The report of a fixture.
pub(crate) fn report(case: &Value) -> Report {
    let (subject, options) = read(case);
    run(&zone(&case["zone"]), &subject, &options)
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
    (subject, options)
}
