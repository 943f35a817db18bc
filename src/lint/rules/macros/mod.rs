//! 7xx: macros that do not do what their author expects (RFC 7208 section 7).
//!
//! Only the policy's own records are looked at, those that redirects lead to
//! among them: what others write is theirs to mend.

mod length;
#[cfg(test)]
mod tests;
pub(super) mod written;

use std::collections::HashSet;

use crate::lint::course::Visit;
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Place};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::terms::{domain_spec, mechanism, quoted};
use crate::name::MAX_NAME_OCTETS;
use crate::policy::{FoundRecord, Graph, Meaning, NodeId};
use crate::syntax::{
    DomainSpec, MacroLetter, MacroPart, Mechanism, Modifier, Record, Span, Term, TermKind,
};

use length::{Expansion, Side, expansion};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "SPF701",
        name: "validated-name-macro",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 7.3",
        page: include_str!("../../../../docs/rules/SPF701.md"),
        check: Check::Record(validated_name_macro),
    },
    Rule {
        code: "SPF702",
        name: "sender-macro-beside-address",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 7.3",
        page: include_str!("../../../../docs/rules/SPF702.md"),
        check: Check::Record(sender_macro_beside_address),
    },
    Rule {
        code: "SPF703",
        name: "overlong-expansion",
        severity: Severity::Warning,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 7.3",
        page: include_str!("../../../../docs/rules/SPF703.md"),
        check: Check::Record(overlong_expansion),
    },
    Rule {
        code: "SPF704",
        name: "exists-miss-is-void",
        severity: Severity::Note,
        off: false,
        consequence: Consequence::Advice,
        reference: "RFC 7208 section 4.6.4",
        page: include_str!("../../../../docs/rules/SPF704.md"),
        check: Check::Record(exists_miss_is_void),
    },
    Rule {
        code: "SPF705",
        name: "bad-macro",
        severity: Severity::Error,
        off: false,
        consequence: Consequence::Permerror,
        reference: "RFC 7208 section 7.1",
        page: include_str!("../../../../docs/rules/SPF705.md"),
        check: Check::Record(written::bad_macros),
    },
];

/// The policy's own records that some client reaches: the target's, and those
/// that redirects lead to.
fn own_records<'a>(facts: &'a Facts) -> Vec<(NodeId, &'a FoundRecord)> {
    let mut nodes = vec![Graph::ROOT];
    for visit in facts.course.visits.iter().filter(|visit| visit.own) {
        let found = facts.term(visit.node, visit.term);
        if let Some((_, term)) = found {
            let target = match term.meaning {
                Meaning::Redirect(child) => Some(child),
                _ => None,
            };
            nodes.extend(target.filter(|child| !nodes.contains(child)));
        }
    }
    nodes.into_iter().filter_map(|id| Some((id, facts.graph.node(id).record()?))).collect()
}

/// The terms of the policy's own records that are made of macros; those that
/// nobody reaches left out.
fn own_specs<'a>(
    facts: &'a Facts,
) -> impl Iterator<Item = (NodeId, &'a Record, &'a Term, &'a DomainSpec)> {
    own_records(facts).into_iter().flat_map(|(id, found)| {
        let unreached =
            found.terms.iter().filter(|term| matches!(term.meaning, Meaning::Unreached));
        let unreached: HashSet<Span> = unreached.map(|term| term.term.span).collect();
        let record = found.record.as_ref();
        let specs = record.terms().iter().filter(move |term| !unreached.contains(&term.span));
        specs.filter_map(move |term| Some((id, record, term, domain_spec(term)?)))
    })
}

fn place(facts: &Facts, node: NodeId, span: Span) -> Place {
    Place { span: Some(span), ..facts.record_place(node) }
}

fn validated_name_macro(facts: &Facts) -> Vec<Finding> {
    let found = own_specs(facts).flat_map(|(id, record, term, spec)| {
        record.parts(&spec.0).iter().filter_map(move |part| match part {
            MacroPart::Expand(expand) if expand.letter == MacroLetter::ValidatedName => {
                Some((id, record, term, expand.span))
            }
            _ => None,
        })
    });
    let finding = |(id, record, term, span): (NodeId, &Record, &Term, Span)| {
        let message = format!(
            "'{}' in {} is the client's validated name: slow, unreliable, and not to be published",
            record.slice(span).escape_ascii(),
            quoted(record, term)
        );
        Finding::new(place(facts, id, span), message)
            .help("use '%{i}' for the client, or name the sending hosts by 'a:', 'ip4:' and 'ip6:'")
    };
    found.map(finding).collect()
}

/// The terms whose target decides about mail, with what it can come to when a
/// sender may choose his domain.
fn deciding<'a>(
    facts: &'a Facts,
) -> impl Iterator<Item = (NodeId, &'a Record, &'a Term, &'a DomainSpec, Expansion)> {
    let decides = |term: &Term| !matches!(term.kind, TermKind::Modifier(Modifier::Explanation(_)));
    own_specs(facts).filter(move |(_, _, term, _)| decides(term)).map(|(id, record, term, spec)| {
        let domain = &facts.graph.node(id).domain;
        (id, record, term, spec, expansion(record, &spec.0, domain, None))
    })
}

/// Whether [`sender_macro_beside_address`] has something to say.
fn displaces(expansion: &Expansion) -> bool {
    expansion.by_sender && expansion.address.is_some() && can_be_cut(expansion)
}

fn can_be_cut(expansion: &Expansion) -> bool {
    expansion.most().is_none_or(|most| most > MAX_NAME_OCTETS)
}

fn sender_macro_beside_address(facts: &Facts) -> Vec<Finding> {
    let found = deciding(facts).filter(|(.., expansion)| displaces(expansion));
    let finding = |(id, record, term, _, expansion): (NodeId, _, _, _, Expansion)| {
        let text = quoted(record, term);
        let place = place(facts, id, term.span);
        Some(match expansion.address? {
            Side::BeforeSender => Finding::new(
                place,
                format!("the sender of {text} can write so long a name that the address is cut off"),
            )
            .help("leave out '%{s}', '%{l}', '%{o}' and '%{h}', or keep one label of each, as in '%{h1}'"),
            Side::BehindSender => Finding::new(
                place,
                format!("the sender of {text} can write so long a name that its beginning is cut off"),
            )
            .severity(Severity::Note)
            .help("the address stays whole, but what stands before it need not be the sender's own"),
        })
    };
    found.filter_map(finding).collect()
}

fn overlong_expansion(facts: &Facts) -> Vec<Finding> {
    let finding = |(id, record, term, spec, chosen): (NodeId, &Record, &Term, &DomainSpec, _)| {
        let text = quoted(record, term);
        let place = place(facts, id, term.span);
        // The policy is evaluated for senders of its own domain.
        let domain = &facts.graph.node(id).domain;
        let expansion = expansion(record, &spec.0, domain, Some(&facts.domain));
        if !can_be_cut(&expansion) || displaces(&chosen) {
            return None;
        }
        Some(match expansion.by_sender && expansion.fixed <= MAX_NAME_OCTETS {
            false => Finding::new(
                place,
                format!(
                    "{text} can come to {} octets: names are cut to {MAX_NAME_OCTETS}, from the left",
                    expansion.fixed
                ),
            )
            .help("shorten the name, or keep fewer labels of a macro, as in '%{d2}'"),
            true => Finding::new(
                place,
                format!("{text} is as long as the sender likes, and cut from the left at {MAX_NAME_OCTETS} octets"),
            )
            .severity(Severity::Note)
            .help("keep as many labels as are needed, as in '%{h2}'"),
        })
    };
    let dynamic = deciding(facts).filter(|(_, record, _, spec, _)| {
        let mut macros = record.parts(&spec.0).iter().filter_map(|part| match part {
            MacroPart::Expand(expand) => Some(expand.letter),
            _ => None,
        });
        // What is wrong with '%{p}' is not its length.
        let first = macros.next();
        first.is_some()
            && first.into_iter().chain(macros).all(|letter| letter != MacroLetter::ValidatedName)
    });
    dynamic.filter_map(finding).collect()
}

fn exists_miss_is_void(facts: &Facts) -> Vec<Finding> {
    let course = &facts.course;
    let over = course.void_over_ip4.or(course.void_over_ip6).or(course.perhaps_void_over);
    if over.is_some() {
        // Then the limit itself is the finding.
        return Vec::new();
    }
    let is_dynamic = |(_, _, term): &(Visit, &FoundRecord, &crate::policy::GraphTerm)| {
        let exists = matches!(mechanism(&term.term), Some(Mechanism::Exists(_)));
        exists && matches!(&term.meaning, Meaning::Dynamic(kind) if kind.kept.is_none())
    };
    let exists: Vec<_> = facts.reached().filter(is_dynamic).collect();
    let [_, .., (visit, found, term)] = exists.as_slice() else { return Vec::new() };
    let text = quoted(&found.record, &term.term);
    let of = match visit.node {
        Graph::ROOT => String::new(),
        node => format!(" of {}", facts.graph.node(node).domain),
    };
    let message = format!(
        "with {text}{of} a stranger's mail can meet {} void lookups, which is the limit",
        exists.len()
    );
    let help =
        "merge the lists behind the 'exists' terms into one, so that a miss costs one lookup";
    vec![Finding::new(facts.term_place(Graph::ROOT, visit.via), message).help(help)]
}
