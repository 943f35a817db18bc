//! How many addresses a policy lets send.
//!
//! Policies that pass everyone have a finding of their own, and so have
//! ranges of special use; both are left out here.

use std::collections::HashSet;

use super::compiled;
use crate::addr::Prefix;
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::terms::quoted;
use crate::outcome::Qualifier;
use crate::policy::{Graph, GraphTerm, Meaning, NodeId};

/// Prefixes shorter than this are wide.
const WIDE_IP4: u8 = 16;
/// Prefixes shorter than this are wide.
const WIDE_IP6: u8 = 32;
/// More IPv4 addresses than this are many.
const MANY: u128 = 100_000;
/// Terms that a message names.
const MOST_NAMED: usize = 3;

/// A prefix of either family.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Wide {
    Ip4(Prefix<u32>),
    Ip6(Prefix<u128>),
}

/// The wide prefixes that a term passes.
fn wide(term: &GraphTerm) -> Vec<Wide> {
    if term.qualifier != Qualifier::Pass {
        return Vec::new();
    }
    let ip4 = |prefix: &Prefix<u32>| {
        let wide = prefix.length() < WIDE_IP4;
        (wide && prefix.special_use().is_none()).then_some(Wide::Ip4(*prefix))
    };
    let ip6 = |prefix: &Prefix<u128>| {
        let wide = prefix.length() < WIDE_IP6;
        (wide && prefix.special_use().is_none()).then_some(Wide::Ip6(*prefix))
    };
    match &term.meaning {
        Meaning::Ip4(prefix) => ip4(prefix).into_iter().collect(),
        Meaning::Ip6(prefix) => ip6(prefix).into_iter().collect(),
        Meaning::Addresses(hosts) => {
            hosts.ip4.iter().filter_map(ip4).chain(hosts.ip6.iter().filter_map(ip6)).collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn wide_prefix(facts: &Facts) -> Vec<Finding> {
    if compiled::is_compiled(facts) || facts.passes_everyone() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let own = facts.own_records();
    for (node, found) in &own {
        for (index, term) in found.terms.iter().enumerate() {
            let Some(widest) = wide(term).into_iter().min_by_key(length) else { continue };
            let text = quoted(&found.record, &term.term);
            let message = format!("{text} lets {} send", addresses(widest));
            let help = "list the hosts or the smaller ranges that really send the domain's mail";
            findings.push(Finding::new(facts.term_place(*node, index), message).help(help));
        }
    }
    let own: Vec<NodeId> = own.iter().map(|(node, _)| *node).collect();
    findings.extend(included(facts, &own));
    findings
}

fn length(wide: &Wide) -> u8 {
    match wide {
        Wide::Ip4(prefix) => prefix.length(),
        Wide::Ip6(prefix) => prefix.length(),
    }
}

/// How many addresses a prefix has, in words.
fn addresses(wide: Wide) -> String {
    match wide {
        Wide::Ip4(prefix) => format!("{} addresses", prefix.range().addresses()),
        Wide::Ip6(prefix) => format!("all of a /{}", prefix.length()),
    }
}

/// One finding for all that includes bring.
fn included(facts: &Facts, own: &[NodeId]) -> Option<Finding> {
    let mut prefixes: HashSet<Wide> = HashSet::new();
    let mut seen: HashSet<NodeId> = HashSet::new();
    let mut vias: Vec<(usize, usize)> = Vec::new();
    for visit in facts.course.visits.iter().filter(|visit| visit.decides == Some(Qualifier::Pass)) {
        let (_, term) = facts.term(visit.node, visit.term)?;
        let (Meaning::Include(target) | Meaning::Redirect(target)) = term.meaning else { continue };
        let Some(found) = facts.graph.node(target).record() else { continue };
        if own.contains(&target) || !seen.insert(target) {
            continue;
        }
        let wide: Vec<Wide> = found.terms.iter().flat_map(wide).collect();
        let before = prefixes.len();
        prefixes.extend(wide);
        let added = prefixes.len() - before;
        match vias.iter_mut().find(|(via, _)| *via == visit.via) {
            Some((_, sum)) => *sum += added,
            None => vias.push((visit.via, added)),
        }
    }
    vias.retain(|(_, added)| *added > 0);
    let (most, _) = vias.iter().rev().max_by_key(|(_, added)| *added).copied()?;
    let (found, term) = facts.term(Graph::ROOT, most)?;
    let who = match vias.as_slice() {
        [_] => format!("{} adds", quoted(&found.record, &term.term)),
        _ => format!("the includes, {} most of all, add", quoted(&found.record, &term.term)),
    };
    let (prefixes, them) = match prefixes.len() {
        1 => ("1 prefix".to_owned(), "it"),
        count => (format!("{count} prefixes"), "them"),
    };
    let message = format!("{who} {prefixes} shorter than /{WIDE_IP4}, or /{WIDE_IP6} for IPv6");
    let help =
        format!("whoever can send from {them} passes: ask the provider for a smaller policy");
    Some(Finding::new(facts.term_place(Graph::ROOT, most), message).help(help))
}

pub(super) fn many_addresses(facts: &Facts) -> Vec<Finding> {
    let passing = facts.course.passes.ip4.addresses();
    let total = passing.addresses().saturating_sub(special(facts));
    if compiled::is_compiled(facts) || total <= MANY || facts.passes_everyone() {
        return Vec::new();
    }
    let message = format!("{total} IPv4 addresses may send the domain's mail");
    let finding = Finding::new(facts.record_place(Graph::ROOT), message);
    let most = biggest(facts);
    vec![match most.is_empty() {
        true => finding.help("mail from each of them passes, whoever sends it"),
        false => finding.help(format!(
            "mail from each of them passes, whoever sends it; most come by {}",
            most.join(", ")
        )),
    }]
}

/// The addresses of own ranges of special use.
fn special(facts: &Facts) -> u128 {
    let (Some(found), Some(effects)) = (facts.graph.root().record(), &facts.effects) else {
        return 0;
    };
    let special = |term: &GraphTerm| match &term.meaning {
        Meaning::Ip4(prefix) => prefix.special_use().is_some(),
        _ => false,
    };
    let terms = found.terms.iter().zip(&effects.passed_ip4);
    terms.filter(|(term, _)| special(term)).map(|(_, passed)| u128::from(*passed)).sum()
}

/// The own terms that pass most addresses, with their number.
fn biggest(facts: &Facts) -> Vec<String> {
    let (Some(found), Some(effects)) = (facts.graph.root().record(), &facts.effects) else {
        return Vec::new();
    };
    let mut counts: Vec<(u64, &GraphTerm)> =
        effects.passed_ip4.iter().copied().zip(&found.terms).collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let sum: u64 = counts.iter().map(|(count, _)| *count).sum();
    let named = counts.iter().take(MOST_NAMED).filter(|(count, _)| *count > sum / 20);
    named.map(|(count, term)| format!("{} ({count})", quoted(&found.record, &term.term))).collect()
}
