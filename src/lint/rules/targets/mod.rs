//! 4xx: what terms lead to (RFC 7208 sections 4.8, 5.2 and 6.1).

mod meant;
mod missing;
mod reach;

use crate::lint::course::Visit;
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::registrable::organisation;
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::terms::{domain_spec, mechanism, quoted};
use crate::name::DomainName;
use crate::policy::{Fault, FoundRecord, GraphTerm, Meaning, NodeState};
use crate::syntax::{DomainTarget, Mechanism};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF401",
        name: "target-without-record",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../../docs/rules/SPF401.md"),
        check: Check::Graph(target_without_record),
    },
    Rule {
        code: "SPF402",
        name: "target-with-several-records",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.5",
        page: include_str!("../../../../docs/rules/SPF402.md"),
        check: Check::Graph(target_with_several_records),
    },
    Rule {
        code: "SPF403",
        name: "broken-target",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../../docs/rules/SPF403.md"),
        check: Check::Graph(broken_target),
    },
    Rule {
        code: "SPF404",
        name: "policy-loop",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF404.md"),
        check: Check::Graph(policy_loop),
    },
    Rule {
        code: "SPF405",
        name: "impossible-target",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.8",
        page: include_str!("../../../../docs/rules/SPF405.md"),
        check: Check::Record(impossible_target),
    },
    Rule {
        code: "SPF406",
        name: "include-passing-nobody",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../../docs/rules/SPF406.md"),
        check: Check::Graph(reach::include_passing_nobody),
    },
    Rule {
        code: "SPF407",
        name: "include-of-everyone",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../../docs/rules/SPF407.md"),
        check: Check::Graph(reach::include_of_everyone),
    },
    Rule {
        code: "SPF408",
        name: "target-without-address",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF408.md"),
        check: Check::Graph(missing::target_without_address),
    },
    Rule {
        code: "SPF409",
        name: "unregistered-target",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../../docs/rules/SPF409.md"),
        check: Check::Graph(missing::unregistered_target),
    },
    Rule {
        code: "SPF410",
        name: "never-meant-target",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 7.1",
        page: include_str!("../../../../docs/rules/SPF410.md"),
        check: Check::Record(meant::never_meant_target),
    },
    Rule {
        code: "SPF411",
        name: "missing-own-record",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 5.2",
        page: include_str!("../../../../docs/rules/SPF411.md"),
        check: Check::Graph(missing_own_record),
    },
];

/// The includes and redirects whose target is broken, as `describe` says.
fn broken(
    facts: &Facts,
    describe: impl Fn(&str, &Fault) -> Option<(String, &'static str)>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (visit, found, term) in facts.reached() {
        let (Meaning::Include(child) | Meaning::Redirect(child)) = term.meaning else { continue };
        let NodeState::Broken { fault, .. } = &facts.graph.node(child).state else { continue };
        let text = quoted(&found.record, &term.term);
        if let Some((message, help)) = describe(&text, fault) {
            let place = facts.term_place(visit.node, visit.term);
            let target = facts.graph.node(child).domain.clone();
            findings.push(Finding::new(place, message).help(help).blames(target));
        }
    }
    findings
}

/// Whether a name belongs to the owner of the policy, who can mend what is wrong
/// there. The same for all names of one owner, so that a mistake has one code.
fn is_own(facts: &Facts, name: &DomainName) -> bool {
    let own = facts.shown(&facts.domain);
    own.is_some_and(|own| organisation(name) == organisation(&own))
}

fn missing_own_record(facts: &Facts) -> Vec<Finding> {
    broken(facts, |term, fault| match fault {
        Fault::NoRecord { name } if is_own(facts, name) => Some((
            format!(
                "{term} is permerror, because {name}, a name of the same owner, has no SPF record"
            ),
            "publish the record there, or remove the term",
        )),
        _ => None,
    })
}

fn target_without_record(facts: &Facts) -> Vec<Finding> {
    broken(facts, |term, fault| match fault {
        Fault::NoRecord { name } if !is_own(facts, name) => Some((
            format!("{term} is permerror, because {name} has no SPF record"),
            "remove the term if the service is no longer used; ask the service for its name if it is",
        )),
        _ => None,
    })
}

fn target_with_several_records(facts: &Facts) -> Vec<Finding> {
    broken(facts, |term, fault| match fault {
        Fault::SeveralRecords { name, count } => Some((
            format!("{term} is permerror, because {name} has {count} SPF records"),
            "the owner of that name has to merge them; until then the term breaks the policy",
        )),
        _ => None,
    })
}

fn broken_target(facts: &Facts) -> Vec<Finding> {
    broken(facts, |term, fault| match fault {
        Fault::Syntax { text, errors } => {
            let first = errors.first().map_or_else(String::new, |error| error.describe(text));
            let more = match errors.len() {
                0 | 1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            Some((
                format!(
                    "{term} is permerror, because of a mistake in the record there: {first}{more}"
                ),
                "the owner of that record has to mend it; until then the term breaks the policy",
            ))
        }
        _ => None,
    })
}

fn policy_loop(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: Vec<(crate::policy::NodeId, usize)> = Vec::new();
    for visit in facts.course.visits.iter().filter(|visit| visit.loops) {
        let Some((found, term)) = facts.term(visit.node, visit.term) else { continue };
        if seen.contains(&(visit.node, visit.term)) {
            continue;
        }
        seen.push((visit.node, visit.term));
        findings.push(loop_finding(facts, *visit, found, term));
    }
    findings
}

fn loop_finding(facts: &Facts, visit: Visit, found: &FoundRecord, term: &GraphTerm) -> Finding {
    let text = quoted(&found.record, &term.term);
    let message =
        format!("{text} leads back to a record that it is part of: who comes here gets permerror");
    Finding::new(facts.term_place(visit.node, visit.term), message)
        .help("remove the term: all that the record says is being evaluated already")
}

fn impossible_target(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (visit, found, term) in facts.reached() {
        let Some(spec) = domain_spec(&term.term) else { continue };
        let domain = &facts.graph.node(visit.node).domain;
        let DomainTarget::Invalid(name, reason) = found.record.domain_target(spec, domain) else {
            continue;
        };
        let leads_to_policy = matches!(mechanism(&term.term), None | Some(Mechanism::Include(_)));
        let (severity, consequence) = match leads_to_policy {
            true => (Severity::Error, "so the policy is permerror"),
            false => (Severity::Warning, "so the term never matches"),
        };
        let name = name.as_bytes().escape_ascii();
        let message = format!("DNS cannot be asked for '{name}', which {reason}, {consequence}");
        let place = facts.term_place(visit.node, visit.term);
        findings.push(
            Finding::new(place, message)
                .severity(severity)
                .help("write a name whose labels have 1 to 63 octets"),
        );
    }
    findings
}
