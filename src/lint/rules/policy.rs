//! 6xx: what a working policy says, and whether that is wise.
//!
//! These rules look at what holds for the target in the end, through redirects
//! and includes, and never run for names that are only included.

mod beside;

use crate::lint::course::{DefaultResult, Visit};
use crate::lint::dmarc::Dmarc;
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Place};
use crate::lint::options::Profile;
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::terms::{mechanism, quoted};
use crate::outcome::Qualifier;
use crate::policy::{Graph, Meaning, NodeId};
use crate::syntax::{Mechanism, Record};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF601",
        name: "pass-for-everyone",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.1",
        page: include_str!("../../../docs/rules/SPF601.md"),
        check: Check::Record(pass_for_everyone),
    },
    Rule {
        code: "SPF602",
        name: "neutral-all",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.1",
        page: include_str!("../../../docs/rules/SPF602.md"),
        check: Check::Record(neutral_all),
    },
    Rule {
        code: "SPF603",
        name: "missing-all",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.7",
        page: include_str!("../../../docs/rules/SPF603.md"),
        check: Check::Record(missing_all),
    },
    Rule {
        code: "SPF604",
        name: "ptr-mechanism",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.5",
        page: include_str!("../../../docs/rules/SPF604.md"),
        check: Check::Record(ptr_mechanism),
    },
    Rule {
        code: "SPF605",
        name: "fail-all-on-sender",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7489 section 10.1",
        page: include_str!("../../../docs/rules/SPF605.md"),
        check: Check::Graph(fail_all_on_sender),
    },
    Rule {
        code: "SPF606",
        name: "sender-without-fail-all",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 2.6.4",
        page: include_str!("../../../docs/rules/SPF606.md"),
        check: Check::Record(sender_without_fail_all),
    },
    Rule {
        code: "SPF607",
        name: "idle-domain-without-fail-all",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 10.1.2",
        page: include_str!("../../../docs/rules/SPF607.md"),
        check: Check::Record(beside::idle_domain),
    },
    Rule {
        code: "SPF608",
        name: "mx-host-not-passed",
        severity: Severity::Warning,
        off: true,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 5.4",
        page: include_str!("../../../docs/rules/SPF608.md"),
        check: Check::Graph(beside::mx_host_not_passed),
    },
    Rule {
        code: "SPF609",
        name: "subdomain-without-policy",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 10.1.2",
        page: include_str!("../../../docs/rules/SPF609.md"),
        check: Check::Graph(beside::subdomain_without_policy),
    },
];

/// The `all` that decides in the end, with its qualifier.
fn default_all(facts: &Facts) -> Option<(Visit, Qualifier)> {
    match facts.course.default? {
        DefaultResult::All(visit) => {
            let (_, term) = facts.term(visit.node, visit.term)?;
            Some((visit, term.qualifier))
        }
        DefaultResult::Missing(_) => None,
    }
}

/// Names the record that a place is in, where it is not the target's own.
fn elsewhere(facts: &Facts, node: NodeId) -> String {
    match node {
        Graph::ROOT => String::new(),
        node => format!(" of {}", facts.graph.node(node).domain),
    }
}

fn pass_for_everyone(facts: &Facts) -> Vec<Finding> {
    let help = "list the hosts that send the domain's mail and end with '~all'";
    let all = facts.course.visits.iter().find_map(|visit| {
        let (found, term) = facts.term(visit.node, visit.term)?;
        let everyone = matches!(term.meaning, Meaning::All | Meaning::Exists(Ok(true)))
            && visit.decides == Some(Qualifier::Pass);
        everyone.then(|| (*visit, quoted(&found.record, &term.term)))
    });
    if let Some((visit, text)) = all {
        let place = match visit.own {
            true => facts.term_place(visit.node, visit.term),
            false => facts.term_place(Graph::ROOT, visit.via),
        };
        let of = elsewhere(facts, visit.node);
        let message = format!("{text}{of} passes whoever comes so far, so anyone may send");
        return vec![Finding::new(place, message).help(help)];
    }
    let clients = match (facts.course.passes.all_of_ip4(), facts.course.passes.all_of_ip6()) {
        (true, true) => "every client",
        (true, false) => "every IPv4 client",
        (false, true) => "every IPv6 client",
        (false, false) => return Vec::new(),
    };
    let message = format!("the policy passes {clients}, so anyone may send");
    vec![Finding::new(whole_family_place(facts), message).help(help)]
}

/// The term that passes a whole family by itself, or all of the record.
fn whole_family_place(facts: &Facts) -> Place {
    let whole = |meaning: &Meaning| match meaning {
        Meaning::Ip4(prefix) => prefix.length() == 0,
        Meaning::Ip6(prefix) => prefix.length() == 0,
        _ => false,
    };
    let terms = facts.graph.root().record().map_or(&[][..], |found| &found.terms);
    match terms.iter().position(|term| whole(&term.meaning)) {
        Some(index) => facts.term_place(Graph::ROOT, index),
        None => facts.record_place(Graph::ROOT),
    }
}

/// Whether a rule that knows better what the domain should say finds the end of
/// its policy wanting: one mistake is one finding.
fn said_elsewhere(facts: &Facts) -> bool {
    !beside::idle_domain(facts).is_empty() || !sender_without_fail_all(facts).is_empty()
}

fn neutral_all(facts: &Facts) -> Vec<Finding> {
    let Some((visit, Qualifier::Neutral)) = default_all(facts) else { return Vec::new() };
    if said_elsewhere(facts) {
        return Vec::new();
    }
    let of = elsewhere(facts, visit.node);
    let message = format!("'?all'{of} says nothing about forged mail, so it protects nobody");
    let help = "end with '~all' once all senders are listed";
    vec![Finding::new(facts.term_place(visit.node, visit.term), message).help(help)]
}

fn missing_all(facts: &Facts) -> Vec<Finding> {
    let Some(DefaultResult::Missing(node)) = facts.course.default else { return Vec::new() };
    if said_elsewhere(facts) {
        return Vec::new();
    }
    let whose = match node {
        Graph::ROOT => "the record".to_owned(),
        node => format!("the record of {}", facts.graph.node(node).domain),
    };
    let message =
        format!("{whose} ends without 'all' or 'redirect=', so it says nothing about forged mail");
    vec![Finding::new(facts.record_place(node), message).help("add '~all' at the end")]
}

fn ptr_mechanism(facts: &Facts) -> Vec<Finding> {
    let is_ptr =
        |visit: Visit, term| visit.own && matches!(mechanism(term), Some(Mechanism::Ptr(_)));
    let finding =
        |(visit, found, term): (Visit, &crate::policy::FoundRecord, &crate::policy::GraphTerm)| {
            let text = quoted(&found.record, &term.term);
            let message = format!("{text} is slow and unreliable, and some receivers skip it");
            Finding::new(facts.term_place(visit.node, visit.term), message)
                .help("name the hosts by 'a:', or their addresses by 'ip4:' and 'ip6:'")
        };
    facts.reached().filter(|(visit, _, term)| is_ptr(*visit, &term.term)).map(finding).collect()
}

/// Whether a record is `v=spf1 -all` and nothing else: a domain that sends no
/// mail and says so.
fn says_never(record: &Record) -> bool {
    match (record.terms(), record.all()) {
        ([_], Some((_, all))) => all.qualifier == Qualifier::Fail,
        _ => false,
    }
}

fn fail_all_on_sender(facts: &Facts) -> Vec<Finding> {
    let Some((visit, Qualifier::Fail)) = default_all(facts) else { return Vec::new() };
    if facts.options.profile != Profile::Dmarc
        || facts.record().is_some_and(says_never)
        || !facts.sends()
    {
        return Vec::new();
    }
    let place = facts.term_place(visit.node, visit.term);
    let of = elsewhere(facts, visit.node);
    let message = format!(
        "'-all'{of} on a domain that sends mail: receivers may reject mail before they see that \
         its DKIM signature satisfies DMARC"
    );
    let finding = Finding::new(place, message);
    vec![match &facts.dmarc {
        Dmarc::Found { name, enforcing: true } => finding.help(format!(
            "'~all' rejects forgeries just as well, because the DMARC record at {name} is enforced"
        )),
        Dmarc::Found { name, enforcing: false } => finding.severity(Severity::Note).help(format!(
            "the DMARC record at {name} is not enforced; publish DMARC first: '~all' alone stops nothing"
        )),
        Dmarc::Missing => finding
            .severity(Severity::Note)
            .help("publish DMARC first; '~all' alone stops nothing"),
        Dmarc::Unknown => finding.severity(Severity::Note).help(
            "'~all' rejects forgeries just as well where DMARC is enforced, which is not known here",
        ),
    }]
}

fn sender_without_fail_all(facts: &Facts) -> Vec<Finding> {
    if facts.options.profile != Profile::Scuba || !facts.sends() {
        return Vec::new();
    }
    let (place, what) = match (facts.course.default, default_all(facts)) {
        // What passes everyone is no mere opinion.
        (_, Some((_, Qualifier::Fail | Qualifier::Pass))) | (None, _) => return Vec::new(),
        (_, Some((visit, qualifier))) => {
            let of = elsewhere(facts, visit.node);
            let place = facts.term_place(visit.node, visit.term);
            (place, format!("'{}all'{of}", qualifier.prefix()))
        }
        (Some(_), None) => (facts.record_place(Graph::ROOT), "no 'all'".to_owned()),
    };
    let message = format!("{what} on a domain that sends mail: the SCuBA baseline wants '-all'");
    vec![Finding::new(place, message).help("end with '-all' once all senders are listed")]
}
