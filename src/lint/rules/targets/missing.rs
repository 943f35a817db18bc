//! SPF408 and SPF409: terms whose names hold no address, or are nobody's.

use crate::lint::course::Visit;
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::terms::{domain_spec, mechanism, quoted};
use crate::name::DomainName;
use crate::policy::{FoundRecord, GraphTerm, Meaning};
use crate::syntax::{DomainTarget, Mechanism};

use super::meant::odd_terms;
use crate::lint::rules::macros::written::unmarked_macro;

/// The one name that a term is about.
fn target(
    facts: &Facts,
    visit: Visit,
    found: &FoundRecord,
    term: &GraphTerm,
) -> Option<DomainName> {
    let domain = &facts.graph.node(visit.node).domain;
    match domain_spec(&term.term).map(|spec| found.record.domain_target(spec, domain)) {
        None => Some(domain.clone()),
        Some(DomainTarget::Static(name)) => Some(name),
        Some(_) => None,
    }
}

pub(super) fn target_without_address(facts: &Facts) -> Vec<Finding> {
    // Together they are one mistake already, and a worse one.
    if facts.course.void_over_ip4.is_some() || facts.course.void_over_ip6.is_some() {
        return Vec::new();
    }
    let odd = odd_terms(facts);
    let mut findings = Vec::new();
    for (visit, found, term) in facts.reached().filter(|(visit, ..)| visit.own) {
        let missing = match (&term.meaning, mechanism(&term.term)) {
            (Meaning::Addresses(addresses), Some(Mechanism::Mx(..))) if addresses.is_void() => {
                match addresses.hosts.is_empty() {
                    true => "has no mail exchange",
                    false => "has no mail exchange with an address",
                }
            }
            (Meaning::Addresses(addresses), _) if addresses.is_void() => "has no address",
            (Meaning::Exists(Ok(false)), Some(Mechanism::Exists(_))) => "has no IPv4 address",
            _ => continue,
        };
        // A macro without its percent sign is what is to be mended there.
        if domain_spec(&term.term).is_some_and(|spec| unmarked_macro(&found.record, spec).is_some())
        {
            continue;
        }
        let Some(name) = target(facts, visit, found, term) else { continue };
        let own_record = visit.node == crate::policy::Graph::ROOT;
        let is_odd = own_record && odd.iter().any(|odd| odd.term == term.term.span);
        if is_odd || facts.surroundings.unregistered.contains_key(&name) {
            continue;
        }
        let text = quoted(&found.record, &term.term);
        let message = format!("{text} matches nobody, because {name} {missing}");
        let help = "remove the term, or mend the name: each term that finds nothing is one of two \
                    void lookups that receivers bear";
        let place = facts.term_place(visit.node, visit.term);
        findings.push(Finding::new(place, message).help(help));
    }
    findings
}

pub(super) fn unregistered_target(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (visit, found, term) in facts.reached() {
        let Some(name) = target(facts, visit, found, term) else { continue };
        let Some(domain) = facts.surroundings.unregistered.get(&name) else { continue };
        let text = quoted(&found.record, &term.term);
        let message = format!(
            "{domain} is not registered, so anyone may register it and decide whom {text} passes"
        );
        let help = "remove the term now: the service is gone, or the name has a typing mistake";
        let place = facts.term_place(visit.node, visit.term);
        findings.push(Finding::new(place, message).help(help));
    }
    findings
}
