//! What `too-many-lookups` proposes, and that it is enough.

use serde_json::{Value, json};
use spfc::lint::{LintOptions, Subject};

use super::case::{name, run, zone};

/// Names with an address, and includes that cost 1, 4 and 5 lookups.
fn world() -> Value {
    let mut map = json!({
        "mail.example": { "MX": ["10 h1.example"] },
        "one.example": { "TXT": ["v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.4 -all"] },
        "part.example": { "TXT": ["v=spf1 ip4:198.51.100.7 -all"] },
        "none.example": { "TXT": ["v=spf1 a:gone.example -all"] },
        "four.example": {
            "TXT": ["v=spf1 a:h31.example a:h32.example a:h33.example -all"],
        },
        "five.example": {
            "TXT": ["v=spf1 a:h41.example a:h42.example a:h43.example a:h44.example -all"],
        },
        "open.example": {
            "TXT": ["v=spf1 exists:%{i}.x.example a:h51.example a:h52.example a:h53.example -all"],
        },
    });
    for number in 0..60 {
        map[format!("h{number}.example")] = json!({
            "A": [format!("192.0.2.{number}")], "AAAA": [format!("2001:db8::{number}")],
        });
    }
    map
}

/// The cure of a record with so many dynamic terms, which no cure touches.
fn cure(dynamic: usize, terms: &str) -> String {
    let dynamic: String =
        (1..=dynamic).map(|number| format!(" exists:%{{i}}.{number}.x.example")).collect();
    let record = format!("v=spf1{dynamic} {terms} ~all");
    let subject = Subject::record(record.as_bytes(), Some(name("mail.example")));
    let options = LintOptions { beyond_policy: false, ..LintOptions::default() };
    let report = run(&zone(&world()), &subject, &options);
    let found = report.diagnostics.iter().find(|found| found.rule.code == "SPF301").unwrap();
    let help = found.help.clone().unwrap();
    let (_, cure) = help.split_once("get permerror; ").unwrap();
    cure.strip_suffix("; or compile the policy with 'spfc flatten'").unwrap_or(cure).to_owned()
}

#[test]
fn what_changes_nothing_goes_first() {
    assert_eq!(
        cure(9, "include:one.example include:part.example mx"),
        "drop 'include:part.example' (1 lookup, changes nothing), \
         write its addresses in place of 'mx' (1 lookup), which leaves 10"
    );
    assert_eq!(
        cure(9, "a:h1.example A:h1.example"),
        "drop 'A:h1.example' (1 lookup, changes nothing), which leaves 10"
    );
    assert_eq!(
        cure(9, "a:h1.example include:none.example"),
        "drop 'include:none.example' (2 lookups, matches nobody), which leaves 10"
    );
}

#[test]
fn one_include_is_flattened_rather_than_much_written_out() {
    assert_eq!(
        cure(1, "include:four.example include:five.example a:h1.example"),
        "write its addresses in place of 'a:h1.example' (1 lookup), which leaves 10"
    );
    assert_eq!(
        cure(3, "include:four.example include:five.example a:h1.example"),
        "flatten 'include:four.example' alone (4 lookups, 4 prefixes), which leaves 9"
    );
    assert_eq!(
        cure(4, "include:four.example include:five.example"),
        "flatten 'include:four.example' alone (4 lookups, 4 prefixes), which leaves 9"
    );
    assert_eq!(
        cure(8, "include:four.example include:five.example"),
        "flatten 'include:five.example' alone (5 lookups, 6 prefixes), \
         flatten 'include:four.example' alone (4 lookups, 4 prefixes), which leaves 8"
    );
}

#[test]
fn what_only_the_message_decides_is_not_proposed() {
    assert_eq!(cure(8, "include:open.example"), "compile the policy with 'spfc flatten'");
}
