//! 1xx: which record receivers find at a name (RFC 7208 sections 4.4 and 4.5).

use crate::dns::{Failure, Question};
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Place, failed};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::policy::{Fault, Meaning, NodeState, PolicyError};
use crate::syntax::{Span, is_spf_record};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF101",
        name: "missing-record",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../docs/rules/SPF101.md"),
        check: Check::Record(missing_record),
    },
    Rule {
        code: "SPF102",
        name: "several-records",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../docs/rules/SPF102.md"),
        check: Check::Record(several_records),
    },
    Rule {
        code: "SPF103",
        name: "dns-failure",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Temperror,
        reference: "RFC 7208 section 2.6.6",
        page: include_str!("../../../docs/rules/SPF103.md"),
        check: Check::Graph(dns_failure),
    },
];

fn root_fault<'a>(facts: &'a Facts) -> Option<&'a Fault> {
    match &facts.graph.root().state {
        NodeState::Broken { fault, .. } => Some(fault),
        NodeState::Found(_) => None,
    }
}

fn missing_record(facts: &Facts) -> Vec<Finding> {
    let Some(Fault::NoRecord { .. }) = root_fault(facts) else { return Vec::new() };
    if let Some(text) = facts.texts.iter().find(|text| looks_like_record(&text.octets)) {
        let text = &text.octets;
        let end = text.iter().position(|octet| *octet == b' ').unwrap_or(text.len());
        let place = Place {
            record: Some(text.clone()),
            span: Some(Span::new(0, end)),
            ..facts.domain_place()
        };
        let message = "the text is no SPF record, so receivers act as if there were none";
        let help = "a record begins with 'v=spf1', then a blank or the end";
        return vec![Finding::new(place, message).help(help)];
    }
    let help = match facts.receives_mail {
        Some(false) => "the domain takes no mail: if it sends none either, publish 'v=spf1 -all'",
        _ => {
            "list the hosts that send its mail and end with '~all'; 'v=spf1 -all' if there are none"
        }
    };
    let target = facts.target_name();
    let message =
        format!("{target} has no SPF record, so receivers cannot tell its mail from forged mail");
    vec![Finding::new(facts.domain_place(), message).help(help)]
}

/// Whether somebody meant a text to be an SPF record. In a subject that is
/// nothing but a record every text is meant so.
fn looks_like_record(text: &[u8]) -> bool {
    let begin = text.trim_ascii_start().to_ascii_lowercase();
    begin.starts_with(b"v=spf") || begin.starts_with(b"spf1") || begin.starts_with(b"\"v=spf1")
}

fn several_records(facts: &Facts) -> Vec<Finding> {
    let Some(Fault::SeveralRecords { count, .. }) = root_fault(facts) else { return Vec::new() };
    let first = facts.texts.iter().find(|text| is_spf_record(&text.octets));
    let place = Place { record: first.map(|text| text.octets.clone()), ..facts.domain_place() };
    let target = facts.target_name();
    let message = format!("{target} has {count} SPF records, so receivers use none of them");
    let help = "merge their terms into one record with one 'all' and delete the others";
    vec![Finding::new(place, message).help(help)]
}

fn dns_failure(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: Vec<Question> = Vec::new();
    let mut add = |place: Place, question: &Question, failure: &Failure| {
        if !seen.contains(question) {
            seen.push(question.clone());
            let help = "try again later; where it stays, the servers of the name are to be mended";
            findings.push(Finding::new(place, failed(question, failure)).help(help));
        }
    };
    if let Some(Fault::Dns { question, failure }) = root_fault(facts) {
        add(facts.domain_place(), question, failure);
    }
    for (visit, _, term) in facts.reached() {
        for fault in faults(facts, &term.meaning) {
            if let Fault::Dns { question, failure } = fault {
                add(facts.term_place(visit.node, visit.term), question, failure);
            }
        }
    }
    for (question, failure) in &facts.failures {
        let message = format!("asking for {question}: {failure}, so not all rules could look");
        findings.push(Finding::new(facts.domain_place(), message));
    }
    findings
}

/// What is wrong with a term or the record that it leads to.
fn faults<'a>(facts: &'a Facts, meaning: &'a Meaning) -> Vec<&'a Fault> {
    let of = |error: &'a PolicyError| &error.fault;
    match meaning {
        Meaning::Broken(error) | Meaning::Exists(Err(error)) => vec![of(error)],
        Meaning::Addresses(found) => {
            found.ip4_error.iter().chain(&found.ip6_error).map(of).collect()
        }
        Meaning::Include(child) | Meaning::Redirect(child) => {
            match &facts.graph.node(*child).state {
                NodeState::Broken { fault, .. } => vec![fault],
                NodeState::Found(_) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
