//! The include tree of a policy, with its lookups against their limit.

use maud::{Markup, html};

use super::frame::shown;
use crate::counts::{counted, number};
use crate::documents::{AddressesShape, LookupsShape, PolicyShape, TermShape, TreeDocument};

/// The tree.
pub(super) fn tree(document: &TreeDocument) -> Markup {
    let policy = &document.policy;
    html! {
        section aria-labelledby="tree" {
            h2 #tree { "What it includes" }
            (lookups(&policy.lookups))
            (record(policy))
        }
    }
}

/// The lookups as a bar, with the numbers that it shows.
fn lookups(lookups: &LookupsShape) -> Markup {
    let LookupsShape { terms, limit, void, void_limit, .. } = *lookups;
    let over = terms > limit;
    html! {
        p.lookups {
            label for="lookups" { "Lookups" }
            meter id="lookups" min="0" max=(limit) value=(terms.min(limit)) high=(limit - 1) optimum="0" {
                (terms) " of " (limit)
            }
            span.bad[over] { (terms) " of " (limit) }
            @if over { " — over the limit: receivers answer permerror" }
        }
        p.bad[void > void_limit] { (void) " of " (void_limit) " void lookups" }
    }
}

fn record(policy: &PolicyShape) -> Markup {
    html! {
        div.record {
            p { strong { (shown(&policy.domain)) } (brings(policy.addresses.as_ref())) }
            @if let Some(text) = &policy.record { p { code.wrap { (shown(text)) } } }
            @if let Some(problem) = &policy.problem { p.bad { "Error: " (shown(problem)) } }
            @if policy.repeated { p.dim { "its terms are further up" } }
            @if !policy.terms.is_empty() {
                ul.tree { @for term in &policy.terms { (of_term(term)) } }
            }
        }
    }
}

fn of_term(term: &TermShape) -> Markup {
    html! {
        li {
            @match &term.target {
                Some(target) => details open {
                    summary {
                        code { (shown(&term.term)) }
                        span.dim { " " (counted(term.lookups as usize, "lookup")) ", " (term.cumulative) " so far" }
                    }
                    (record(target))
                },
                None => {
                    code { (shown(&term.term)) }
                    @if term.lookups > 0 {
                        span.dim { " " (counted(term.lookups as usize, "lookup")) ", " (term.cumulative) " so far" }
                    }
                    (brings(term.addresses.as_ref()))
                }
            }
            @if let Some(problem) = &term.problem { p.bad { "Error: " (shown(problem)) } }
        }
    }
}

fn brings(addresses: Option<&AddressesShape>) -> Markup {
    let words = addresses.map(|AddressesShape { ip4, ip6_prefixes }| {
        let ip4 = (*ip4 > 0).then(|| format!("{} IPv4", number(u128::from(*ip4))));
        let ip6 = (*ip6_prefixes > 0).then(|| counted(*ip6_prefixes, "IPv6 prefix"));
        ip4.into_iter().chain(ip6).collect::<Vec<_>>().join(", ")
    });
    html! {
        @if let Some(words) = words.filter(|words| !words.is_empty()) { span.dim { " " (words) } }
    }
}
