//! What the `ip4` and `ip6` terms of the domain's own records say.

use std::fmt;
use std::net::Ipv4Addr;

use crate::addr::{Address, Prefix, SpecialKind, SpecialUse};
use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, FixKind};
use crate::lint::rules::order::with_blanks;
use crate::lint::terms::{mechanism, quoted};
use crate::name::DomainName;
use crate::policy::{Graph, GraphTerm, Meaning, NodeId};
use crate::syntax::{Mechanism, Record, Span};

/// Names whose zones are examples, and where documentation addresses are at
/// home (RFC 2606, RFC 6761).
const EXAMPLES: &[&[&[u8]]] = &[
    &[b"example"],
    &[b"test"],
    &[b"invalid"],
    &[b"localhost"],
    &[b"example", b"com"],
    &[b"example", b"net"],
    &[b"example", b"org"],
];

/// A literal term of one of the domain's own records.
struct Literal<'a> {
    node: NodeId,
    index: usize,
    record: &'a Record,
    term: &'a GraphTerm,
}

impl Literal<'_> {
    fn finding(&self, facts: &Facts, message: String) -> Finding {
        Finding::new(facts.term_place(self.node, self.index), message)
    }

    fn text(&self) -> String {
        quoted(self.record, &self.term.term)
    }

    fn special_use(&self) -> Option<SpecialUse> {
        match self.term.meaning {
            Meaning::Ip4(prefix) => prefix.special_use(),
            Meaning::Ip6(prefix) => prefix.special_use(),
            _ => None,
        }
    }

    /// The term with the blanks before it.
    fn with_blanks(&self) -> Span {
        with_blanks(self.record, &self.term.term)
    }
}

/// The literal terms that some client may reach.
fn literals<'a>(facts: &'a Facts) -> Vec<Literal<'a>> {
    let mut literals = Vec::new();
    for (node, found) in facts.own_records() {
        for (index, term) in found.terms.iter().enumerate() {
            if matches!(term.meaning, Meaning::Ip4(_) | Meaning::Ip6(_)) {
                literals.push(Literal { node, index, record: &found.record, term });
            }
        }
    }
    literals
}

/// Edits are of the domain's own record; those of other records are told.
fn with_fix(
    finding: Finding,
    literal: &Literal,
    kind: FixKind,
    span: Span,
    text: String,
) -> Finding {
    match literal.node {
        Graph::ROOT => finding.fix(kind, span, text),
        _ => finding,
    }
}

pub(super) fn host_bits_set(facts: &Facts) -> Vec<Finding> {
    let effects = facts.effects.as_ref();
    let redundant = |literal: &Literal| {
        let own = literal.node == Graph::ROOT;
        own && effects.is_some_and(|effects| effects.of(literal.index).is_redundant())
    };
    let finding = |literal: Literal| {
        let (span, prefix, address, first_and_last) = match mechanism(&literal.term.term)? {
            Mechanism::Ip4(network) => {
                let prefix = Prefix::new(network.address.to_bits(), network.length?);
                let apart = prefix.first() != network.address.to_bits();
                apart.then(|| {
                    (network.span, shown(prefix), network.address.to_string(), range(prefix))
                })
            }
            Mechanism::Ip6(network) => {
                let prefix = Prefix::new(network.address.to_bits(), network.length?);
                let apart = prefix.first() != network.address.to_bits();
                apart.then(|| {
                    (network.span, shown(prefix), network.address.to_string(), range(prefix))
                })
            }
            _ => None,
        }?;
        let message = format!(
            "{} has bits set behind its prefix: it matches all of {first_and_last}",
            literal.text()
        );
        let help = format!("write '{prefix}', or '{address}' if only that host is meant");
        let finding = literal.finding(facts, message).help(help);
        Some(with_fix(finding, &literal, FixKind::Equivalent, span, prefix))
    };
    literals(facts).into_iter().filter(|literal| !redundant(literal)).filter_map(finding).collect()
}

fn shown<A: Address>(prefix: Prefix<A>) -> String
where
    Prefix<A>: fmt::Display,
{
    prefix.to_string()
}

fn range<A: Address>(prefix: Prefix<A>) -> String {
    prefix.range().to_string()
}

pub(super) fn private_address(facts: &Facts) -> Vec<Finding> {
    let finding = |literal: Literal| {
        let special = literal.special_use().filter(|use_| use_.kind == SpecialKind::Private)?;
        let message = format!(
            "{} is {} ({}): no mail from there reaches a receiver elsewhere",
            literal.text(),
            special.name,
            special.reference
        );
        let help = "list the public addresses that the mail leaves your network from";
        let finding = literal.finding(facts, message).help(help);
        Some(with_fix(finding, &literal, FixKind::Offered, literal.with_blanks(), String::new()))
    };
    literals(facts).into_iter().filter_map(finding).collect()
}

pub(super) fn special_use_address(facts: &Facts) -> Vec<Finding> {
    let finding = |literal: Literal| {
        let special = literal.special_use()?;
        let at_home = match special.kind {
            SpecialKind::Private | SpecialKind::Mapped => true,
            SpecialKind::Documentation => {
                facts.shown(&facts.domain).is_some_and(|domain| is_example(&domain))
            }
            SpecialKind::Other => false,
        };
        if at_home {
            return None;
        }
        let message = format!(
            "{} is {} ({}), so no mail server sends from it",
            literal.text(),
            special.name,
            special.reference
        );
        let help = match special.kind {
            SpecialKind::Documentation => {
                "this address stands in examples; put your own in its place"
            }
            _ => "delete the term, or list the addresses that were meant",
        };
        let finding = literal.finding(facts, message).help(help);
        Some(with_fix(finding, &literal, FixKind::Offered, literal.with_blanks(), String::new()))
    };
    literals(facts).into_iter().filter_map(finding).collect()
}

/// Whether a domain is one for examples and tests.
fn is_example(domain: &DomainName) -> bool {
    let labels: Vec<Vec<u8>> = domain.labels().map(<[u8]>::to_ascii_lowercase).collect();
    EXAMPLES.iter().any(|example| {
        let end = labels.len().checked_sub(example.len()).and_then(|begin| labels.get(begin..));
        end.is_some_and(|end| end.iter().zip(*example).all(|(label, wanted)| label == wanted))
    })
}

pub(super) fn mapped_address(facts: &Facts) -> Vec<Finding> {
    let finding = |literal: Literal| {
        literal.special_use().filter(|special| special.kind == SpecialKind::Mapped)?;
        let Meaning::Ip6(prefix) = literal.term.meaning else { return None };
        let first = Ipv4Addr::from_bits(prefix.first() as u32).to_bits();
        let meant = Prefix::new(first, prefix.length().saturating_sub(96));
        let term = format!("{}ip4:{meant}", literal.term.qualifier.prefix());
        let message = format!(
            "{} never matches: a client with an IPv4-mapped address is an IPv4 client",
            literal.text()
        );
        let finding =
            literal.finding(facts, message).help(format!("write '{term}' if that is meant"));
        Some(with_fix(finding, &literal, FixKind::Offered, literal.term.term.span, term))
    };
    literals(facts).into_iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_from_other_names() {
        let name = |text: &str| DomainName::parse(text).unwrap();
        for text in ["example", "a.test", "EXAMPLE.com", "x.y.example.org", "localhost"] {
            assert!(is_example(&name(text)), "{text}");
        }
        for text in ["com", "example.co", "notexample.com", "example.com.de", "."] {
            assert!(!is_example(&name(text)), "{text}");
        }
    }
}
