//! Changes to write: one by hand that has everything, and random hostile ones.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use spfc::dns::Txt;
use spfc::name::DomainName;
use spfc::publish::{Action, NameChange, Plan, RenderOptions};

pub(crate) fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

pub(crate) fn options(zone: &str, drop_old: bool) -> RenderOptions {
    RenderOptions { dns_zone: name(zone), drop_old }
}

fn change(at: &str, before: &[&str], after: Option<&[&str]>, others: &[&str]) -> NameChange {
    let records = |texts: &[&str]| texts.iter().map(|text| Txt::new([text])).collect();
    NameChange {
        name: name(at),
        ttl: 3600,
        before: records(before),
        before_ttl: Some(1800),
        after: after.map(|strings| strings.iter().map(|text| (*text).to_owned()).collect()),
        others: records(others),
    }
}

/// Terms of more octets than one string holds, as two strings.
fn long() -> (String, String) {
    let terms: Vec<String> = (0..20).map(|number| format!(" ip4:192.0.2.{number}")).collect();
    (format!("v=spf1{}", terms[..14].concat()), format!("{} -all", terms[14..].concat()))
}

/// A change that adds, keeps, changes and deletes, beside other records.
pub(crate) fn sample() -> Plan {
    let (first, second) = long();
    let kept = "v=spf1 ip4:198.51.100.0/24 -all";
    let macros = "v=spf1 exists:%{ir}.%{v}._spf.example.com -all";
    Plan {
        domain: name("example.com"),
        looked_at: true,
        chunks: vec![
            change("_spf1b.example.com", &[], Some(&[&first, &second]), &[]),
            change("_spf2b.example.com", &[kept], Some(&[kept]), &[]),
            change("_spf3b.example.com", &["v=spf1 -all"], Some(&[macros]), &["unrelated"]),
        ],
        own: vec![
            change(
                "_spf.example.com",
                &[],
                Some(&[
                    "v=spf1 include:_spf1b.example.com include:_spf2b.example.com include:_spf3b.example.com ~all",
                ]),
                &[],
            ),
            change(
                "example.com",
                &["v=spf1 include:_spf1a.example.com include:_spf2a.example.com ~all"],
                Some(&["v=spf1 redirect=_spf.example.com"]),
                &["token=\"a;b\" %{c} ${d} e\\f", "google-site-verification=0123456789"],
            ),
        ],
        old: vec![
            change("_spf1a.example.com", &["v=spf1 ip4:203.0.113.0/24 -all"], None, &[]),
            change("_spf2a.example.com", &["v=spf1 ip6:2001:db8::/32 -all"], None, &["stays here"]),
        ],
        wait: 3600,
    }
}

/// The same when the policy's own record has been changed.
pub(crate) fn switched() -> Plan {
    let mut plan = sample();
    switch(&mut plan);
    plan
}

fn switch(plan: &mut Plan) {
    let changes = plan.chunks.iter_mut().chain(&mut plan.own);
    for change in changes.filter(|change| change.action() != Action::Keep) {
        change.before = vec![Txt::new(change.after.as_ref().unwrap())];
        change.before_ttl = Some(change.ttl);
    }
}

/// The same before anybody looked at what is published.
pub(crate) fn unseen() -> Plan {
    let mut plan = sample();
    plan.looked_at = false;
    plan.old.clear();
    for change in plan.chunks.iter_mut().chain(&mut plan.own) {
        change.before.clear();
        change.before_ttl = None;
        change.others.clear();
    }
    plan
}

/// Labels that some reader gives a meaning to.
const LABELS: [&[u8]; 12] =
    [b"*", b"a.b", b"a\"b", b"a\\b", b";", b"a b", b"$x", b"@", b"%{i}", b"\xff", b"\n", b"a*"];

fn label() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        12 => "_?[a-z0-9]([a-z0-9_-]{0,8}[a-z0-9])?".prop_map(String::into_bytes),
        1 => prop::sample::select(LABELS.as_slice()).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..6),
    ]
}

/// Octets that some reader gives a meaning to, and any.
fn string() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => "[ -~]{0,30}".prop_map(String::into_bytes),
        6 => r#"(["\\;$%{} ]|%\{|\$\{|" "|[a-z]){0,20}"#.prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..30),
        1 => "[ -~]{250,255}".prop_map(String::into_bytes),
    ]
}

fn record() -> impl Strategy<Value = Txt> {
    vec(string(), 1..3).prop_map(Txt::new)
}

/// Terms as compiled records have them, macros included.
fn compiled() -> impl Strategy<Value = Vec<String>> {
    let term = prop_oneof![
        "( ip4:[0-9.]{7,15}){1,20}",
        r#" exists:(%\{ir\}|%%|\$\{x\}|[!-~]){1,12}"#.prop_map(String::from),
    ];
    vec(term, 0..3).prop_map(|terms| {
        let text = format!("v=spf1{} -all", terms.concat());
        let pieces = text.as_bytes().chunks(255);
        pieces.map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect()
    })
}

/// The labels in front of the zone, and what stands at the name.
type Drawn = (Vec<Vec<u8>>, Vec<Txt>, Vec<Txt>, Vec<String>, u32);

fn drawn() -> impl Strategy<Value = Drawn> {
    let spf = string().prop_map(|text| Txt::new([[b"v=spf1 ", text.as_slice()].concat()]));
    let before = prop_oneof![3 => vec(spf, 0..2), 1 => vec(record(), 0..3)];
    (vec(label(), 1..3), before, vec(record(), 0..2), compiled(), 60..86_400u32)
}

/// A change in this zone.
pub(crate) fn plan(zone: DomainName) -> impl Strategy<Value = Plan> {
    let part = || vec(drawn(), 0..3);
    (part(), part(), part(), drawn(), any::<bool>(), any::<bool>()).prop_map(
        move |(chunks, own, old, apex, keep, done)| {
            let mut names = HashSet::from([zone.clone()]);
            let mut changes = |drawn: Vec<Drawn>, delete: bool| -> Vec<NameChange> {
                let changes = drawn.into_iter().map(|drawn| change_of(&zone, drawn, delete));
                changes.filter(|change| names.insert(change.name.clone())).collect()
            };
            let chunks = changes(chunks, false);
            let mut own = changes(own, false);
            let mut old = changes(old, true);
            old.retain(|change| !change.before.is_empty());
            own.push(change_of(&zone, (Vec::new(), apex.1, apex.2, apex.3, apex.4), false));
            let mut plan =
                Plan { domain: zone.clone(), looked_at: true, chunks, own, old, wait: 3600 };
            if let (true, Some(first)) = (keep, plan.chunks.first_mut()) {
                first.before = vec![Txt::new(first.after.as_ref().unwrap())];
            }
            if done {
                switch(&mut plan);
            }
            plan
        },
    )
}

fn change_of(zone: &DomainName, drawn: Drawn, delete: bool) -> NameChange {
    let (labels, mut before, mut others, after, ttl) = drawn;
    // An RRset holds each record once.
    let mut seen = HashSet::from([Txt::new(&after)]);
    before.retain(|record| seen.insert(record.clone()));
    others.retain(|record| seen.insert(record.clone()));
    let labels = labels.iter().map(Vec::as_slice).chain(zone.labels());
    NameChange {
        name: DomainName::from_labels(labels).unwrap(),
        ttl,
        before,
        before_ttl: Some(300),
        after: (!delete).then_some(after),
        others,
    }
}

/// As many changes, always the same under one seed, each in a zone of its own.
pub(crate) fn plans(count: usize) -> Vec<Plan> {
    let mut runner = TestRunner::new(Config::default());
    let drawn = |number| plan(name(&format!("zone{number}.example"))).new_tree(&mut runner);
    (0..count).map(drawn).map(|tree| tree.unwrap().current()).collect()
}
