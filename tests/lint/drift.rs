//! Drift by the rules: what holds for any two policies.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use spfc::lint::{Baseline, LintOptions, Report, Subject};
use spfc::policy::{Drift, Reading, Verdict, drift};

use super::case::{name, run, zone};

/// Small policies, with an include that may not be there.
fn world() -> impl Strategy<Value = Value> {
    let terms = [
        "ip4:192.0.2.0/28",
        "ip4:192.0.2.8/29",
        "-ip4:192.0.2.9",
        "ip6:2001:db8::/63",
        "ip6:2001:db8:0:1::/64",
        "include:other.example",
        "?include:other.example",
        "exists:%{i}.list.example",
        "a:host.example",
    ];
    let record = move |terms: Vec<&'static str>| {
        (proptest::collection::vec(select(terms), 0..4), select(&["-all", "~all", ""][..]))
            .prop_map(|(terms, all)| format!("v=spf1 {} {all}", terms.join(" ")))
    };
    let other = terms.iter().copied().filter(|term| !term.contains("include")).collect();
    (record(terms.to_vec()), record(other), 0u8..3, any::<bool>()).prop_map(
        |(own, other, host, there)| {
            let mut world = json!({ "example.com": { "TXT": [own, "verification=1"] } });
            if there {
                world["other.example"] = json!({ "TXT": [other] });
            }
            if host > 0 {
                world["host.example"] = json!({ "A": [format!("192.0.2.{host}")] });
            }
            world
        },
    )
}

fn reading(world: &Value) -> Reading {
    Reading::read(&zone(world), &name("example.com"), None).unwrap()
}

/// What the rules on drift find, and the drift itself.
fn linted(before: &Value, after: &Value, max_shrink: u32) -> (Report, Drift) {
    let found = drift(&reading(before), &reading(after));
    let baseline = Some(Arc::new(Baseline::new(reading(before))));
    let subject = Subject { baseline, ..Subject::domain(name("example.com")) };
    let options = LintOptions { max_shrink, ..LintOptions::default() };
    let mut report = run(&zone(after), &subject, &options);
    report.diagnostics.retain(|found| found.rule.judges_drift());
    (report, found)
}

fn has(report: &Report, code: &str) -> bool {
    report.diagnostics.iter().any(|found| found.rule.code == code)
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(9001),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_policy_does_not_drift_from_itself(world in world()) {
        let (report, found) = linted(&world, &world, 0);
        prop_assert!(report.diagnostics.is_empty());
        prop_assert_eq!(found.comparison.verdict, Verdict::Equal);
    }

    /// Addresses that changed are one of two findings, never both; answers are
    /// told only where nothing else changed.
    #[test]
    fn each_change_is_one_finding(before in world(), after in world(), max_shrink in 0u32..=100) {
        let (report, found) = linted(&before, &after, max_shrink);
        let changed = !found.comparison.ip4.is_empty() || !found.comparison.ip6.is_empty();
        let shrunken = [found.passing_ip4, found.passing_ip6]
            .iter()
            .any(|passing| passing.lost_more_than(max_shrink));
        prop_assert_eq!(has(&report, "SPF902"), shrunken);
        prop_assert_eq!(has(&report, "SPF901"), changed && !shrunken);
        let others = changed || has(&report, "SPF903");
        prop_assert_eq!(has(&report, "SPF904"), !others && !found.answers.is_empty());
        for diagnostic in &report.diagnostics {
            prop_assert!(diagnostic.message.bytes().all(|octet| matches!(octet, b' '..=b'~')));
            let place = &diagnostic.place;
            if let Some((record, span)) = place.record.as_deref().zip(place.span) {
                prop_assert!(span.of(record).len() > 2);
            }
        }
    }
}
