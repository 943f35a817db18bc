//! Fixes that keep the meaning do so, alone, together and in any choice; and
//! where they are all made, no term is left that changes nothing. The oracle
//! decides both.

use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::json;
use spfc::addr::split_by_family;
use spfc::dns::{Published, Step, ZoneMap};
use spfc::eval::{Message, Options, Problem, RecordStore, check_host};
use spfc::limits::Limits;
use spfc::lint::{Fix, FixKind, LintOptions, Report, Severity, Subject};
use spfc::outcome::SpfResult;

use super::case::{name, run, zone};

const TERMS: &[&str] = &[
    "ip4:0.0.0.0/0",
    "ip4:192.0.0.0/8",
    "ip4:192.0.2.0/24",
    "ip4:192.0.2.0/25",
    "ip4:192.0.2.128/25",
    "ip4:192.0.2.4/30",
    "ip4:192.0.2.7/30",
    "ip4:192.0.2.7",
    "ip4:192.0.2.200",
    "ip6:::/0",
    "ip6:2001:db8::/32",
    "ip6:2001:db8::/48",
    "ip6:2001:db8::7",
    "ip6:::ffff:192.0.2.7",
    "a:h.example",
    "a:h.example/28//64",
    "mx:h.example",
    "A:H.example",
    "include:r1.example",
    "include:r2.example",
    "include:r3.example",
    "exists:h.example",
    "exists:gone.example",
];
const UNKNOWN: &[&str] =
    &["exists:%{i}.x.example", "include:%{l}.example", "ptr", "include:gone.example"];
const LAST: &[&str] = &["-all", "~all", "?all", "all", "", "redirect=r3.example", "-all ~all"];
const QUALIFIERS: &[&str] = &["", "", "", "-", "~", "?", "+"];

/// A record of these terms, of which those that include lead further down.
#[derive(Clone, Debug)]
struct Terms {
    terms: Vec<(usize, usize)>,
    last: usize,
    explains: bool,
}

impl Terms {
    fn text(&self, number: usize, pool: &[&str]) -> String {
        let leads_on = |term: &str| {
            let target =
                term.split_once("r").filter(|_| term.contains(".example")).and_then(|_| {
                    let at = term.find(".example")?;
                    term[..at]
                        .ends_with(|digit: char| digit.is_ascii_digit())
                        .then(|| &term[at - 1..at])
                });
            target.is_none_or(|digit| digit.parse::<usize>().unwrap() > number)
        };
        let terms = self.terms.iter().map(|(term, qualifier)| {
            let term = pool[term % pool.len()];
            (term, format!("{}{term}", QUALIFIERS[*qualifier]))
        });
        let terms = terms.filter(|(term, _)| leads_on(term)).map(|(_, text)| text);
        let last = Some(LAST[self.last]).filter(|last| leads_on(last)).unwrap_or_default();
        let explanation = format!("exp=why{number}.example");
        // Who redirects on explains nothing.
        let explains = self.explains && (number == 0 || !last.starts_with("redirect"));
        let end = [last.to_owned(), if explains { explanation } else { String::new() }];
        let texts = std::iter::once("v=spf1".to_owned()).chain(terms).chain(end);
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

prop_compose! {
    fn terms(most: usize)(
        terms in proptest::collection::vec((0usize..1000, 0..QUALIFIERS.len()), 0..most),
        last in 0..LAST.len(), explains in proptest::bool::weighted(0.2),
    ) -> Terms {
        Terms { terms, last, explains }
    }
}

fn world(records: &[String]) -> ZoneMap {
    let mut map = json!({
        "h.example": {
            "A": ["192.0.2.7"], "AAAA": ["2001:db8::7"], "MX": ["10 h.example"],
        },
        // What dynamic terms find: for some clients, and for this sender.
        "192.0.2.7.x.example": { "A": ["127.0.0.2"] },
        "192.0.2.4.x.example": { "A": ["127.0.0.2"] },
        "someone.example": { "TXT": ["v=spf1 ip4:192.0.2.0/25 ip6:2001:db8::/48 -all"] },
    });
    for (number, text) in records.iter().enumerate() {
        map[format!("r{number}.example")] = json!({ "TXT": [text] });
        map[format!("why{number}.example")] = json!({ "TXT": [format!("explained by {number}")] });
    }
    zone(&map)
}

/// All addresses around the edges of the terms' ranges.
fn clients() -> Vec<IpAddr> {
    let mut clients: Vec<IpAddr> = Vec::new();
    let networks =
        TERMS.iter().filter_map(|term| term.split_once(":")).filter_map(|(kind, text)| {
            let length = if kind == "ip4" { 32 } else { 128 };
            let text =
                if text.contains('/') { text.to_owned() } else { format!("{text}/{length}") };
            kind.starts_with("ip").then(|| text.parse().unwrap())
        });
    let hosts = ["192.0.2.0/28", "2001:db8::/64"].map(|text| text.parse().unwrap());
    for network in networks.chain(hosts) {
        let (ip4, ip6) = split_by_family(network);
        clients.extend(ip4.into_iter().flat_map(|prefix| {
            let (first, last) = (prefix.first(), prefix.last());
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)]
                .map(|ip| IpAddr::from(ip.to_be_bytes()))
        }));
        clients.extend(ip6.into_iter().flat_map(|prefix| {
            let (first, last) = (prefix.first(), prefix.last());
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)]
                .map(|ip| IpAddr::from(ip.to_be_bytes()))
        }));
    }
    clients.sort_unstable();
    clients.dedup();
    clients
}

type Results = Vec<(SpfResult, Option<String>, Option<Problem>)>;

/// What each client gets from a record at r0.example.
fn results(zones: &ZoneMap, record: &[u8], limits: Limits) -> Results {
    let world = Published::new(zones, [(name("r0.example"), record.to_vec())]);
    let mut records = RecordStore::new();
    let evaluate = |client: IpAddr| {
        let message = Message::mail_from(client, "helo.example", "someone@r0.example");
        let options = Options { limits, ..Options::default() };
        let Step::Done(evaluation) = check_host(&world, &mut records, &message, &options) else {
            panic!("a closed world has all answers");
        };
        let failed = matches!(evaluation.result, SpfResult::Permerror | SpfResult::Temperror);
        (evaluation.result, evaluation.explanation, evaluation.problem.filter(|_| failed))
    };
    clients().into_iter().map(evaluate).collect()
}

fn lint(zones: &ZoneMap, record: &[u8]) -> Report {
    let options = LintOptions { beyond_policy: false, ..LintOptions::default() };
    run(zones, &Subject::record(record, Some(name("r0.example"))), &options)
}

/// The edits that change nothing: for good, or, where they are only proposed, as
/// DNS is today.
fn equivalent(report: &Report) -> Vec<Fix> {
    let today = ["SPF203", "SPF204", "SPF205", "SPF305"];
    let fixes = report.diagnostics.iter().filter_map(|found| Some((found, found.fix.clone()?)));
    let same = fixes
        .filter(|(found, fix)| fix.kind == FixKind::Equivalent || today.contains(&found.rule.code));
    same.map(|(_, fix)| fix).collect()
}

fn apply(record: &[u8], mut fixes: Vec<Fix>) -> Vec<u8> {
    fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span.start));
    let mut text = record.to_vec();
    for fix in fixes {
        text.splice(fix.span.start as usize..fix.span.end as usize, fix.text.into_bytes());
    }
    text
}

fn within_limits(report: &Report) -> bool {
    report.lookups.is_some_and(|lookups| lookups.terms <= 10 && lookups.void() <= 2)
}

/// The two results differ, a permerror's reason aside.
fn differ(one: &Results, other: &Results) -> bool {
    one.iter().zip(other).any(|(one, other)| (one.0, &one.1) != (other.0, &other.1))
}

/// Every static term of the record but `all`, redirects, and what matches
/// nobody at all.
fn left_over<'a>(zones: &'a ZoneMap, record: &'a str) -> impl Iterator<Item = &'a str> {
    let kept = |term: &str| {
        let bare = term.trim_start_matches(['-', '~', '?', '+']);
        let alone = format!("v=spf1 +{bare} -all");
        !bare.ends_with("all")
            && !bare.contains('=')
            && results(zones, alone.as_bytes(), Limits::UNLIMITED)
                .iter()
                .any(|(result, ..)| *result == SpfResult::Pass)
    };
    record.split(' ').skip(1).filter(move |term| kept(term))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7208),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn fixes_keep_the_meaning_in_any_choice(
        own in terms(9), others in proptest::collection::vec(terms(4), 3),
        unknown: bool, choice: u64,
    ) {
        let pool = [TERMS, if unknown { UNKNOWN } else { &[] }].concat();
        let records: Vec<String> = std::iter::once(&own).chain(&others).enumerate()
            .map(|(number, terms)| terms.text(number, &pool)).collect();
        let zones = world(&records);
        let record = records[0].as_bytes();
        let report = lint(&zones, record);
        let fixes = equivalent(&report);
        let chosen = |bits: u64| fixes.iter().enumerate()
            .filter(|(index, _)| bits >> (index % 64) & 1 == 1).map(|(_, fix)| fix.clone()).collect();
        let mut choices: Vec<Vec<Fix>> = fixes.iter().map(|fix| vec![fix.clone()]).collect();
        choices.extend([fixes.clone(), chosen(choice), chosen(!choice)]);
        let limits = [Limits::UNLIMITED, Limits::RFC7208];
        for limits in limits.into_iter().take(1 + usize::from(within_limits(&report))) {
            let before = results(&zones, record, limits);
            for choice in &choices {
                let fixed = apply(record, choice.clone());
                let after = results(&zones, &fixed, limits);
                prop_assert!(!differ(&before, &after), "{records:?} {}", String::from_utf8_lossy(&fixed));
            }
        }
    }

    #[test]
    fn what_is_left_after_all_fixes_counts(
        own in terms(9), others in proptest::collection::vec(terms(4), 3),
    ) {
        let records: Vec<String> = std::iter::once(&own).chain(&others).enumerate()
            .map(|(number, terms)| terms.text(number, TERMS)).collect();
        let zones = world(&records);
        let mut record = records[0].clone().into_bytes();
        let mut report = lint(&zones, &record);
        let broken = report.diagnostics.iter()
            .any(|found| found.severity == Severity::Error);
        prop_assume!(!broken && within_limits(&report));
        for _ in 0..20 {
            let fixes = equivalent(&report);
            if fixes.is_empty() {
                break;
            }
            record = apply(&record, fixes);
            report = lint(&zones, &record);
        }
        prop_assert!(equivalent(&report).is_empty());
        let text = String::from_utf8(record).unwrap();
        let before = results(&zones, text.as_bytes(), Limits::UNLIMITED);
        for term in left_over(&zones, &text) {
            let without = text.replacen(&format!(" {term}"), "", 1);
            let after = results(&zones, without.as_bytes(), Limits::UNLIMITED);
            prop_assert!(differ(&before, &after), "{records:?}: '{term}' of '{text}' changes nothing");
        }
    }
}
