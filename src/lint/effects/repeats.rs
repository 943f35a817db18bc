//! Terms that say what an earlier one of the same record says: the same prefix,
//! or the same text once case does not matter and domains are written out.

use std::collections::HashMap;

use crate::addr::Prefix;
use crate::name::DomainName;
use crate::policy::{FoundRecord, GraphTerm, Meaning};
use crate::syntax::{TermKind, absolute_term};

#[derive(PartialEq, Eq, Hash)]
enum Matched {
    Ip4(Prefix<u32>),
    Ip6(Prefix<u128>),
    Text(String),
}

/// The later ones, each with the first that says the same. Their qualifiers may
/// differ: only the first is ever used.
pub(super) fn find(domain: &DomainName, found: &FoundRecord) -> Vec<(usize, usize)> {
    let mut first: HashMap<Matched, usize> = HashMap::with_capacity(found.terms.len());
    let mut repeats = Vec::new();
    for (index, term) in found.terms.iter().enumerate() {
        let Some(matched) = matched(domain, found, term) else { continue };
        match first.get(&matched) {
            Some(earlier) => repeats.push((index, *earlier)),
            None => {
                first.insert(matched, index);
            }
        }
    }
    repeats
}

fn matched(domain: &DomainName, found: &FoundRecord, term: &GraphTerm) -> Option<Matched> {
    match (&term.meaning, &term.term.kind) {
        (Meaning::Unreached, _) | (_, TermKind::Modifier(_)) => None,
        (Meaning::Ip4(prefix), _) => Some(Matched::Ip4(*prefix)),
        (Meaning::Ip6(prefix), _) => Some(Matched::Ip6(*prefix)),
        _ => Some(Matched::Text(absolute_term(&found.record, &term.term, domain))),
    }
}
