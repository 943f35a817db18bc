//! One record being evaluated, and the place in it.

use std::sync::Arc;

use super::networks::NetworkIndex;
use super::verdict::MatchedTerm;
use crate::name::DomainName;
use crate::syntax::{Parse, Record, Term};

/// A record on the chain of `include` terms that is being evaluated.
#[derive(Debug)]
pub(super) struct Frame {
    /// The record, without syntax errors.
    pub(super) parse: Arc<Parse>,
    /// Where its networks stand, if it is long and used often.
    pub(super) networks: Option<Arc<NetworkIndex>>,
    /// Whose record it is: the current domain.
    pub(super) domain: DomainName,
    /// The index of the next term.
    pub(super) next: usize,
    /// How many `include` and `redirect` terms led here.
    pub(super) level: usize,
    /// The `include` whose record is being evaluated above this one.
    pub(super) open: Option<OpenInclude>,
}

/// An `include` that waits for the result of its record.
#[derive(Debug)]
pub(super) struct OpenInclude {
    /// The term, in the record of its frame.
    pub(super) term: Term,
    /// Its entry in the trace.
    pub(super) entry: Option<usize>,
    /// Its target, where its result is to be kept for later.
    pub(super) keep_as: Option<DomainName>,
    /// The terms and void lookups counted before it.
    pub(super) before: Cost,
}

/// Terms and void lookups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) terms: u32,
    pub(super) void: u32,
}

impl Frame {
    pub(super) fn new(
        parse: Arc<Parse>,
        networks: Option<Arc<NetworkIndex>>,
        domain: DomainName,
        level: usize,
    ) -> Frame {
        Frame { parse, networks, domain, next: 0, level, open: None }
    }

    pub(super) fn matched(&self, term: Term) -> MatchedTerm {
        MatchedTerm { domain: self.domain.clone(), parse: Arc::clone(&self.parse), term }
    }
}

/// The place in a policy where something is asked or goes wrong. It costs
/// nothing until its text is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site<'a> {
    /// The current domain.
    pub(super) domain: &'a DomainName,
    /// The record and the term; none while the first record is looked for.
    pub(super) at: Option<(&'a Record, &'a Term)>,
}

impl<'a> Site<'a> {
    pub(super) fn of_domain(domain: &'a DomainName) -> Site<'a> {
        Site { domain, at: None }
    }

    pub(super) fn of_term(domain: &'a DomainName, record: &'a Record, term: &'a Term) -> Site<'a> {
        Site { domain, at: Some((record, term)) }
    }

    /// The text of the term, where there is one.
    pub(super) fn term(&self) -> Option<String> {
        self.at.map(|(record, term)| record.slice_text(term.span))
    }

    /// The text of the term; empty while the first record is looked for.
    pub(super) fn term_text(&self) -> String {
        self.term().unwrap_or_default()
    }
}
