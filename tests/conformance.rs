//! The oracle against conformance suites in the openspf form: the shared one
//! of RFC 7208, and the cases of tests/conformance/.
//!
//! Each scenario's zone becomes a `Lookup` that answers as a recursive
//! resolver over that zone would.

// A suite that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/shared.rs"]
mod shared;
mod suite;

use std::path::{Path, PathBuf};

use shared::shared;
use spfc::dns::Step;
use spfc::eval::{Message, Options, RecordStore, check_host};
use spfc::outcome::SpfResult;
use suite::{Case, Scenario, read_suite};

/// Cases of the shared suite.
const SHARED_CASES: usize = 203;

/// What is wrong with the outcome of a case, if anything.
fn mistake(scenario: &Scenario, records: &mut RecordStore, case: &Case) -> Option<String> {
    let message = Message::mail_from(case.host, &case.helo, &case.mail_from);
    let options = Options { trace: true, ..Options::default() };
    let evaluation = match check_host(&scenario.zone, records, &message, &options) {
        Step::Done(evaluation) => evaluation,
        Step::Need(questions) => return Some(format!("needs {questions:?}")),
    };
    if !case.results.contains(&evaluation.result) {
        return Some(format!(
            "gives {} ({:?}), not {:?}",
            evaluation.result, evaluation.problem, case.results
        ));
    }
    let errors = [SpfResult::Temperror, SpfResult::Permerror];
    if evaluation.problem.is_some() != errors.contains(&evaluation.result) {
        return Some(format!("gives {} with {:?}", evaluation.result, evaluation.problem));
    }
    match &case.explanation {
        Some(explanation) if evaluation.explanation != *explanation => {
            Some(format!("explains {:?}, not {explanation:?}", evaluation.explanation))
        }
        _ => None,
    }
}

/// Runs all cases of a file; how many there were.
fn run(path: &Path) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let scenarios = read_suite(&text);
    let mut mistakes = Vec::new();
    let mut cases = 0;
    for scenario in &scenarios {
        let mut records = RecordStore::new();
        for case in &scenario.cases {
            cases += 1;
            if let Some(mistake) = mistake(scenario, &mut records, case) {
                mistakes.push(format!("{}: {}: {mistake}", scenario.description, case.name));
            }
        }
    }
    println!("{}: {cases} cases, {} wrong", path.display(), mistakes.len());
    assert!(mistakes.is_empty(), "{}:\n{}", path.display(), mistakes.join("\n"));
    cases
}

#[test]
fn passes_the_shared_suite() {
    let Some(path) = shared("conformance/rfc7208-tests.yml") else { return };
    assert_eq!(run(&path), SHARED_CASES);
}

#[test]
fn passes_the_cases_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        assert!(run(&path) > 0, "{} has no cases", path.display());
    }
}
