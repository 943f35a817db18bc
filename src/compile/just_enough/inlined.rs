//! What was inlined, and why: for people and for documents.

use std::collections::HashSet;
use std::fmt;

use crate::name::DomainName;

use super::tree::Tree;

/// A term in whose place its answers stand now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// The term, without its qualifier, as it reads in any record.
    pub term: String,
    /// The domain whose record it stands in.
    pub domain: DomainName,
    /// The name that it leads to, which is inlined wherever it occurs.
    pub target: DomainName,
    /// Why it was chosen.
    pub why: WhyInlined,
}

/// What inlining a term gains and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhyInlined {
    /// Lookups of the term itself.
    pub lookups: u32,
    /// Void lookups of the term itself, for the worse family.
    pub void: u32,
    /// Ranges that its answers bring to the record, those of nested targets
    /// not included.
    pub ranges: usize,
    /// Octets of the terms for them, before they are merged with others.
    pub octets: usize,
    /// The shortest TTL of these answers, in seconds, where one is known.
    pub ttl: Option<u32>,
    /// There was no choice: a term of it is left out, its final `all` is
    /// changed, or an `mx` of it has too many hosts.
    pub required: bool,
}

impl fmt::Display for WhyInlined {
    /// `saves 1 lookup, adds 3 ranges in 41 octets, TTL 300`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.required {
            f.write_str("cannot stay as it is, ")?;
        }
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, "saves {} lookup{}", self.lookups, plural(self.lookups as usize))?;
        if self.void > 0 {
            write!(f, " ({} void)", self.void)?;
        }
        match self.ranges {
            0 => f.write_str(", adds no range of its own")?,
            ranges => {
                write!(f, ", adds {ranges} range{} in {} octets", plural(ranges), self.octets)?;
            }
        }
        match self.ttl {
            Some(ttl) => write!(f, ", TTL {ttl}"),
            None => Ok(()),
        }
    }
}

impl Tree {
    /// The terms that are no more when these targets are inlined.
    pub(super) fn inlined(&self, targets: &[usize]) -> Vec<Inlined> {
        let mut seen = HashSet::new();
        let gone = self.terms.iter().filter(|term| {
            let read = term.parent.is_none_or(|parent| targets.contains(&parent));
            read && targets.contains(&term.target) && seen.insert((&term.text, &term.domain))
        });
        let inlined = gone.filter_map(|term| {
            let figures = self.figures[term.target];
            let why = WhyInlined {
                lookups: term.lookups.terms,
                void: term.lookups.void(),
                ranges: figures.ranges,
                octets: figures.octets,
                ttl: figures.ttl,
                required: !self.problem.targets[term.target].may_stay,
            };
            let (text, domain) = (term.text.clone(), term.domain.clone());
            Some(Inlined { term: text, domain, target: self.names[term.target].clone()?, why })
        });
        inlined.collect()
    }

    /// These targets without those that are kept.
    pub(super) fn without(&self, targets: &[usize], keep: &HashSet<DomainName>) -> Vec<usize> {
        let kept =
            |target: &usize| self.names[*target].as_ref().is_some_and(|it| keep.contains(it));
        targets.iter().copied().filter(|target| !kept(target)).collect()
    }

    /// The names of all targets that are not among these.
    pub(super) fn all_but(&self, inlined: &[usize]) -> HashSet<DomainName> {
        let live = (0..self.names.len())
            .filter(|target| self.problem.targets[*target].may_inline && !inlined.contains(target));
        live.filter_map(|target| self.names[target].clone()).collect()
    }
}
