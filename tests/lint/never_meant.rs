//! Names that the grammar allows: those that nobody means, with the edit that is
//! offered, and those that somebody does.

use proptest::prelude::*;
use spfc::lint::{FixKind, LintOptions, Report, Subject};

use super::case::{run, zone};

fn lint(record: &str) -> Report {
    let options = LintOptions { offline: true, ..LintOptions::default() };
    run(&zone(&serde_json::json!({})), &Subject::record(record.as_bytes(), None), &options)
}

/// The octets that are called odd, with the record after the edit.
fn odd(record: &str) -> Vec<(String, Option<String>)> {
    let report = lint(record);
    let found = report.diagnostics.iter().filter(|found| found.rule.code == "SPF410");
    found
        .map(|found| {
            let span = found.place.span.unwrap();
            let term = String::from_utf8(span.of(record.as_bytes()).to_vec()).unwrap();
            let mended = found.fix.as_ref().map(|fix| {
                assert_eq!(fix.kind, FixKind::Offered);
                let (start, end) = (fix.span.start as usize, fix.span.end as usize);
                format!("{}{}{}", &record[..start], fix.text, &record[end..])
            });
            (term, mended)
        })
        .collect()
}

#[test]
fn odd_names_are_told() {
    for (term, mended) in [
        ("include:include:x.example", Some("include:x.example")),
        ("a:A:x.example", Some("a:x.example")),
        ("redirect=redirect=x.example", Some("redirect=x.example")),
        ("include:a:x.example", None),
        ("redirect=include:x.example", None),
        ("include:v=spf1.example", None),
        ("include:://x.example", Some("include:x.example")),
        ("include:https://x.example", Some("include:x.example")),
        ("include:https://x.example/y.example", None),
        ("include:x.com-all", Some("include:x.com -all")),
        ("include:x.com-all.", Some("include:x.com -all.")),
        ("include:x.comall", Some("include:x.com all")),
        ("include:x.com.ip4", None),
        ("include:x.cominclude", None),
        ("include:x.my-host", None),
        ("a:mail.x.example?all.example", None),
        ("include:*.x.example", None),
        ("include:@x.example", None),
        ("include:user@x.example", None),
        ("a:x.example,y.example", None),
        ("mx:x.example;y.example", None),
        ("include:\"x.example", None),
        ("include:<x>.example", None),
        ("include:${domain}.example", None),
        ("a:x.example:25.example", None),
        ("exists:%{i}", None),
        ("exists:%{ir}.%{v}", None),
        ("include:%{i}", None),
        ("include:x%_y.example", None),
        ("a:_spf.x.example.x.example", None),
        ("exp=http://x.example", Some("exp=x.example")),
    ] {
        let record = format!("v=spf1 {term} ip4:192.0.2.0/24");
        let mended = mended.map(|mended| format!("v=spf1 {mended} ip4:192.0.2.0/24"));
        assert_eq!(odd(&record), [(term.to_owned(), mended)]);
    }
}

#[test]
fn fine_names_are_not() {
    for term in [
        "include:_spf.x.example",
        "include:__spf-1_x.x.example.",
        "include:1and1.example",
        "include:10.x.example",
        "include:spf.xn--p1ai",
        "include:x.xn--vermgensberatung-pwb",
        "include:x.mx",
        // A macro without its percent sign is told by the rules on macros.
        "exists:${ir}.x.example",
        "include:{d}.example",
        "include:x.firewall",
        "include:a.install",
        "include:x.call",
        "a:all.include.mx.ip4.example",
        "mx:ALL.EXAMPLE.COM",
        "exists:%{i}._spf.%{d2}",
        "exists:%{i}.%{d}",
        "exists:%{h}",
        "exists:%{ir}.%{v}.arpa",
        "exists:%{l}=%{o}.%{i}.x.example",
        "exists:CL.%{i}.FR.%{s}.HE.%{h}.null.x.example",
        "include:%{ir}.%{v}.%{d}.spf.has.x.example",
        "include:%{d2}.x.example",
        "ptr:x.example",
        "exp=explain.%{d}",
        "a/24//64",
        "a:x.example/24//64",
        "redirect=%{o}",
    ] {
        let record = format!("v=spf1 ip4:192.0.2.0/24 {term}");
        assert_eq!(odd(&record), [], "{term}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_leave_a_record(
        term in "(include|a|mx|exists|redirect|exp)",
        spec in "(include:|://|%\\{i\\}|[a-z*@,.-]{1,6}){1,4}(\\.com|\\.com-all|\\.comall|%\\{d\\})\\.?",
    ) {
        let sign = if matches!(&*term, "redirect" | "exp") { '=' } else { ':' };
        let record = format!("v=spf1 {term}{sign}{spec}");
        for (_, mended) in odd(&record) {
            let Some(mended) = mended else { continue };
            prop_assert!(mended.starts_with("v=spf1 "), "{}", mended);
            prop_assert!(mended.len() <= record.len() + 1, "{} -> {}", record, mended);
            prop_assert!(mended != record && !mended.ends_with([':', '=', ' ']), "{}", mended);
        }
    }
}
