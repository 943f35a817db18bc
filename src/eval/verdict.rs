//! What `check_host()` gives: the result and how it came about.

use std::sync::Arc;

use super::problem::Problem;
use super::trace::TraceEntry;
use crate::name::DomainName;
use crate::outcome::SpfResult;
use crate::syntax::{Parse, Term};

/// The outcome of one evaluation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Evaluation {
    /// The result (RFC 7208 section 2.6).
    pub result: SpfResult,
    /// The text of `exp=` on fail, expanded; every octet but visible ASCII and
    /// blanks is `?`. `None` stands for the receiver's own text.
    pub explanation: Option<String>,
    /// The directive that decided, from the one in the record of the result
    /// through its includes to the term that matched; empty for the default
    /// result and for errors.
    pub path: Vec<MatchedTerm>,
    /// Why the result is permerror or temperror.
    pub problem: Option<Problem>,
    /// What this evaluation cost.
    pub lookups: Lookups,
    /// Every term that was evaluated, where a trace was asked for.
    pub trace: Vec<TraceEntry>,
}

impl Evaluation {
    /// The term that matched, wherever it stands.
    pub fn matched(&self) -> Option<&MatchedTerm> {
        self.path.last()
    }

    /// The directive that gave the result: an `include` where the term that
    /// matched stands in an included record.
    pub fn directive(&self) -> Option<&MatchedTerm> {
        self.path.first()
    }
}

/// A term that matched, and the record that it stands in.
#[derive(Clone, Debug)]
pub struct MatchedTerm {
    pub(super) domain: DomainName,
    pub(super) parse: Arc<Parse>,
    pub(super) term: Term,
}

impl MatchedTerm {
    /// Whose record it is.
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The term as written, with its qualifier.
    pub fn term(&self) -> String {
        self.parse.record.slice_text(self.term.span)
    }

    /// The name of the mechanism, in lower case.
    pub fn mechanism(&self) -> String {
        let term = self.parse.record.print_term(&self.term);
        let name = term.trim_start_matches(['-', '~', '?']);
        name.split([':', '/']).next().unwrap_or_default().to_owned()
    }
}

/// What one evaluation cost in DNS (RFC 7208 section 4.6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lookups {
    /// Terms that cause DNS queries, as many as were evaluated.
    pub terms: u32,
    /// Void lookups.
    pub void: u32,
    /// Void lookups of a client with an IPv4 address; 0 for any other client.
    pub void_ip4: u32,
    /// Void lookups of a client with an IPv6 address; 0 for any other client.
    pub void_ip6: u32,
    /// Distinct questions to DNS.
    pub queries: u32,
}
