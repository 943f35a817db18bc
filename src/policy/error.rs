//! Why a policy cannot be compiled, and whose fault it is.

use std::fmt;

use thiserror::Error;

use crate::dns::{Failure, Question};
use crate::name::{DomainName, NameError};
use crate::syntax::SyntaxError;

/// What stops the evaluation of a policy at some term, for the addresses that
/// reach it: what a receiver calls permerror or temperror.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyError {
    /// The domain whose record holds the mistake.
    pub domain: DomainName,
    /// The term, as written; `None` where the record as a whole is meant.
    pub term: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

impl PolicyError {
    /// Whether trying again later may help: a temperror, not a permerror.
    pub fn is_temporary(&self) -> bool {
        matches!(self.fault, Fault::Dns { .. })
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.domain)?;
        if let Some(term) = &self.term {
            write!(f, ", term '{}'", term.escape_debug())?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl std::error::Error for PolicyError {}

/// The kinds of mistakes. All but [`Fault::Dns`] are the record author's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The name has no SPF record.
    #[error("{name} has no SPF record")]
    NoRecord {
        /// The name that was asked for its TXT records.
        name: DomainName,
    },
    /// The name has more than one SPF record (RFC 7208 section 4.5).
    #[error("{name} has {count} SPF records, which is an error even if they are the same")]
    SeveralRecords {
        /// The name that was asked for its TXT records.
        name: DomainName,
        /// How many there are.
        count: usize,
    },
    /// The record breaks the grammar (RFC 7208 section 4.6).
    #[error("{}", Mistakes(text, errors))]
    Syntax {
        /// The record.
        text: Box<[u8]>,
        /// All its mistakes.
        errors: Vec<SyntaxError>,
    },
    /// The target is no name that DNS can be asked for.
    #[error("'{}' {reason}", text.escape_debug())]
    Target {
        /// The target after macro expansion.
        text: String,
        /// Why it is no name.
        reason: NameError,
    },
    /// The includes and redirects lead back to where they came from.
    #[error("the chain {} never ends", Chain(chain))]
    Loop {
        /// The domains of the loop, the first one again at the end.
        chain: Vec<DomainName>,
    },
    /// A ceiling on the work that a policy can ask for.
    #[error("{0}")]
    Ceiling(Ceiling),
    /// DNS gave no answer. The fault lies with the servers of the name.
    #[error("asking for {question}: {failure}")]
    Dns {
        /// What was asked.
        question: Question,
        /// What went wrong.
        failure: Failure,
    },
}

/// The ceilings of [`crate::limits::Ceilings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Ceiling {
    /// Too many distinct questions.
    #[error("the policy asks for more than {0} distinct DNS questions")]
    Questions(usize),
    /// Too long a chain of includes and redirects.
    #[error("the policy nests includes and redirects more than {0} levels deep")]
    Levels(usize),
    /// Too many octets of answers.
    #[error("the policy needs more than {0} octets of DNS answers")]
    Octets(usize),
    /// Too many prefixes.
    #[error("the policy has more than {0} address prefixes")]
    Prefixes(usize),
}

struct Mistakes<'a>(&'a [u8], &'a [SyntaxError]);

impl fmt::Display for Mistakes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record has a syntax error: ")?;
        for (index, error) in self.1.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let place = error.span.start;
            write!(f, "{separator}{} (at octet {place})", error.describe(self.0))?;
        }
        Ok(())
    }
}

struct Chain<'a>(&'a [DomainName]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, domain) in self.0.iter().enumerate() {
            let arrow = if index == 0 { "" } else { " → " };
            write!(f, "{arrow}{domain}")?;
        }
        Ok(())
    }
}
