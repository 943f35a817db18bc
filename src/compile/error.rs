//! Why a policy cannot be compiled, or its output not be published.

use ipnet::IpNet;
use thiserror::Error;

use crate::name::{DomainName, NameError};
use crate::policy::PolicyError;
use crate::proof::{Refutation, ZoneFault};
use crate::target::{ExistsError, FlatError, ShardError};

use super::Spent;
use super::budget::void_terms;

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
        "the record at {name} would stand in the zone {zone}: choose another zone or another --prefix, or make room at the domain"
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
    /// A range that is to stand in the record does not pass through the zone. The
    /// fault is the caller's.
    #[error("the range {range} cannot stand in the record: the zone does not pass all of it")]
    NotInZone {
        /// The range.
        range: IpNet,
    },
    /// The record has no room for the ranges that are to stand in it.
    #[error(
        "with {ranges} ranges in the record, the answer for {name} has {octets} octets, over {most}: {fit} of them fit"
    )]
    InlineTooLong {
        /// Ranges that are to stand in the record.
        ranges: usize,
        /// How many of them have room.
        fit: usize,
        /// The name of the record.
        name: DomainName,
        /// Octets of the answer with all of them.
        octets: usize,
        /// Octets of the largest message.
        most: usize,
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
    /// The output needs more lookups than it may.
    #[error("the output needs {terms} DNS lookup{}, {} over the limit of {limit}: {spent}", if *terms == 1 { "" } else { "s" }, terms - limit)]
    TooManyLookups {
        /// Terms that cause lookups, on the worst path.
        terms: u32,
        /// The limit.
        limit: u32,
        /// What they go to.
        spent: Spent,
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
    #[error("{}", Void { void: *void, limit: *limit, spent })]
    TooManyVoidLookups {
        /// Void lookups of the worse family.
        void: u32,
        /// The limit.
        limit: u32,
        /// Which terms have them.
        spent: Spent,
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
    /// Whether the policy is sound, and only the budget of messages and lookups
    /// is too small for it.
    pub fn is_over_budget(&self) -> bool {
        matches!(
            self,
            CompileError::TooManyLookups { .. }
                | CompileError::TooManyVoidLookups { .. }
                | CompileError::TooManyMxNames { .. }
                | CompileError::Flat(FlatError::Pack(_))
                | CompileError::Exists(ExistsError::Flat(FlatError::Pack(_)))
                | CompileError::Shard(_)
                | CompileError::ZoneTooLarge { .. }
        )
    }

    /// Whether trying again later may help.
    pub fn is_temporary(&self) -> bool {
        match self {
            CompileError::Policy(errors) => errors.iter().all(PolicyError::is_temporary),
            _ => false,
        }
    }
}

/// Void lookups, and what has fewer.
struct Void<'a> {
    void: u32,
    limit: u32,
    spent: &'a Spent,
}

impl std::fmt::Display for Void<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Void { void, limit, spent } = self;
        let (over, terms) = (void - limit, void_terms(&spent.staying));
        write!(
            f,
            "the output has {void} void lookups at worst, {over} over the limit of {limit} ({terms})"
        )?;
        let own = spent.own_void();
        match own > 0 && void.saturating_sub(own) <= *limit {
            true => write!(
                f,
                ": an exists that does not match is one; `--style include` and `--style shard` have none"
            ),
            false => write!(
                f,
                ": each name without records of the client's family counts; leave out such terms"
            ),
        }
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
