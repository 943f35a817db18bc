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
    /// `1 lookup less for 3 ranges (41 octets) that may change after 300 s`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.required {
            f.write_str("it cannot stay as it is; ")?;
        }
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        write!(f, "{} lookup{}", self.lookups, plural(self.lookups))?;
        if self.void > 0 {
            write!(f, ", {} of them void,", self.void)?;
        }
        match self.ranges {
            0 => f.write_str(" less for no range of its own")?,
            ranges => {
                let plural = if ranges == 1 { "" } else { "s" };
                write!(f, " less for {ranges} range{plural} ({} octets)", self.octets)?;
            }
        }
        match self.ttl {
            Some(ttl) => write!(f, ", its answers held for {ttl} s"),
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
        let inlined = gone.map(|term| {
            let figures = self.figures[term.target];
            let why = WhyInlined {
                lookups: term.lookups.terms,
                void: term.lookups.void(),
                ranges: figures.ranges,
                octets: figures.octets,
                ttl: figures.ttl,
                required: !self.problem.targets[term.target].may_stay,
            };
            Inlined { term: term.text.clone(), domain: term.domain.clone(), why }
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
