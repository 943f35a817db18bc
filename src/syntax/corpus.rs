//! What this module's tests share: published records, what is wrong with some,
//! and how properties are tested.
//!
//! The records are read where they lie, beside the project; nothing is copied.

#[path = "../../tests/support/shared.rs"]
mod folder;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

use super::SyntaxErrorKind as Kind;
use super::parse_record;

/// Properties are tested on the same values in every run.
pub(super) fn same_values() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(7208),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A JSON file of the shared folder, where there is one.
fn shared(path: &str) -> Option<serde_json::Value> {
    let text = std::fs::read(folder::shared(path)?).expect("the file can be read");
    Some(serde_json::from_slice(&text).expect("the file is JSON"))
}

/// The texts of all SPF records in the corpus.
pub(super) fn records() -> Option<Vec<String>> {
    let zones = shared("corpus/zones.json")?;
    let zones = zones.as_object().expect("an object of names").values();
    let texts = zones.filter_map(|zone| zone["TXT"].as_array()).flatten();
    let texts = texts.filter_map(|text| text.as_str()).filter(|text| text.starts_with("v=spf1"));
    Some(texts.map(str::to_owned).collect())
}

/// Names of records with mistakes of syntax: each term that is wrong, and the
/// kind of what is wrong with it.
const MISTAKES: &[(&str, &[(&str, Kind)])] = &[
    ("hmctssurvey.justice.gov.uk", &[("nclude:spf.ssmx.net", Kind::UnknownMechanism)]),
    ("r0200.corpus.test", &[("~allCOPY", Kind::UnknownMechanism)]),
    ("r0210.corpus.test", &[("include", Kind::MissingDomain)]),
    ("r0271.corpus.test", &[("spf.hosted.jaama.co.uk", Kind::UnknownMechanism)]),
    (
        "r0314.corpus.test",
        &[
            ("ipv4:10.64.16.8", Kind::UnknownMechanism),
            ("ipv4:10.192.32.147", Kind::UnknownMechanism),
        ],
    ),
    ("spf-orig.spf-tools.eu.org", &[("2001:470:6f:200::/64", Kind::UnknownMechanism)]),
    (
        "u-cohaesio.corpus.test",
        &[("include:", Kind::EmptyDomain), ("trustpilotservice.com", Kind::UnknownMechanism)],
    ),
    ("u-prairie.corpus.test", &[("v=spf1?all", Kind::Version)]),
];

#[test]
fn mistakes_that_people_make_are_found() {
    let Some(broken) = shared("corpus/broken.json") else { return };
    let mut met = 0;
    for case in broken.as_array().expect("a list of cases") {
        let name = case["name"].as_str().expect("a name");
        let listed = MISTAKES.iter().find(|(listed, _)| *listed == name);
        let wanted = listed.map_or(&[][..], |(_, mistakes)| mistakes);
        met += usize::from(listed.is_some());
        let mut found = Vec::new();
        for text in case["records"].as_array().expect("a list of records") {
            let text = text.as_str().expect("a text");
            let parse = parse_record(text.as_bytes());
            found.extend(parse.errors.iter().map(|error| {
                (String::from_utf8_lossy(error.term.of(text.as_bytes())).into_owned(), error.kind)
            }));
        }
        let wanted: Vec<_> = wanted.iter().map(|(term, kind)| (term.to_string(), *kind)).collect();
        assert_eq!(found, wanted, "{name}");
    }
    assert_eq!(met, MISTAKES.len(), "some of the listed records are gone");
}

#[test]
fn published_records_are_mostly_sound() {
    let Some(records) = records() else { return };
    let sound = records.iter().filter(|text| parse_record(text.as_bytes()).errors.is_empty());
    let sound = sound.count();
    assert!(records.len() > 900, "{} records", records.len());
    assert!(sound * 100 > records.len() * 98, "{sound} of {} are sound", records.len());
}
