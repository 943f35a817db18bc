//! What linting asks DNS, and how it bears hostile policies.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::json;
use spfc::dns::{Answer, Lookup, Question, ZoneMap};
use spfc::lint::{LintOptions, Profile, Sending, Subject, lint};

use super::case::{name, run, zone};

/// A world that notes what it is asked.
struct Noting {
    zone: ZoneMap,
    asked: RefCell<Vec<String>>,
}

impl Noting {
    fn new(records: &[(&str, &str)]) -> Noting {
        let mut map = json!({});
        for (domain, text) in records {
            map[*domain] = json!({ "TXT": [text] });
        }
        Noting { zone: zone(&map), asked: RefCell::default() }
    }

    fn asked(self) -> Vec<String> {
        let mut asked = self.asked.into_inner();
        asked.sort();
        asked.dedup();
        asked
    }
}

impl Lookup for Noting {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        self.asked.borrow_mut().push(question.to_string());
        self.zone.lookup(question)
    }
}

/// A world that knows nothing yet.
struct Nothing;

impl Lookup for Nothing {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        Err(question.clone())
    }
}

fn asked_for(record: &str, options: &LintOptions) -> Vec<String> {
    let world = Noting::new(&[("a.example.com", record)]);
    run(&world, &Subject::domain(name("a.example.com")), options);
    world.asked()
}

#[test]
fn offline_nothing_is_asked() {
    let options = LintOptions { offline: true, ..LintOptions::default() };
    let text = "v=spf1 a mx include:x.example exists:y.example redirect=z.example";
    for domain in [None, Some(name("example.com"))] {
        let subject = Subject::record(text.as_bytes(), domain);
        let report = lint(&Nothing, &subject, &options).expect("nothing is missing");
        assert!(report.diagnostics.is_empty() && report.lookups.is_none());
        assert_eq!(report.record.as_deref(), Some(text.as_bytes()));
    }
    let report = lint(&Nothing, &Subject::domain(name("example.com")), &options).unwrap();
    assert!(report.record.is_none() && report.diagnostics.is_empty());
}

#[test]
fn dmarc_is_asked_for_only_where_it_matters() {
    let own = "a.example.com TXT";
    let dmarc = ["_dmarc.a.example.com TXT", "_dmarc.example.com TXT"];
    let default = LintOptions::default();
    let fails = "v=spf1 ip4:192.0.2.1 -all";
    assert_eq!(asked_for(fails, &default), [dmarc[0], dmarc[1], own]);
    assert_eq!(asked_for("v=spf1 ip4:192.0.2.1 ~all", &default), [own]);
    assert_eq!(asked_for("v=spf1 -all", &default), [own]);
    let scuba = LintOptions { profile: Profile::Scuba, ..LintOptions::default() };
    let silent = LintOptions { sending: Sending::No, ..LintOptions::default() };
    let recorded = LintOptions { beyond_policy: false, ..LintOptions::default() };
    for options in [scuba, silent, recorded] {
        assert_eq!(asked_for(fails, &options), [own]);
    }
    assert_eq!(asked_for("other", &default), ["a.example.com MX", own]);
}

#[test]
fn a_record_without_a_domain_says_nothing_about_one() {
    let world = Noting::new(&[("x.example", "v=spf1 ip4:192.0.2.1 -all")]);
    let text = "v=spf1 a mx ptr exists:%{d}.y.example include:x.example -all";
    let report = run(&world, &Subject::record(text.as_bytes(), None), &LintOptions::default());
    let own = report.diagnostics.iter().all(|found| found.place.domain.is_none());
    assert!(own, "{report:?}");
    assert_eq!(world.asked(), ["x.example TXT"]);
}

#[test]
fn all_questions_that_are_known_come_at_once() {
    let record = "v=spf1 include:x.example a:y.example -all";
    let subject = Subject::record(record.as_bytes(), Some(name("example.com")));
    let missing = lint(&Nothing, &subject, &LintOptions::default()).unwrap_err();
    let mut missing: Vec<String> = missing.iter().map(Question::to_string).collect();
    missing.sort();
    let expected = ["_dmarc.example.com TXT", "x.example TXT", "y.example A", "y.example AAAA"];
    assert_eq!(missing, expected);
}

#[test]
fn hostile_policies_end() {
    let terms = |term: fn(usize) -> String| -> String {
        let terms: Vec<String> = (0..10_000).map(term).collect();
        format!("v=spf1 {} ~all", terms.join(" "))
    };
    let records = [
        terms(|number| format!("ip4:10.{}.{}.0/24", number / 256, number % 256)),
        terms(|number| {
            format!("{}ip4:10.{}.{}.1", ["", "-"][number % 2], number / 256, number % 256)
        }),
        terms(|number| format!("a:h{number}.example")),
        terms(|number| format!("include:h{number}.example")),
        terms(|number| format!("include:x.example -ip4:10.{}.{}.1", number / 256, number % 256)),
        terms(|number| format!("exists:%{{i}}.h{number}.example")),
        terms(|number| format!("ipv4:{number}")),
        format!("v=spf1 {}", "\u{fffd}".repeat(20_000)),
    ];
    for record in &records {
        let world = Noting::new(&[("x.example", record)]);
        let report = run(&world, &Subject::domain(name("x.example")), &LintOptions::default());
        let shown = record.get(..30).unwrap_or_default();
        let text = spfc::lint::render::json(std::slice::from_ref(&report), &[]);
        assert!((100..50 << 20).contains(&text.len()), "{shown}: {}", text.len());
    }
}
