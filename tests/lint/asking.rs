//! What linting asks DNS, and how it bears hostile policies.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::json;
use spfc::dns::{Answer, Lookup, Question, RecordType, Recording, ZoneMap};
use spfc::lint::{Level, Levels, LintOptions, Profile, Selector, Sending, Severity, Subject, lint};

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
    let own = ["a.example.com TXT", "a.example.com SPF"];
    let dmarc = ["_dmarc.a.example.com TXT", "_dmarc.example.com TXT"];
    let default = LintOptions::default();
    let fails = "v=spf1 ip4:192.0.2.1 -all";
    assert_eq!(asked_for(fails, &default), [dmarc[0], dmarc[1], own[1], own[0]]);
    assert_eq!(asked_for("v=spf1 ip4:192.0.2.1 ~all", &default), [own[1], own[0]]);
    assert_eq!(asked_for("v=spf1 -all", &default), [own[1], own[0]]);
    let scuba = LintOptions { profile: Profile::Scuba, ..LintOptions::default() };
    let silent = LintOptions { sending: Sending::No, ..LintOptions::default() };
    for options in [scuba, silent] {
        assert_eq!(asked_for(fails, &options), [own[1], own[0]]);
    }
    let recorded = LintOptions { beyond_policy: false, ..LintOptions::default() };
    for record in [fails, "other", "v=spf1 ip4:192.0.2.1 include:gone.a-service.com ~all"] {
        let asked = asked_for(record, &recorded);
        assert!(asked.iter().all(|question| question.ends_with(" TXT")), "{asked:?}");
        assert_eq!(asked.len(), 1 + usize::from(record.contains("include")));
    }
}

#[test]
fn names_beside_a_domain_are_asked_for_only_where_it_has_no_record() {
    let asked = asked_for("other", &LintOptions::default());
    let expected = [
        "_spf.a.example.com TXT",
        "a.example.com MX",
        "a.example.com SPF",
        "a.example.com TXT",
        "a.example.com.a.example.com TXT",
        "spf.a.example.com TXT",
        "www.a.example.com TXT",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn registrations_are_looked_into_only_where_a_name_does_not_exist() {
    let own = ["a.example.com SPF", "a.example.com TXT"];
    let asked = |record: &str| {
        let asked = asked_for(record, &LintOptions::default());
        asked.into_iter().filter(|question| !own.contains(&question.as_str())).collect::<Vec<_>>()
    };
    let gone = "v=spf1 include:x.a-service.co.uk include:y.a-service.co.uk ~all";
    let expected = ["a-service.co.uk TXT", "x.a-service.co.uk TXT", "y.a-service.co.uk TXT"];
    assert_eq!(asked(gone), expected);
    // Special names, one's own and suffixes are not for sale.
    assert_eq!(asked("v=spf1 include:x.gone.example ~all"), ["x.gone.example TXT"]);
    assert_eq!(asked("v=spf1 include:x.example.com ~all"), ["x.example.com TXT"]);
    assert_eq!(asked("v=spf1 include:co.uk ~all"), ["co.uk TXT"]);
}

#[test]
fn a_server_that_fails_on_the_obsolete_type_is_no_finding() {
    let record = "v=spf1 ip4:192.0.2.1 ~all";
    let world = zone(&json!({
        "example.com": { "TXT": [record], "RCODE": { "SPF": "SERVFAIL" } }
    }));
    let report = run(&world, &Subject::domain(name("example.com")), &LintOptions::default());
    assert!(report.diagnostics.is_empty(), "{report:?}");
}

#[test]
fn mail_exchanges_are_asked_for_only_where_their_rule_is_wanted() {
    let record = "v=spf1 ip4:192.0.2.1 ~all";
    let asked = asked_for(record, &LintOptions::default());
    assert_eq!(asked, ["a.example.com SPF", "a.example.com TXT"]);
    let mut levels = Levels::default();
    levels.set(Selector::parse("SPF608").unwrap(), Level::Warn);
    let wanted = LintOptions { levels, ..LintOptions::default() };
    assert_eq!(
        asked_for(record, &wanted),
        ["a.example.com MX", "a.example.com SPF", "a.example.com TXT"]
    );
}

#[test]
fn subdomains_are_asked_for_what_they_hold() {
    let world = Noting::new(&[("example.com", "v=spf1 -all"), ("a.example.com", "v=spf1 -all")]);
    let subdomains = ["a.example.com", "b.example.com"].map(name);
    let subject = Subject { subdomains: subdomains.into(), ..Subject::domain(name("example.com")) };
    run(&world, &subject, &LintOptions::default());
    let b = ["b.example.com A", "b.example.com AAAA", "b.example.com MX", "b.example.com TXT"];
    let mut expected = vec!["a.example.com TXT", "example.com SPF", "example.com TXT"];
    expected.splice(1..1, b);
    assert_eq!(world.asked(), expected);
}

/// A recording of the policy alone: nothing else is known, and nobody can tell.
#[test]
fn what_a_recording_lacks_beside_the_policy_is_no_question() {
    let zone = zone(&json!({ "example.com": { "TXT": ["v=spf1 ip4:192.0.2.1 -all"] } }));
    let question = Question::new(name("example.com"), RecordType::Txt);
    let answer = zone.lookup(&question).unwrap();
    let recording = Recording::new("", [name("example.com")], [(question, answer)]);
    let subject = Subject::domain(name("example.com"));
    let recorded = LintOptions { recorded: true, ..LintOptions::default() };
    let report = lint(&recording, &subject, &recorded).unwrap();
    let severities: Vec<_> = report.diagnostics.iter().map(|found| found.severity).collect();
    assert_eq!(severities, [Severity::Note]);
    assert!(lint(&recording, &subject, &LintOptions::default()).is_err());
    let other = Subject::domain(name("other.example"));
    assert!(lint(&recording, &other, &recorded).is_err());
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
    let expected = [
        "_dmarc.example.com TXT",
        "example.com SPF",
        "x.example TXT",
        "y.example A",
        "y.example AAAA",
    ];
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
        terms(|number| format!("{}ip4:10.0.0.0/{}", ["", "-"][number % 2], 8 + number % 25)),
        terms(|number| format!("ip6:2001:db8:{number:x}::/{} a:h.example", 32 + number % 97)),
        terms(|number| format!("exists:%{{i}}.h{number}.example ip4:10.{}.0.0/12", number % 256)),
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

/// Work that grows with the square of the terms shows where many records are large.
#[test]
fn many_large_records_end() {
    let terms: [fn(usize, usize) -> String; 3] = [
        |place, record| format!("exists:%{{i}}.{place}.{record}.example"),
        |place, record| format!("{}exists:known.example", ["", "-"][(place + record) % 2]),
        |place, record| format!("ip4:{}.{}.{}.1", record + 1, place / 256, place % 256),
    ];
    for term in terms {
        let own: Vec<String> = (0..60).map(|record| format!("include:y{record}.example")).collect();
        let mut map = json!({ "x.example": { "TXT": [format!("v=spf1 {} ~all", own.join(" "))] } });
        for record in 0..60 {
            let terms: Vec<String> = (0..2_000).map(|place| term(place, record)).collect();
            let text = format!("v=spf1 {} ~all", terms.join(" "));
            map[format!("y{record}.example")] = json!({ "TXT": [text] });
        }
        let report = run(&zone(&map), &Subject::domain(name("x.example")), &LintOptions::default());
        assert!(report.lookups.is_some(), "{report:?}");
    }
}
