//! 3xx: what evaluation costs in DNS lookups (RFC 7208 section 4.6.4).

mod cure;
mod repeated;

use crate::limits::{LOOKUP_TERMS, MX_NAMES, VOID_LOOKUPS};
use crate::lint::course::Visit;
use crate::lint::facts::Facts;
use crate::lint::finding::Finding;
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::terms::{mechanism, quoted};
use crate::policy::{Fault, Graph, Meaning, NodeState};
use crate::syntax::Mechanism;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF301",
        name: "too-many-lookups",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF301.md"),
        check: Check::Record(too_many_lookups),
    },
    Rule {
        code: "SPF302",
        name: "too-many-void-lookups",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF302.md"),
        check: Check::Graph(too_many_void_lookups),
    },
    Rule {
        code: "SPF303",
        name: "too-many-mx-names",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF303.md"),
        check: Check::Graph(too_many_mx_names),
    },
    Rule {
        code: "SPF304",
        name: "near-lookup-limit",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF304.md"),
        check: Check::Record(near_lookup_limit),
    },
    Rule {
        code: "SPF305",
        name: "repeated-include",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF305.md"),
        check: Check::Graph(repeated::repeated_include),
    },
];

/// A term with the domain whose record it stands in, where that is another one.
fn described(facts: &Facts, visit: Visit) -> String {
    let Some((found, term)) = facts.term(visit.node, visit.term) else { return String::new() };
    let quoted = quoted(&found.record, &term.term);
    match visit.node {
        Graph::ROOT => quoted,
        node => format!("{quoted} of {}", facts.graph.node(node).domain),
    }
}

fn too_many_lookups(facts: &Facts) -> Vec<Finding> {
    let Some(over) = facts.course.terms_over else { return ceiling(facts) };
    let needed = facts.lookups.terms.max(LOOKUP_TERMS + 1);
    let message = format!("evaluation needs {needed} DNS lookups, the limit is {LOOKUP_TERMS}");
    let eleventh = described(facts, over);
    let help = format!(
        "number {} is {eleventh}: clients that come so far get permerror; {}",
        LOOKUP_TERMS + 1,
        cure::cure(facts, needed)
    );
    vec![Finding::new(facts.term_place(Graph::ROOT, over.via), message).help(help)]
}

fn near_lookup_limit(facts: &Facts) -> Vec<Finding> {
    let needed = facts.lookups.terms;
    // The chunks of a compiled record grow only when their owner says so.
    let grown_by_others = needed.saturating_sub(facts.own_chunks() as u32);
    let near = LOOKUP_TERMS - 1..=LOOKUP_TERMS;
    if facts.course.terms_over.is_some()
        || !near.contains(&needed)
        || !near.contains(&grown_by_others)
    {
        return Vec::new();
    }
    let message =
        format!("evaluation needs {needed} of the {LOOKUP_TERMS} DNS lookups that are allowed");
    let dearest = cure::dearest(facts);
    let costs =
        dearest.map_or_else(String::new, |(term, cost)| format!("; {term} alone costs {cost}"));
    let spare = match LOOKUP_TERMS - needed {
        0 => "one more in any included record, and mail fails",
        _ => "two more in any included record, and mail fails",
    };
    let place = facts.record_place(Graph::ROOT);
    vec![Finding::new(place, message).help(format!("{spare}{costs}"))]
}

/// A policy so large that not all of it could be read.
fn ceiling(facts: &Facts) -> Vec<Finding> {
    let of_node = |id| match &facts.graph.node(id).state {
        NodeState::Broken { fault: fault @ Fault::Ceiling(_), .. } => Some(fault),
        _ => None,
    };
    let of_term = |meaning: &Meaning| match meaning {
        Meaning::Include(child) | Meaning::Redirect(child) => of_node(*child).cloned(),
        Meaning::Broken(error) | Meaning::Exists(Err(error)) => {
            Some(error.fault.clone()).filter(|fault| matches!(fault, Fault::Ceiling(_)))
        }
        _ => None,
    };
    let met = facts.reached().find_map(|(visit, _, term)| {
        Some((facts.term_place(Graph::ROOT, visit.via), of_term(&term.meaning)?))
    });
    let root = || Some((facts.domain_place(), of_node(Graph::ROOT).cloned()?));
    let help = "no receiver evaluates a policy of this size";
    let found = met.or_else(root);
    found
        .map(|(place, fault)| Finding::new(place, fault.to_string()).help(help))
        .into_iter()
        .collect()
}

fn too_many_void_lookups(facts: &Facts) -> Vec<Finding> {
    let course = &facts.course;
    let passes_ip6 = !course.passes.ip6.is_empty();
    let (over, clients, severity) =
        match (course.void_over_ip4, course.void_over_ip6, course.perhaps_void_over) {
            (Some(over), Some(_), _) => (over, "clients", Severity::Error),
            (Some(over), None, _) => (over, "IPv4 clients", Severity::Error),
            (None, Some(over), _) if passes_ip6 => (over, "IPv6 clients", Severity::Error),
            (None, Some(over), _) => (over, "IPv6 clients", Severity::Warning),
            (None, None, Some(over)) => (over, "some clients", Severity::Warning),
            (None, None, None) => return Vec::new(),
        };
    let certain = course.void_over_ip4.is_some() || course.void_over_ip6.is_some();
    let message = if certain {
        let void = match course.void_over_ip4 {
            Some(_) => facts.lookups.void(),
            None => facts.lookups.void_ip6,
        };
        let void = void.max(VOID_LOOKUPS + 1);
        format!(
            "evaluation finds nothing in {void} DNS lookups for {clients}, the limit is {VOID_LOOKUPS}"
        )
    } else {
        format!(
            "for {clients} more than {VOID_LOOKUPS} DNS lookups may find nothing, which is the limit"
        )
    };
    let term = described(facts, over);
    let cure = match (certain, course.void_over_ip4) {
        (true, Some(_)) => "drop terms whose names are gone",
        (true, None) => {
            "hosts without AAAA records count for IPv6 clients, so list their addresses by 'ip4:', \
             and drop terms whose names are gone"
        }
        (false, _) => {
            "what a term with a macro asks for is missing for most clients, so merge the lists \
             behind such terms into one"
        }
    };
    let help = format!("{term} goes over the limit, which is permerror: {cure}");
    let place = facts.term_place(Graph::ROOT, over.via);
    vec![Finding::new(place, message).severity(severity).help(help)]
}

fn too_many_mx_names(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (visit, found, term) in facts.reached() {
        let (Some(Mechanism::Mx(..)), Meaning::Addresses(addresses)) =
            (mechanism(&term.term), &term.meaning)
        else {
            continue;
        };
        let names = addresses.hosts.len();
        if names > MX_NAMES as usize {
            let text = quoted(&found.record, &term.term);
            let message =
                format!("{text} stands for {names} mail exchanges, the limit is {MX_NAMES}");
            let help = "clients that reach the term get permerror: name the sending hosts instead";
            let place = facts.term_place(visit.node, visit.term);
            findings.push(Finding::new(place, message).help(help));
        }
    }
    findings
}
