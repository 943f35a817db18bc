//! Findings about what a policy leaves out: a domain that sends nothing and
//! does not say so, its own mail exchanges, the names below it.
//!
//! What the record itself says wrongly is found beside this file.

use crate::addr::Address;
use crate::lint::course::DefaultResult;
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind};
use crate::lint::options::Sending;
use crate::lint::rule::Severity;
use crate::lint::rules::grammar::legal::ignores_meant_term;
use crate::outcome::Qualifier;
use crate::policy::{FoundRecord, Graph, Meaning};
use crate::syntax::{Record, Span};

use super::{default_all, elsewhere, pass_for_everyone, says_never};

/// What a domain that sends no mail publishes (RFC 7208 section 10.1.2).
const NEVER: &str = "v=spf1 -all";

/// A domain that sends no mail and whose record is not exactly that.
pub(super) fn idle_domain(facts: &Facts) -> Vec<Finding> {
    let Some(record) = facts.record() else { return Vec::new() };
    let Some(default) = facts.course.default.filter(|_| is_idle(facts)) else { return Vec::new() };
    if says_never(record) || !pass_for_everyone(facts).is_empty() {
        return Vec::new();
    }
    let passes = !facts.course.passes.is_empty() || facts.course.dynamic;
    let (node, place, message) = match (default, default_all(facts)) {
        _ if passes => {
            let message = "the domain sends no mail, but its policy lets clients pass".to_owned();
            (Graph::ROOT, facts.record_place(Graph::ROOT), message)
        }
        (_, Some((visit, qualifier))) if qualifier != Qualifier::Fail => {
            let of = elsewhere(facts, visit.node);
            let all = format!("'{}all'{of}", qualifier.prefix());
            let message = format!("{all} on a domain that sends no mail: no forgery is rejected");
            (visit.node, facts.term_place(visit.node, visit.term), message)
        }
        (DefaultResult::Missing(node), _) => {
            let message = "the record of a domain that sends no mail ends without 'all', so no \
                           forgery is rejected";
            (node, facts.record_place(node), message.to_owned())
        }
        _ => {
            let message = "the domain sends no mail, and its record says more than that".to_owned();
            (Graph::ROOT, facts.record_place(Graph::ROOT), message)
        }
    };
    let help = format!("publish exactly '{NEVER}', which no receiver can take for anything else");
    let mut finding = Finding::new(place, message).help(help);
    if !passes && fails_everyone(facts) {
        finding = finding.severity(Severity::Note);
    }
    if node == Graph::ROOT {
        finding = finding.fix(FixKind::Offered, Span::new(0, record.text().len()), NEVER);
    }
    vec![finding]
}

/// Whether the domain sends no mail: by the user's word, or because its policy
/// does not try to let anybody pass. A term that should pass somebody and finds
/// nobody, or that receivers ignore, is a mistake of another kind.
fn is_idle(facts: &Facts) -> bool {
    let tries = |found: &FoundRecord| {
        found.terms.iter().any(|term| {
            let redirect = matches!(term.meaning, Meaning::Redirect(_));
            term.qualifier == Qualifier::Pass && !redirect
        })
    };
    match facts.options.sending {
        Sending::Yes => false,
        Sending::No => true,
        Sending::Auto => {
            let ignored = facts.record().is_some_and(ignores_senders);
            !facts.sends() && !ignored && !own_records(facts).any(tries)
        }
    }
}

/// Whether the record names senders in a way that receivers ignore: a modifier
/// where a mechanism was meant, or a redirect beside `all`.
fn ignores_senders(record: &Record) -> bool {
    let redirect_beside_all = record.redirect().is_some() && record.all().is_some();
    redirect_beside_all || ignores_meant_term(record)
}

/// The policy's own record and those that it redirects to.
fn own_records<'a>(facts: &'a Facts) -> impl Iterator<Item = &'a FoundRecord> {
    let mut at = Some(Graph::ROOT);
    let mut left = facts.graph.nodes.len();
    std::iter::from_fn(move || {
        let found = facts.graph.node(at?).record()?;
        left = left.checked_sub(1)?;
        at = found.terms.last().and_then(|term| match term.meaning {
            Meaning::Redirect(child) => Some(child),
            _ => None,
        });
        Some(found)
    })
}

/// Whether the policy, in however many words, fails every client.
fn fails_everyone(facts: &Facts) -> bool {
    let fails = |found: &FoundRecord| {
        found.terms.iter().all(|term| {
            let redirect = matches!(term.meaning, Meaning::Redirect(_));
            term.qualifier == Qualifier::Fail || redirect
        })
    };
    matches!(default_all(facts), Some((_, Qualifier::Fail))) && own_records(facts).all(fails)
}

/// Mail exchanges among the domain's own hosts that its policy does not pass.
pub(super) fn mx_host_not_passed(facts: &Facts) -> Vec<Finding> {
    // What only the message can decide may pass them.
    if !facts.sends() || facts.course.dynamic || facts.record().is_none() {
        return Vec::new();
    }
    let (ip4, ip6) = (facts.course.passes.ip4.addresses(), facts.course.passes.ip6.addresses());
    let passed = |ip: std::net::IpAddr| match (u32::from_ip(ip), u128::from_ip(ip)) {
        (Some(address), _) => ip4.contains(address),
        (None, address) => address.is_some_and(|address| ip6.contains(address)),
    };
    let finding = |exchange: &crate::lint::facts::OwnExchange| {
        let address = exchange.addresses.iter().find(|ip| !passed(**ip))?;
        let host = &exchange.host;
        let message =
            format!("the policy does not pass {address}, which is the mail exchange {host}");
        let help = "add 'mx', or an 'ip4:' or 'ip6:' term for it, if the host sends mail too, \
                    such as bounces and answers";
        Some(Finding::new(facts.record_place(Graph::ROOT), message).help(help))
    };
    facts.on_request.own_exchanges.iter().filter_map(finding).collect()
}

/// Names below the domain that are in use and have no policy of their own.
pub(super) fn subdomain_without_policy(facts: &Facts) -> Vec<Finding> {
    let finding = |bare: &crate::lint::facts::BareSubdomain| {
        let (name, held) = (&bare.name, bare.held);
        let message = format!(
            "{name} has {held} records and no SPF record, so receivers cannot tell forged mail from it"
        );
        let help = format!("publish '{NEVER}' at {name}, or its own policy if it sends mail");
        Finding::new(facts.domain_place(), message).help(help)
    };
    facts.on_request.bare_subdomains.iter().map(finding).collect()
}
