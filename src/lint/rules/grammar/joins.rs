//! SPF005: terms that follow each other without a blank between them.

use std::net::IpAddr;

use crate::lint::finding::FixKind;

use super::mistake::{Class, Repair};
use super::written::{one_meant, pieces, qualified, shown};

/// Terms that are tried as cuts of one: more are no slip of the hand.
const MOST_CUTS: usize = 32;

/// A term that is several when it is cut in the right places.
pub(super) fn glued(term: &str) -> Option<Repair> {
    listed(term).or_else(|| run_together(term))
}

/// Terms with commas or the like between them, some without their mechanism.
fn listed(term: &str) -> Option<Repair> {
    const BETWEEN: [char; 4] = [',', ';', '|', '&'];
    let at = term.find(BETWEEN)?;
    let written: Vec<&str> = term.split(BETWEEN).filter(|part| !part.is_empty()).collect();
    if written.len() < 2 {
        return None;
    }
    let qualifier = pieces(term).qualifier;
    let term_of = |part: &&str| {
        if one_meant(part) {
            return Some((*part).to_owned());
        }
        let address = part.split('/').next().unwrap_or_default();
        let name = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(_) => "ip4",
            IpAddr::V6(_) => "ip6",
        };
        Some(format!("{qualifier}{name}:{part}")).filter(|term| one_meant(term))
    };
    let terms: Option<Vec<String>> = written.iter().map(term_of).collect();
    let message = format!("{} where a blank has to be", shown(&term[at..at + 1]));
    let repair = Repair::new(Class::Glued, message).at(at, at + 1);
    Some(repair.text(FixKind::Declared, terms?.join(" ")))
}

/// Terms with nothing between them at all.
fn run_together(term: &str) -> Option<Repair> {
    let cuts: Vec<usize> = (1..term.len()).filter(|at| begins_term(&term[*at..])).collect();
    if cuts.is_empty() || cuts.len() > MOST_CUTS {
        return None;
    }
    // From the end: where the first term of what stands behind each cut ends.
    let mut ends: Vec<Option<usize>> = vec![None; cuts.len()];
    for index in (0..cuts.len()).rev() {
        let start = cuts[index];
        let later = (index + 1..cuts.len())
            .find(|later| ends[*later].is_some() && one_meant(&term[start..cuts[*later]]));
        ends[index] = match later {
            Some(later) => Some(cuts[later]),
            None => one_meant(&term[start..]).then_some(term.len()),
        };
    }
    let first = (0..cuts.len()).find(|at| ends[*at].is_some() && one_meant(&term[..cuts[*at]]))?;
    let mut terms = vec![&term[..cuts[first]]];
    let (mut start, mut end) = (cuts[first], ends[first]?);
    let second = (start, end);
    terms.push(&term[start..end]);
    while end < term.len() {
        let index = cuts.iter().position(|cut| *cut == end)?;
        (start, end) = (end, ends[index]?);
        terms.push(&term[start..end]);
    }
    let message = format!("no blank before {}", shown(&term[second.0..second.1]));
    let repair = Repair::new(Class::Glued, message).at(second.0, second.1);
    Some(repair.text(FixKind::Declared, terms.join(" ")))
}

/// Whether a term may begin here.
fn begins_term(rest: &str) -> bool {
    const BEGINNINGS: [&str; 9] =
        ["ip4:", "ip6:", "include:", "exists:", "redirect=", "exp=", "a:", "mx:", "ptr:"];
    const WITH_QUALIFIER: [&str; 3] = ["a", "mx", "ptr"];
    let (qualifier, body) = qualified(rest);
    let begins = |name: &str| {
        let begin = body.get(..name.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(name))
    };
    BEGINNINGS.iter().any(|name| begins(name))
        || body.eq_ignore_ascii_case("all")
        || begins("all") && !qualified(&body[3..]).0.is_empty()
        || !qualifier.is_empty()
            && WITH_QUALIFIER.iter().any(|name| {
                begins(name) && !body[name.len()..].starts_with(|next: char| next.is_alphanumeric())
            })
}
