//! Why a policy cannot be compiled, or its output not be published.

use thiserror::Error;

use crate::name::{DomainName, NameError};
use crate::policy::PolicyError;
use crate::proof::{Refutation, ZoneFault};
use crate::target::{ExistsError, FlatError, ShardError};

/// Why there is no output.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The policy itself is in error. The fault lies with the authors of its
    /// records, or with DNS where all errors are temporary.
    #[error("{}", Listed(.0))]
    Policy(Vec<PolicyError>),
    /// Receivers check no domain of a single label (RFC 7208 section 4.3). The
    /// fault is the caller's.
    #[error("{0} has a single label: receivers check no policy there")]
    SingleLabel(DomainName),
    /// A term to be left out stands in no record. The fault is the caller's.
    #[error("no record of the policy holds the term '{}' that is to be left out", .0.escape_debug())]
    NoSuchTerm(String),
    /// A target to be kept is none of the policy's. The fault is the caller's.
    #[error("no term of the policy has the target {0} that is to be kept")]
    NothingToKeep(DomainName),
    /// The default cannot be changed. The fault is the caller's.
    #[error("the default of {0} cannot be changed: {1}")]
    Default(DomainName, &'static str),
    /// Dynamic terms that no single record can hold in one order.
    #[error(
        "the terms that only the message can decide stand in different orders for different addresses"
    )]
    Inexpressible,
    /// The records have no room.
    #[error(transparent)]
    Flat(#[from] FlatError),
    /// The zone of a macro record cannot be used. The fault is the caller's.
    #[error("the zone {zone} {reason}")]
    Zone {
        /// The zone.
        zone: DomainName,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A record would stand inside the zone of the clients' names, whose
    /// servers do not hold it. The fault is the caller's.
    #[error(
        "the record at {name} would stand in the zone {zone}: choose another zone, or make room at the domain"
    )]
    ZoneRecord {
        /// The zone.
        zone: DomainName,
        /// The record's name.
        name: DomainName,
    },
    /// Ranges that take too many wildcards.
    #[error(
        "the static zone would have {records} records, over {most}: --style shard needs fewer, a responder none"
    )]
    ZoneTooLarge {
        /// Records of the zone.
        records: u64,
        /// The most there may be.
        most: u64,
    },
    /// A term to be left out stands in a part that stays as it is. The fault is
    /// the caller's.
    #[error("the term '{}' stands in the policy of {name}, which stays as it is: it would not be left out", term.escape_debug())]
    KeptTerm {
        /// The term.
        term: String,
        /// The kept target.
        name: DomainName,
    },
    /// A macro record cannot be written.
    #[error(transparent)]
    Exists(#[from] ExistsError),
    /// The names of a zone have no room.
    #[error("a name in the zone {zone} {reason}")]
    ZoneName {
        /// The zone.
        zone: DomainName,
        /// What is wrong with the name.
        reason: NameError,
    },
    /// The zone of a macro record has no sound policy for some clients. The
    /// fault lies with who keeps the zone.
    #[error("the zone {zone}: {fault}")]
    ClientZone {
        /// The zone.
        zone: DomainName,
        /// What is wrong with it.
        fault: ZoneFault,
    },
    /// The records of a static zone have no room.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// What was generated cannot be read back: a mistake of this program.
    #[error("the generated zone cannot be read back, so nothing is printed: {0}")]
    Unreadable(String),
    /// The output needs more lookups than receivers do.
    #[error("{}", Lookups { terms: *terms, chunks: *chunks as u32, limit: *limit })]
    TooManyLookups {
        /// Terms that cause lookups, on the worst path.
        terms: u32,
        /// How many of them include a chunk.
        chunks: usize,
        /// The limit.
        limit: u32,
    },
    /// A term that stays has more mail exchanges than receivers look at.
    #[error("a kept mx term has {names} host names, over the limit of {limit}")]
    TooManyMxNames {
        /// Host names of the term.
        names: u32,
        /// The limit.
        limit: u32,
    },
    /// The output has more void lookups than receivers do.
    #[error("the output has {void} void lookups at worst, {} over the limit of {limit}: {advice}", void - limit)]
    TooManyVoidLookups {
        /// Void lookups of the worse family.
        void: u32,
        /// The limit.
        limit: u32,
        /// What helps.
        advice: &'static str,
    },
    /// The policy that was read is this program's own output.
    #[error(
        "the published record is already the output: the policy of {domain} reaches {name}, which this run \
         would write; keep the source at another name and read it with --source NAME or --record @FILE"
    )]
    AlreadyOutput {
        /// The policy's domain.
        domain: DomainName,
        /// The name that is read and would be written.
        name: DomainName,
    },
    /// A name to be written holds something else.
    #[error(
        "{name} already holds TXT records that are no chunk of this policy; --overwrite replaces them"
    )]
    NameTaken {
        /// The name.
        name: DomainName,
    },
    /// A name to be written is an alias, which can hold no records.
    #[error("{name} is an alias (CNAME) of {target} and can hold no record of its own")]
    Alias {
        /// The name.
        name: DomainName,
        /// Where it leads.
        target: DomainName,
    },
    /// The output does not mean what the source means: a mistake of this
    /// program, which therefore prints no record.
    #[error("the output could not be proven to mean the same, so nothing is printed: {0}")]
    Unproven(Refutation),
}

impl CompileError {
    /// Whether trying again later may help.
    pub fn is_temporary(&self) -> bool {
        match self {
            CompileError::Policy(errors) => errors.iter().all(PolicyError::is_temporary),
            _ => false,
        }
    }
}

/// What an output costs, and what costs less.
struct Lookups {
    terms: u32,
    chunks: u32,
    limit: u32,
}

impl std::fmt::Display for Lookups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Lookups { terms, chunks, limit } = *self;
        let staying = terms.saturating_sub(chunks);
        write!(
            f,
            "the output needs {terms} DNS lookups, {} over the limit of {limit}",
            terms - limit
        )?;
        match chunks {
            0 => write!(f, ": all of them for terms that stay as they are"),
            _ => {
                write!(f, ": {chunks} for chunk records, {staying} for terms that stay as they are")
            }
        }?;
        if chunks > 0 && staying < limit {
            write!(f, "; `spfc macro` needs {}", staying + 1)?;
        }
        Ok(())
    }
}

struct Listed<'a>(&'a [PolicyError]);

impl std::fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}
