//! Why an evaluation ends in permerror or temperror, as typed data.

use std::sync::Arc;

use thiserror::Error;

use crate::dns::{Failure, Question};
use crate::name::{DomainName, NameError};
use crate::outcome::SpfResult;
use crate::syntax::{Parse, SyntaxError};

/// The reason of a permerror, the policy's author's to mend, or of a
/// temperror, the DNS servers' (RFC 7208 sections 2.6.6 and 2.6.7).
///
/// `domain` is whose record it is, `term` the term of it as written, with what
/// is not ASCII replaced.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The record breaks the grammar, perhaps in several places (section 4.6).
    #[error("the record of {domain} has a syntax error: {}", first_error(parse))]
    Syntax {
        /// Whose record it is.
        domain: DomainName,
        /// The record with all its errors, at least one.
        parse: Arc<Parse>,
    },
    /// More than one SPF record (section 4.5).
    #[error("{domain} has {count} SPF records")]
    SeveralRecords {
        /// The name that has them.
        domain: DomainName,
        /// How many there are.
        count: usize,
    },
    /// An `include` or `redirect` of a domain without a record (sections 5.2 and 6.1).
    #[error("{term} of {domain}: {target} has no SPF record")]
    NoRecord {
        /// Whose record it is.
        domain: DomainName,
        /// The `include` or `redirect`.
        term: String,
        /// The name without a record.
        target: DomainName,
    },
    /// An `include` or `redirect` of what is no DNS name after expansion (section 4.8).
    #[error("{term} of {domain}: its target {error}")]
    Target {
        /// Whose record it is.
        domain: DomainName,
        /// The `include` or `redirect`.
        term: String,
        /// What is wrong with the name.
        error: TargetError,
    },
    /// Too many terms that cause DNS queries (section 4.6.4).
    #[error("{term} of {domain} is the term after the limit of {limit} that cause DNS queries")]
    LookupTerms {
        /// Whose record it is.
        domain: DomainName,
        /// The first term over the limit.
        term: String,
        /// The limit.
        limit: u32,
    },
    /// Too many void lookups (section 4.6.4).
    #[error("{term} of {domain} makes more than {limit} void lookups")]
    VoidLookups {
        /// Whose record it is.
        domain: DomainName,
        /// The term of the first void lookup over the limit.
        term: String,
        /// The limit.
        limit: u32,
    },
    /// Too many host names of one `mx` (section 4.6.4).
    #[error("{term} of {domain} has {names} mail exchanges, more than {limit}")]
    MxNames {
        /// Whose record it is.
        domain: DomainName,
        /// The `mx`.
        term: String,
        /// How many names there are.
        names: usize,
        /// The limit.
        limit: u32,
    },
    /// A bound on the work that a policy may ask for, whatever its limits.
    #[error("{domain}{}: {ceiling}", of_term(term))]
    Ceiling {
        /// Whose record it is.
        domain: DomainName,
        /// The term at which the ceiling was met; none where it is the record itself.
        term: Option<String>,
        /// Which ceiling.
        ceiling: Ceiling,
    },
    /// DNS gave no answer (section 2.6.6).
    #[error("{domain}{}: {question}: {failure}", of_term(term))]
    Dns {
        /// Whose record it is, or would be.
        domain: DomainName,
        /// The term that asked; none for the record of the checked domain.
        term: Option<String>,
        /// What was asked.
        question: Question,
        /// What came of it.
        failure: Failure,
    },
}

impl Problem {
    /// The result that the problem gives.
    pub fn result(&self) -> SpfResult {
        match self {
            Problem::Dns { .. } => SpfResult::Temperror,
            _ => SpfResult::Permerror,
        }
    }

    /// Whose record the problem is in.
    pub fn domain(&self) -> &DomainName {
        match self {
            Problem::Syntax { domain, .. }
            | Problem::SeveralRecords { domain, .. }
            | Problem::NoRecord { domain, .. }
            | Problem::Target { domain, .. }
            | Problem::LookupTerms { domain, .. }
            | Problem::VoidLookups { domain, .. }
            | Problem::MxNames { domain, .. }
            | Problem::Ceiling { domain, .. }
            | Problem::Dns { domain, .. } => domain,
        }
    }

    /// The term that the problem is in, where it is in one.
    pub fn term(&self) -> Option<String> {
        match self {
            Problem::Syntax { parse, .. } => {
                parse.errors.first().map(|error| parse.record.slice_text(error.term))
            }
            Problem::SeveralRecords { .. } => None,
            Problem::NoRecord { term, .. }
            | Problem::Target { term, .. }
            | Problem::LookupTerms { term, .. }
            | Problem::VoidLookups { term, .. }
            | Problem::MxNames { term, .. } => Some(term.clone()),
            Problem::Ceiling { term, .. } | Problem::Dns { term, .. } => term.clone(),
        }
    }

    /// All syntax errors of the record, with places in it; none for any other problem.
    pub fn syntax_errors(&self) -> &[SyntaxError] {
        match self {
            Problem::Syntax { parse, .. } => &parse.errors,
            _ => &[],
        }
    }
}

/// The ceilings of [`Ceilings`](crate::limits::Ceilings), each with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Ceiling {
    /// Records on one chain of `include` and `redirect`: most often a loop.
    #[error("more than {0} levels of include and redirect, perhaps a loop")]
    Levels(usize),
    /// Distinct questions.
    #[error("more than {0} DNS questions")]
    Questions(usize),
    /// Octets of all answers together.
    #[error("more than {0} octets of DNS answers")]
    Octets(usize),
    /// Terms to evaluate, and addresses to compare the client's with.
    #[error("more than {0} terms and addresses to compare with")]
    Prefixes(usize),
}

/// Why an expanded domain-spec names nothing that DNS could be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The text is no DNS name.
    #[error("{0}")]
    Name(NameError),
    /// Nothing is left of it.
    #[error("is empty")]
    Empty,
    /// It holds a local-part that is not ASCII (RFC 8616 section 4).
    #[error("holds a local-part that is not ASCII")]
    LocalPart,
}

fn first_error(parse: &Parse) -> String {
    let text = parse.record.text();
    let described = |error: &SyntaxError| {
        let term = error.term.of(text).escape_ascii();
        format!("{term}: {}", error.describe(text))
    };
    let rest = match parse.errors.len() {
        0 | 1 => String::new(),
        errors => format!(" (and {} more)", errors - 1),
    };
    parse.errors.first().map(described).unwrap_or_default() + &rest
}

fn of_term(term: &Option<String>) -> String {
    term.as_ref().map(|term| format!(": {term}")).unwrap_or_default()
}
