//! Random policies: a record, the records that it includes, and what it needs.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A policy as text: records by their names, the first being the policy's own.
#[derive(Clone, Debug)]
pub(crate) struct RandomPolicy {
    /// Names and records.
    pub(crate) records: Vec<(String, String)>,
    /// Targets that are left alone.
    pub(crate) keep: Vec<String>,
    /// The layout of a macro zone: reversed, with the family.
    pub(crate) layout: (bool, bool),
}

/// Names of policies that may be included, in the order in which they may.
const CHILDREN: usize = 5;

/// Small spaces, so that ranges overlap.
fn ip4() -> impl Strategy<Value = String> {
    let length = select(vec![0u8, 1, 8, 22, 24, 25, 27, 28, 29, 30, 31, 32, 32, 32]);
    (select(vec!["192.0.2", "192.0.3", "10.0.0", "255.255.255"]), 0u8..=255, length).prop_map(
        |(network, host, length)| {
            // Whole-internet prefixes are rare but there.
            let length = if length < 22 && host > 8 { 26 } else { length };
            match length {
                32 => format!("ip4:{network}.{host}"),
                _ => format!("ip4:{network}.{host}/{length}"),
            }
        },
    )
}

fn ip6() -> impl Strategy<Value = String> {
    let length = select(vec![0u8, 32, 47, 48, 64, 96, 120, 126, 127, 128, 128]);
    let network = select(vec![
        "2001:db8::",
        "2001:db8:1::",
        "::",
        "::fffe:0:0",
        "::ffff:192.0.2.",
        "ffff:ffff::",
    ]);
    (network, 0u16..=40, length).prop_map(|(network, host, length)| {
        let length = if length < 32 && host > 3 { 112 } else { length };
        let address = match network.ends_with('.') {
            true => format!("{network}{host}"),
            false if network == "::fffe:0:0" => format!("::fffe:0:{host:x}"),
            false => format!("{network}{host:x}"),
        };
        match length {
            128 => format!("ip6:{address}"),
            _ => format!("ip6:{address}/{length}"),
        }
    })
}

/// Terms that only the message decides. `d0.test` to `d2.test` have answers or
/// not, each as a whole.
fn dynamic() -> impl Strategy<Value = String> {
    let name = select(vec!["d0.test", "d1.test", "D0.test", "d2.test"]);
    let form = select(vec![
        "exists:%{i}.@",
        "exists:%{i}.@",
        "exists:%{ir}.%{v}.@",
        "exists:%{l1r-}.%{d2}.@",
        "exists:%{D}.%{i}.@",
        "include:%{i}.@",
        "a:%{i}.@/28//120",
        "mx:%{i}.@",
        "ptr",
        "ptr:p.test",
        "exists:%{p}.@",
    ]);
    (form, name).prop_map(|(form, name)| form.replace('@', name))
}

fn addressed() -> impl Strategy<Value = String> {
    let form = select(vec![
        "a:h0.test",
        "a:h1.test/28",
        "a:h2.test/31//64",
        "a:h3.test//127",
        "mx:m0.test",
        "mx:m1.test/30//126",
        "a",
        "mx",
        "exists:h0.test",
        "exists:nowhere.test",
        "a:%{d}",
        "a:x..test",
    ]);
    form.prop_map(str::to_owned)
}

/// A term of the record with this place; it includes only those behind it.
fn term(place: usize) -> impl Strategy<Value = String> {
    let include =
        (place..CHILDREN.max(place + 1)).prop_map(|child| format!("include:c{child}.test"));
    let qualifier = select(vec!["", "", "", "-", "~", "?", "+"]);
    let mechanism = prop_oneof![
        8 => ip4(),
        5 => ip6(),
        2 => dynamic(),
        2 => addressed(),
        4 => include,
    ];
    (qualifier, mechanism).prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"))
}

fn end(place: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::from(" -all")),
        4 => Just(String::from(" ~all")),
        1 => Just(String::from(" ?all")),
        1 => Just(String::from(" +all")),
        1 => Just(String::new()),
        2 => (place..CHILDREN.max(place + 1)).prop_map(|child| format!(" redirect=c{child}.test")),
        1 => Just(String::from(" redirect=%{i}.d1.test")),
        1 => Just(String::from(" exp=e.%{d} -all")),
    ]
}

fn record(place: usize, most: usize) -> impl Strategy<Value = String> {
    (vec(term(place), 0..most), end(place)).prop_map(|(terms, end)| {
        let terms: String = terms.iter().map(|term| format!(" {term}")).collect();
        format!("v=spf1{terms}{end}")
    })
}

/// A random policy at `p.test`.
pub(crate) fn policy() -> impl Strategy<Value = RandomPolicy> {
    let children: Vec<_> = (1..=CHILDREN).map(|place| record(place, 5)).collect();
    let keep = prop_oneof![6 => Just(None), 1 => select(vec!["c0.test", "c1.test", "h0.test"]).prop_map(Some)];
    let layout = prop_oneof![3 => Just((true, true)), 1 => Just((false, true)), 1 => any::<bool>().prop_map(|o| (o, false))];
    (record(0, 8), children, keep, layout).prop_map(|(own, children, keep, layout)| {
        let mut records = vec![(String::from("p.test"), own)];
        let names = (0..CHILDREN).map(|child| format!("c{child}.test"));
        records.extend(names.zip(children));
        // What is kept has to be there to be kept.
        let used = |name: &&str| records.iter().any(|(_, text)| text.contains(&format!(":{name}")));
        let keep = keep.filter(|name| used(name) && records[0].1.contains(&format!(":{name}")));
        RandomPolicy { keep: keep.map(str::to_owned).into_iter().collect(), records, layout }
    })
}
