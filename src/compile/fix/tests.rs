//! Fixes that must be made, and fixes that must not.

use proptest::prelude::*;

use super::*;
use crate::dns::{RecordType, Recording, Step, ZoneMap};
use crate::eval::{Message, Options, RecordStore, check_host};
use crate::limits::Limits;
use crate::lint::{Level, Place, Selector, Severity, find};
use crate::outcome::SpfResult;
use crate::syntax::Span;

const ZONES: &str = r#"{
    "a.test": {"TXT": ["other", "v=spf1 a a mx ip4:192.0.2.1 include:b.test include:b.test ip4:192.0.2.1 -all mx exp=why.test"],
        "A": ["192.0.2.1"], "MX": ["10 a.test"]},
    "b.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 ?all"]},
    "host.test": {"A": ["198.51.100.7"]},
    "all.test": {"TXT": ["v=spf1 +all"]},
    "broken.test": {"TXT": ["v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 include:none.test -all"]},
    "glued.test": {"TXT": ["v=spf1?all"]},
    "two.test": {"TXT": ["v=spf1?all", "v=spf1 -all"]},
    "down.test": {"RCODE": "SERVFAIL"}
}"#;

fn zones() -> ZoneMap {
    ZoneMap::read(ZONES.as_bytes()).unwrap()
}

fn domain(name: &str) -> Subject {
    Subject::domain(DomainName::parse(name).unwrap())
}

fn record(text: &str) -> Subject {
    Subject::record(text.as_bytes(), Some(DomainName::parse("own.test").unwrap()))
}

/// A fix that replaces the last of some octets of a record.
type Wish = (&'static str, FixKind, &'static str, &'static str);

/// Fixes that stand in for those of rules, beside what rules find: one round of
/// each that still has something to replace.
fn wishing(
    wishes: &[Wish],
) -> impl Fn(&dyn Lookup, &Subject, &LintOptions) -> Result<Report, Vec<Question>> {
    move |lookup, subject, options| {
        let mut report = lint(lookup, subject, options)?;
        report.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.fix = None);
        let text = report.record.clone().or_else(|| {
            let record = |diagnostic: &Diagnostic| diagnostic.place.record.clone();
            report.diagnostics.iter().find_map(record)
        });
        // Selection rules need not say which text they mean.
        let name = |domain: &DomainName| Question::new(domain.clone(), RecordType::Txt);
        let published =
            subject.domain.as_ref().and_then(|domain| lookup.lookup(&name(domain)).ok());
        let published = published.and_then(|answer| Some(answer.texts().first()?.joined().into()));
        let Some(record) = text.or(published) else { return Ok(report) };
        let shown = String::from_utf8_lossy(&record).into_owned();
        for (code, kind, old, new) in wishes {
            let Some(at) = shown.rfind(old).filter(|_| !new.contains(old) || !shown.contains(new))
            else {
                continue;
            };
            let span = Span::new(at, at + old.len());
            report.diagnostics.push(proposal(code, *kind, subject, record.clone(), span, new));
        }
        Ok(report)
    }
}

fn proposal(
    code: &str,
    kind: FixKind,
    subject: &Subject,
    record: Arc<[u8]>,
    span: Span,
    text: &str,
) -> Diagnostic {
    let domain = subject.domain.clone();
    Diagnostic {
        rule: find(code).unwrap(),
        severity: Severity::Note,
        message: String::new(),
        place: Place { domain, record: Some(record), span: Some(span), file: None },
        help: None,
        fix: Some(Fix { span, text: text.to_owned(), kind }),
        blames: None,
    }
}

fn fixed(subject: &Subject, wishes: &[Wish], options: &LintOptions) -> Fixed {
    fix_with(&zones(), subject, options, &wishing(wishes)).unwrap()
}

fn text(fixed: &Fixed) -> String {
    String::from_utf8(fixed.mended.record.as_deref().unwrap().to_vec()).unwrap()
}

fn reasons(fixed: &Fixed) -> Vec<&str> {
    fixed.mended.refused.iter().map(|(_, reason)| reason.as_str()).collect()
}

fn offline() -> LintOptions {
    LintOptions { offline: true, ..LintOptions::default() }
}

const EQUIVALENT: FixKind = FixKind::Equivalent;
const DECLARED: FixKind = FixKind::Declared;

#[test]
fn the_rules_own_fixes_are_made_to_the_end() {
    let fixed = fix(&zones(), &record("v=spf1 a -all mx redirect=b.test ptr"), &offline()).unwrap();
    assert_eq!(text(&fixed), "v=spf1 a -all");
    assert!(fixed.mended.applied.iter().any(|rule| rule.code == "SPF202"));
    assert!(fixed.found.diagnostics.iter().any(|found| found.rule.code == "SPF201"));
    assert!(!fixed.left.diagnostics.iter().any(|left| left.fix.is_some()));
    assert_eq!(reasons(&fixed), [""; 0]);
}

#[test]
fn equivalent_fixes_are_proven_whatever_dns_says() {
    let wishes = [
        ("SPF201", EQUIVALENT, " mx exp", " exp"),
        ("SPF202", EQUIVALENT, " include:b.test include:b.test", " include:b.test"),
        ("SPF602", EQUIVALENT, " ip4:192.0.2.1 -all", " -all"),
        ("SPF605", EQUIVALENT, " a a", " a"),
    ];
    let subject = domain("a.test");
    let fixed = fixed(&subject, &wishes, &LintOptions::default());
    assert_eq!(text(&fixed), "v=spf1 a mx ip4:192.0.2.1 include:b.test -all exp=why.test");
    assert_eq!(fixed.mended.applied.len(), 4);
    // The same by its text alone.
    let alone = Subject { record: fixed.original.as_deref().map(Box::from), ..subject };
    assert_eq!(text(&self::fixed(&alone, &wishes, &offline())), text(&fixed));
    assert_eq!(
        text(&self::fixed(&Subject { domain: None, ..alone }, &wishes, &offline())),
        text(&fixed)
    );
}

#[test]
fn what_dns_decides_takes_dns() {
    let covered = record("v=spf1 include:b.test a:host.test -all");
    let wishes = [("SPF201", EQUIVALENT, " a:host.test", "")];
    assert_eq!(
        text(&fixed(&covered, &wishes, &LintOptions::default())),
        "v=spf1 include:b.test -all"
    );
    let refused = fixed(&covered, &wishes, &offline());
    assert_eq!(refused.mended.record, refused.original);
    assert!(reasons(&refused)[0].ends_with("without DNS"));
    // A record without a domain can be proven too, but for what hangs on it.
    let anyone = Subject { domain: None, ..covered };
    assert_eq!(
        text(&fixed(&anyone, &wishes, &LintOptions::default())),
        "v=spf1 include:b.test -all"
    );
}

#[test]
fn a_wrong_fix_is_refused() {
    let subject = record("v=spf1 a ip4:192.0.2.0/24 include:b.test ~all exp=why.test");
    for (old, new, reason) in [
        (
            "192.0.2.0/24",
            "192.0.2.0/23",
            "it would change what the policy decides, first for 192.0.3.0",
        ),
        (" ip4:192.0.2.0/24", "", "it would change what the policy decides, first for 192.0.2.0"),
        ("~all", "-all", "it would change what the policy decides"),
        (" include:b.test", "", "it would change what the policy decides, first for 198.51.100.0"),
        (" exp=why.test", "", "it would change how a fail is explained"),
        ("why.test", "b.test", "it would change how a fail is explained"),
        ("b.test ", "none.test ", "that the policy stays the same could not be proven"),
        ("~all", "~al", ""),
    ] {
        let wishes = [("SPF201", EQUIVALENT, old, new)];
        for options in [LintOptions::default(), offline()] {
            let fixed = fixed(&subject, &wishes, &options);
            assert_eq!(fixed.mended.record, fixed.original, "{old} -> {new}");
            assert!(fixed.mended.applied.is_empty());
            if !options.offline && !reason.is_empty() && !reason.contains("could not") {
                assert!(reasons(&fixed)[0].starts_with(reason), "{:?}", reasons(&fixed));
            }
            assert_eq!(reasons(&fixed).len(), 1);
        }
    }
}

#[test]
fn a_wrong_fix_does_not_hold_up_right_ones() {
    // Either of two duplicates may go, and not both.
    let subject = record("v=spf1 ip4:192.0.2.1 mx ip4:192.0.2.1 ip4:192.0.2.2 ~all");
    let wishes = [
        ("SPF201", EQUIVALENT, " ip4:192.0.2.1 mx", " mx"),
        ("SPF202", EQUIVALENT, " ip4:192.0.2.1 ip4", " ip4"),
        ("SPF602", EQUIVALENT, " ip4:192.0.2.2", ""),
    ];
    let fixed = fixed(&subject, &wishes, &offline());
    let once = text(&fixed).matches("192.0.2.1").count();
    assert_eq!((once, text(&fixed).contains("192.0.2.2")), (1, true), "{}", text(&fixed));
}

#[test]
fn a_term_that_can_fail_keeps_its_place() {
    // Where DNS fails, the include in front of all decides, whatever it matches.
    let subject = record("v=spf1 include:down.test +all");
    let fixed = fixed(&subject, &[("SPF201", EQUIVALENT, " include:down.test", "")], &offline());
    assert_eq!(fixed.mended.record, fixed.original);
    let asked = self::fixed(
        &subject,
        &[("SPF201", EQUIVALENT, " include:down.test", "")],
        &LintOptions::default(),
    );
    assert!(reasons(&asked)[0].starts_with("the policy is in error"), "{:?}", reasons(&asked));
}

#[test]
fn a_policy_in_error_elsewhere_is_still_fixed_by_its_text() {
    let wishes = [("SPF201", EQUIVALENT, " ip4:192.0.2.1", "")];
    let fixed = fixed(&domain("broken.test"), &wishes, &LintOptions::default());
    assert_eq!(text(&fixed), "v=spf1 ip4:192.0.2.1 include:none.test -all");
    assert!(reasons(&fixed)[0].starts_with("the policy is in error"));
}

#[test]
fn declared_fixes_mend_what_is_in_error() {
    let subject = record("v=spf1 ipv4:192.0.2.1 ip4:192.0.2.1 nclude:b.test ~al");
    let wishes = [
        ("SPF001", DECLARED, "ipv4:", "ip4:"),
        ("SPF001", DECLARED, "nclude:b", "include:b"),
        ("SPF001", DECLARED, "~al", "~all"),
        ("SPF201", EQUIVALENT, " ip4:192.0.2.1 ip4:192.0.2.1", " ip4:192.0.2.1"),
    ];
    for options in [LintOptions::default(), offline()] {
        let fixed = fixed(&subject, &wishes, &options);
        assert_eq!(text(&fixed), "v=spf1 ip4:192.0.2.1 include:b.test ~all");
        assert_eq!(fixed.mended.applied.len(), 4);
        assert_eq!(reasons(&fixed), [""; 0]);
    }
    let glued = fixed(
        &domain("glued.test"),
        &[("SPF101", DECLARED, "v=spf1?", "v=spf1 ?")],
        &LintOptions::default(),
    );
    assert_eq!(text(&glued), "v=spf1 ?all");
}

#[test]
fn a_declared_fix_does_no_harm() {
    let refused = |subject: &Subject, wish: (&'static str, &'static str)| {
        let wishes = [("SPF001", DECLARED, wish.0, wish.1)];
        let fixed = fixed(subject, &wishes, &LintOptions::default());
        assert_eq!(fixed.mended.record, fixed.original, "{wish:?}");
        reasons(&fixed).join("; ")
    };
    let broken = record("v=spf1 ip4:192.0.2.1 al");
    assert!(refused(&broken, ("al", "+all")).contains("another error, SPF601"));
    assert!(refused(&broken, ("al", "include:none.test")).contains("another error, SPF4"));
    assert!(refused(&broken, ("al", "ipv4:192.0.2.1")).contains("mend nothing"));
    assert!(refused(&record("v=spf1 a ~all"), ("~", "-")).contains("no error as it stands"));
    // Beside a record, a text that is mended would be one too many.
    assert_eq!(refused(&domain("two.test"), ("v=spf1?", "v=spf1 ?")), "");
    // The user's word does not make it safe.
    let mut options = LintOptions::default();
    options.levels.set(Selector::parse("SPF601").unwrap(), Level::Allow);
    let fixed = fixed(&broken, &[("SPF001", DECLARED, "al", "+all")], &options);
    assert_eq!(fixed.mended.record, fixed.original);
    // What was in error before may stay so.
    let rest = self::fixed(
        &record("v=spf1 ip4:192.0.2 include:none.test ~al"),
        &[("SPF001", DECLARED, "~al", "~all")],
        &options,
    );
    assert_eq!(text(&rest), "v=spf1 ip4:192.0.2 include:none.test ~all");
}

#[test]
fn offered_fixes_are_never_made() {
    let wishes = [("SPF201", FixKind::Offered, " a", "")];
    let fixed = fixed(&record("v=spf1 a a -all"), &wishes, &offline());
    assert_eq!((fixed.mended.record, fixed.mended.refused.len()), (fixed.original, 0));
}

#[test]
fn fixes_that_undo_each_other_end() {
    let wishes = [("SPF201", EQUIVALENT, " +mx", " mx"), ("SPF202", EQUIVALENT, " mx", " +mx")];
    let fixed = fixed(&record("v=spf1 mx -all"), &wishes, &offline());
    assert_eq!(text(&fixed), "v=spf1 +mx -all");
}

#[test]
fn a_recording_without_the_answer_is_a_reason() {
    let lock =
        br#"{"spfc_lock":1,"answers":[{"name":"other.test","type":"TXT","status":"nodata"}]}"#;
    let recording = Recording::read(lock).unwrap();
    let options = LintOptions { beyond_policy: false, ..LintOptions::default() };
    let wishes = [("SPF001", DECLARED, " nclude", " include")];
    let fixed =
        fix_with(&recording, &record("v=spf1 nclude:b.test -all"), &options, &wishing(&wishes));
    let fixed = fixed.unwrap();
    assert_eq!(reasons(&fixed), ["the answer to b.test TXT is not recorded"]);
}

#[test]
fn nothing_is_fixed_where_there_is_nothing() {
    let fixed = fix(&zones(), &domain("none.test"), &LintOptions::default()).unwrap();
    assert_eq!((fixed.original, fixed.mended.record), (None, None));
}

/// A term of a record, often one that another one covers.
fn term() -> impl Strategy<Value = String> {
    let address =
        (0u8..3, 24u8..=32).prop_map(|(last, length)| format!("ip4:192.0.2.{last}/{length}"));
    let mechanism = prop_oneof![
        4 => address,
        1 => Just("ip6:2001:db8::/32".to_owned()),
        1 => Just("a".to_owned()),
        1 => Just("include:b.test".to_owned()),
        1 => Just("exists:%{i}.b.test".to_owned()),
        1 => Just("all".to_owned()),
    ];
    (prop_oneof![3 => Just(""), 1 => Just("-"), 1 => Just("?")], mechanism)
        .prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"))
}

/// Proposes to delete some of a record's terms.
fn deleting(
    deleted: &[bool],
) -> impl Fn(&dyn Lookup, &Subject, &LintOptions) -> Result<Report, Vec<Question>> {
    move |lookup, subject, options| {
        let mut report = lint(lookup, subject, options)?;
        report.diagnostics.clear();
        let own = report.record.clone().unwrap();
        let parsed = crate::syntax::parse_record(&own).record;
        let terms = parsed.terms().iter().zip(deleted).filter(|(_, deleted)| **deleted);
        let spans = terms.map(|(term, _)| Span { start: term.span.start - 1, end: term.span.end });
        report.diagnostics.extend(
            spans.map(|span| proposal("SPF201", EQUIVALENT, subject, own.clone(), span, "")),
        );
        Ok(report)
    }
}

/// What a client gets from a record of `own.test`.
fn result(text: &[u8], address: &str) -> SpfResult {
    let name = DomainName::parse("own.test").unwrap();
    let published = Published::new(zones(), [(name, text.to_vec())]);
    let message = Message::mail_from(address.parse().unwrap(), "helo.test", "x@own.test");
    let options = Options { limits: Limits::UNLIMITED, trace: false };
    match check_host(&published, &mut RecordStore::new(), &message, &options) {
        Step::Done(evaluation) => evaluation.result,
        Step::Need(questions) => panic!("{questions:?}"),
    }
}

const CLIENTS: [&str; 11] = [
    "192.0.1.255",
    "192.0.2.0",
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "192.0.2.128",
    "192.0.3.0",
    "198.51.100.7",
    "203.0.113.1",
    "2001:db8::1",
    "2001:db9::",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever terms a rule wants to delete, what is left of the record decides
    /// the same for every client.
    #[test]
    fn no_deletion_changes_what_a_policy_decides(
        terms in proptest::collection::vec(term(), 1..8),
        deleted in proptest::collection::vec(any::<bool>(), 8),
        asks in any::<bool>(),
    ) {
        let text = format!("v=spf1 {} ~all", terms.join(" "));
        let options = if asks { LintOptions::default() } else { offline() };
        let fixed = fix_with(&zones(), &record(&text), &options, &deleting(&deleted)).unwrap();
        let mended = self::text(&fixed);
        for client in CLIENTS {
            let (before, after) = (result(text.as_bytes(), client), result(mended.as_bytes(), client));
            prop_assert_eq!(before, after, "{} of {} and {}", client, text, mended);
        }
        prop_assert_eq!(mended.len() < text.len(), !fixed.mended.applied.is_empty());
    }
}
