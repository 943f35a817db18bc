//! What the lookups of an output go to: its chunks, and each term that stays.
//!
//! Counts and words only; whether there are too many is for the caller to say.

use std::fmt;

use crate::name::DomainName;
use crate::policy::{Graph, GraphTerm, LookupCount, Meaning, NodeId, count_lookups, term_lookups};
use crate::syntax::absolute_term;
use crate::target::OutputRecord;

/// Terms that a message lists at most.
const MOST_LISTED: usize = 12;

/// A term of the output that costs lookups and is no include of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayingTerm {
    /// The term, without its qualifier.
    pub term: String,
    /// Lookups of the term and of all that it leads to.
    pub lookups: u32,
    /// Void lookups of an IPv4 client, at worst.
    pub void_ip4: u32,
    /// Void lookups of an IPv6 client, at worst.
    pub void_ip6: u32,
    /// The compiler wrote it: a macro term.
    pub own: bool,
}

/// What the lookups of an output go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// Includes of chunks.
    pub chunks: u32,
    /// The redirect from a full domain to its record.
    pub moved: u32,
    /// All other terms that cost lookups, in their order.
    pub staying: Vec<StayingTerm>,
}

impl Spent {
    /// Counts for the output that `graph` was read from.
    pub(super) fn new(graph: &Graph, records: &[OutputRecord], zone: Option<&DomainName>) -> Spent {
        let counts = count_lookups(graph);
        let mut spent = Spent::default();
        let mut at = Some(Graph::ROOT);
        while let Some(id) = at.take() {
            let domain = &graph.node(id).domain;
            let Some(found) = graph.node(id).record() else { break };
            for term in &found.terms {
                let written = |child: NodeId| {
                    records.iter().any(|record| record.name == graph.node(child).domain)
                };
                match term.meaning {
                    Meaning::Include(child) if written(child) => spent.chunks += 1,
                    Meaning::Redirect(child) if written(child) && spent.moved == 0 => {
                        spent.moved += 1;
                        at = Some(child);
                    }
                    _ => {
                        let mut count = term_lookups(term);
                        if let Meaning::Include(child) | Meaning::Redirect(child) = term.meaning {
                            let below = counts.get(&child).copied().unwrap_or_default();
                            count = sum(count, below);
                        }
                        if count.terms > 0 {
                            let text = absolute_term(&found.record, &term.term, domain);
                            spent.staying.push(StayingTerm::new(text, count, term, zone));
                        }
                    }
                }
            }
        }
        spent
    }

    /// One lookup for each of these terms, which is the least they cost.
    pub(super) fn at_least<'a>(terms: impl Iterator<Item = &'a String>) -> Spent {
        let staying = terms.map(|term| StayingTerm {
            term: term.clone(),
            lookups: 1,
            void_ip4: 0,
            void_ip6: 0,
            own: false,
        });
        Spent { staying: staying.collect(), ..Spent::default() }
    }

    /// Lookups of the terms that stay, without those that the compiler wrote.
    pub fn for_staying(&self) -> u32 {
        self.staying.iter().filter(|term| !term.own).map(|term| term.lookups).sum()
    }

    /// Void lookups of all terms, for the worse family.
    pub fn void(&self) -> u32 {
        let family = |count: fn(&StayingTerm) -> u32| self.staying.iter().map(count).sum::<u32>();
        family(|term| term.void_ip4).max(family(|term| term.void_ip6))
    }

    /// Void lookups of the terms that the compiler wrote.
    pub fn own_void(&self) -> u32 {
        let own = self.staying.iter().filter(|term| term.own);
        own.map(|term| term.void_ip4.max(term.void_ip6)).sum()
    }
}

fn sum(one: LookupCount, other: LookupCount) -> LookupCount {
    LookupCount {
        terms: one.terms.saturating_add(other.terms),
        void_ip4: one.void_ip4.saturating_add(other.void_ip4),
        void_ip6: one.void_ip6.saturating_add(other.void_ip6),
        ..one
    }
}

impl StayingTerm {
    fn new(
        text: String,
        count: LookupCount,
        term: &GraphTerm,
        zone: Option<&DomainName>,
    ) -> StayingTerm {
        let own = matches!(term.meaning, Meaning::Dynamic(_))
            && zone.is_some_and(|zone| {
                let name = text.rsplit_once("}.").map(|(_, name)| DomainName::parse(name));
                name.is_some_and(|name| name.is_ok_and(|name| name.is_at_or_below(zone)))
            });
        let LookupCount { terms, void_ip4, void_ip6, .. } = count;
        StayingTerm { term: text, lookups: terms, void_ip4, void_ip6, own }
    }
}

impl fmt::Display for Spent {
    /// `3 for chunk records, 2 for terms that stay as they are (include:a.example 2)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match self.chunks {
            0 => {}
            1 => parts.push(String::from("1 for a chunk record")),
            chunks => parts.push(format!("{chunks} for chunk records")),
        }
        if self.moved > 0 {
            parts.push(String::from("1 for the redirect to the record"));
        }
        let own: u32 = self.staying.iter().filter(|term| term.own).map(|term| term.lookups).sum();
        if own > 0 {
            parts.push(format!("{own} for the macro"));
        }
        let terms: Vec<&StayingTerm> = self.staying.iter().filter(|term| !term.own).collect();
        if !terms.is_empty() {
            let lookups = self.for_staying();
            let each = terms.iter().map(|term| format!("{} {}", term.term, term.lookups));
            parts.push(format!(
                "{lookups} for terms that stay as they are ({})",
                listed(each, terms.len())
            ));
        }
        f.write_str(&parts.join(", "))
    }
}

/// The void lookups of each term that has some, for the worse family.
pub(super) fn void_terms(staying: &[StayingTerm]) -> String {
    let family = |count: fn(&StayingTerm) -> u32| staying.iter().map(count).sum::<u32>();
    let worse = match family(|term| term.void_ip4) >= family(|term| term.void_ip6) {
        true => |term: &StayingTerm| term.void_ip4,
        false => |term: &StayingTerm| term.void_ip6,
    };
    let terms: Vec<&StayingTerm> = staying.iter().filter(|term| worse(term) > 0).collect();
    listed(terms.iter().map(|term| format!("{} {}", term.term, worse(term))), terms.len())
}

fn listed(texts: impl Iterator<Item = String>, count: usize) -> String {
    let mut list: Vec<String> = texts.take(MOST_LISTED).collect();
    if count > MOST_LISTED {
        list.push(format!("and {} more", count - MOST_LISTED));
    }
    list.join(", ")
}
