//! 1xx: which record receivers find at a name (RFC 7208 sections 4.4 and 4.5).

mod absent;
mod misplaced;
mod strings;
mod version;

use crate::dns::{Failure, Question};
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind, Place, failed};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::policy::{Fault, Graph, Meaning, NodeState, PolicyError};
use crate::syntax::{Span, is_spf_record};

pub use version::meant_as_record;

pub(super) use misplaced::undoubled;
pub(super) use strings::{boundaries, joined_badly, joints};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF101",
        name: "missing-record",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../../docs/rules/SPF101.md"),
        check: Check::Record(absent::missing_record),
    },
    Rule {
        code: "SPF102",
        name: "several-records",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../../docs/rules/SPF102.md"),
        check: Check::Record(several_records),
    },
    Rule {
        code: "SPF103",
        name: "dns-failure",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Temperror,
        reference: "RFC 7208 section 2.6.6",
        page: include_str!("../../../../docs/rules/SPF103.md"),
        check: Check::Graph(dns_failure),
    },
    Rule {
        code: "SPF104",
        name: "octets-before-version",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../../docs/rules/SPF104.md"),
        check: Check::Record(absent::octets_before_version),
    },
    Rule {
        code: "SPF105",
        name: "record-in-spf-type",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 3.1",
        page: include_str!("../../../../docs/rules/SPF105.md"),
        check: Check::Graph(misplaced::record_in_spf_type),
    },
    Rule {
        code: "SPF106",
        name: "record-at-wrong-name",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.4",
        page: include_str!("../../../../docs/rules/SPF106.md"),
        check: Check::Record(misplaced::record_at_wrong_name),
    },
    Rule {
        code: "SPF107",
        name: "badly-joined-strings",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 3.3",
        page: include_str!("../../../../docs/rules/SPF107.md"),
        check: Check::Record(strings::badly_joined_strings),
    },
    Rule {
        code: "SPF108",
        name: "trailing-blank",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../../docs/rules/SPF108.md"),
        check: Check::Record(trailing_blank),
    },
];

fn root_fault<'a>(facts: &'a Facts) -> Option<&'a Fault> {
    match &facts.graph.root().state {
        NodeState::Broken { fault, .. } => Some(fault),
        NodeState::Found(_) => None,
    }
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

fn trailing_blank(facts: &Facts) -> Vec<Finding> {
    let Some(record) = facts.record() else { return Vec::new() };
    let text = record.text();
    let end = text.iter().rposition(|octet| *octet != b' ').map_or(0, |at| at + 1);
    let blanks = match text.len() - end {
        0 => return Vec::new(),
        1 => "a blank that says".to_owned(),
        blanks => format!("{blanks} blanks that say"),
    };
    let span = Span::new(end, text.len());
    let place = Place { span: Some(span), ..facts.record_place(Graph::ROOT) };
    let message = format!("the record ends in {blanks} nothing");
    let help = "delete what stands behind the last term";
    vec![Finding::new(place, message).help(help).fix(FixKind::Equivalent, span, "")]
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
