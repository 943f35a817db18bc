//! What is to stand at the names of a change, worked out from the change alone,
//! and texts in the presentation format read back.

use std::collections::{BTreeMap, BTreeSet};

use spfc::dns::Txt;
use spfc::name::DomainName;
use spfc::publish::{Action, NameChange, Plan};

/// The character-strings of a TXT record.
pub(crate) type Strings = Vec<Vec<u8>>;
/// The labels of a name, in lower case.
pub(crate) type Labels = Vec<Vec<u8>>;
/// The TXT records of names, with the TTL of each set.
pub(crate) type Zone = BTreeMap<Labels, (u32, BTreeSet<Strings>)>;

pub(crate) fn labels(name: &DomainName) -> Labels {
    name.labels().map(<[u8]>::to_ascii_lowercase).collect()
}

pub(crate) fn strings(record: &Txt) -> Strings {
    record.strings().map(<[u8]>::to_vec).collect()
}

fn set<'a>(records: impl IntoIterator<Item = &'a Txt>) -> BTreeSet<Strings> {
    records.into_iter().map(strings).collect()
}

/// What stands there before.
pub(crate) fn before(plan: &Plan) -> Zone {
    let standing = |change: &NameChange| {
        let ttl = change.before_ttl.unwrap_or(change.ttl);
        (labels(&change.name), (ttl, set(change.before.iter().chain(&change.others))))
    };
    let zone = plan.changes().map(|(_, change)| standing(change));
    zone.filter(|(_, (_, records))| !records.is_empty()).collect()
}

/// Whether what is old stays: until it is to be dropped, and caches may have
/// seen the new record.
pub(crate) fn stays(plan: &Plan, drop_old: bool) -> bool {
    let done = |change: &NameChange| match (&change.after, &change.before[..]) {
        (Some(after), [one]) => strings(one).concat() == after.concat().as_bytes(),
        _ => false,
    };
    !(drop_old && plan.chunks.iter().chain(&plan.own).all(done))
}

/// What is to stand there when all is done: `old` says whether what is old is
/// still there, `others` whether other records are counted.
pub(crate) fn after(plan: &Plan, old: bool, others: bool) -> Zone {
    let mut zone = Zone::new();
    for (_, change) in plan.changes() {
        let mut records = match &change.after {
            Some(after) => set([&Txt::new(after)]),
            None if old => set(&change.before),
            None => BTreeSet::new(),
        };
        if others {
            records.extend(set(&change.others));
        }
        let ttl = match change.after {
            Some(_) => change.ttl,
            None => change.before_ttl.unwrap_or(change.ttl),
        };
        if !records.is_empty() {
            zone.insert(labels(&change.name), (ttl, records));
        }
    }
    zone
}

/// The same with the strings of each record joined.
pub(crate) fn joined(zone: Zone) -> Zone {
    let join =
        |records: BTreeSet<Strings>| records.iter().map(|strings| vec![strings.concat()]).collect();
    zone.into_iter().map(|(name, (ttl, records))| (name, (ttl, join(records)))).collect()
}

/// What a server that is given changes alone holds in the end: names that stay
/// as they are keep their TTL.
pub(crate) fn updated(plan: &Plan, old: bool) -> Zone {
    let (standing, mut zone) = (before(plan), after(plan, old, true));
    for (_, change) in plan.changes() {
        if change.action() == Action::Keep || change.after.is_none() && old {
            let name = labels(&change.name);
            zone.insert(name.clone(), standing[&name].clone());
        }
    }
    zone
}

/// Whether a name can be written where there are no escapes.
pub(crate) fn plain(name: &DomainName) -> bool {
    let octet = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
    let label =
        |(index, label): (usize, &[u8])| index == 0 && label == b"*" || label.iter().all(octet);
    name.labels().enumerate().all(label)
}

/// Reads strings in quotation marks; escapes of three digits are of this radix.
pub(crate) fn read_strings(text: &str, radix: u32) -> Strings {
    let (mut strings, mut rest) = (Strings::new(), text.trim_start());
    while let Some(inside) = rest.strip_prefix('"') {
        let (string, behind) = read_octets(inside, radix, |octet| octet == b'"');
        strings.push(string);
        rest = behind[1..].trim_start();
    }
    assert!(rest.is_empty() && !strings.is_empty(), "{text:?} is not quoted strings");
    strings
}

/// Reads a name with its final dot.
pub(crate) fn read_labels(text: &str, radix: u32) -> Labels {
    let (mut labels, mut rest) = (Labels::new(), text);
    while !rest.is_empty() {
        let (label, behind) = read_octets(rest, radix, |octet| octet == b'.');
        labels.push(label.to_ascii_lowercase());
        rest = &behind[1..];
    }
    labels
}

/// Octets up to one that ends them, and the text from that one on.
fn read_octets(text: &str, radix: u32, ends: impl Fn(u8) -> bool) -> (Vec<u8>, &str) {
    let (mut octets, mut at) = (Vec::new(), 0);
    loop {
        let octet = text.as_bytes()[at];
        assert!((b' '..=b'~').contains(&octet), "{text:?} holds octets that are not printable");
        match octet {
            octet if ends(octet) => return (octets, &text[at..]),
            b'\\' if text.as_bytes()[at + 1].is_ascii_digit() => {
                octets.push(u8::from_str_radix(&text[at + 1..at + 4], radix).unwrap());
                at += 4;
            }
            b'\\' => {
                octets.push(text.as_bytes()[at + 1]);
                at += 2;
            }
            octet => {
                octets.push(octet);
                at += 1;
            }
        }
    }
}
