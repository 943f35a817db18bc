//! What an evaluation did, term by term, for people to read.
//!
//! Kept only when asked for: it costs more than the evaluation.

use crate::name::DomainName;

/// One term that was evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceEntry {
    /// How many `include` and `redirect` terms led to the record.
    pub depth: usize,
    /// Whose record it is.
    pub domain: DomainName,
    /// The term as written, with what is not ASCII replaced.
    pub term: String,
    /// What came of it.
    pub outcome: TermOutcome,
}

/// What came of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TermOutcome {
    /// The mechanism matched: the record is decided.
    Match,
    /// The mechanism did not match.
    NoMatch,
    /// The target is no DNS name, so the mechanism did not match (RFC 7208 section 4.8).
    NotAName,
    /// The redirect was followed.
    Followed,
    /// The evaluation ended in a permerror or temperror here.
    Error,
}

impl TermOutcome {
    /// A word for it, as machines read it.
    pub fn as_str(self) -> &'static str {
        match self {
            TermOutcome::Match => "match",
            TermOutcome::NoMatch => "no-match",
            TermOutcome::NotAName => "not-a-name",
            TermOutcome::Followed => "followed",
            TermOutcome::Error => "error",
        }
    }
}
