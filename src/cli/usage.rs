//! The caller's mistakes, and domains as callers write them.

use thiserror::Error;

use super::global::Format;
use crate::escape;
use crate::name::{DomainName, NameError};

/// A mistake in the arguments that the argument parser does not see.
#[derive(Debug, Error)]
pub(super) enum UsageError {
    /// Text that is no domain name.
    #[error("'{}' {reason}", escape::text(text))]
    Domain {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Text that names nothing.
    #[error("'{}' names no domain", escape::text(.0))]
    NoDomain(String),
    /// Neither a domain nor a sender nor a HELO name.
    #[error("nothing to check: give a DOMAIN, a --sender or a --helo name")]
    NothingToCheck,
    /// An update without a key.
    #[error("--apply wants the key of the updates: --tsig-key FILE")]
    NoKey,
    /// Neither an address nor a batch.
    #[error("--ip is missing: whose address is checked?")]
    NoAddress,
    /// Two flags that exclude each other.
    #[error("{0} cannot be used with {1}")]
    Excluded(&'static str, &'static str),
    /// Two files and one standard output.
    #[error("--output rbldnsd prints one of two files: --family says which")]
    NoFamily,
    /// A flag that only goes with another one.
    #[error("{0} goes with {1} alone")]
    OnlyWith(&'static str, &'static str),
    /// A policy whose outcomes need zones of their own.
    #[error(
        "the policy needs {zones} zones, one for each outcome, and --output rbldnsd writes one: another style \
         or output has them all"
    )]
    SeveralZones {
        /// How many zones.
        zones: usize,
    },
    /// A server that only its own zone could name the address of.
    #[error(
        "--ns {0} lies in the zone itself, which holds no address: name a server outside of it"
    )]
    OwnServer(DomainName),
    /// A flag that means nothing to the subcommand.
    #[error("{flag} means nothing to 'spfc {command}'")]
    NotHere {
        /// The flag.
        flag: &'static str,
        /// The subcommand.
        command: &'static str,
    },
    /// A format that the subcommand does not have.
    #[error("'spfc {command}' has no --format {format}")]
    Format {
        /// The format.
        format: Format,
        /// The subcommand.
        command: &'static str,
    },
    /// A record that does not begin as one.
    #[error("--record: {0} is no SPF record, it does not begin with 'v=spf1'")]
    NoRecord(String),
    /// A file of records where one is wanted.
    #[error("--record: {path} has {lines} lines, but a record is one")]
    RecordLines {
        /// The file.
        path: String,
        /// How many lines it has.
        lines: usize,
    },
    /// A domain where DNS is not asked.
    #[error("--offline lints texts, and {0} is a domain: give its record or a file")]
    Offline(DomainName),
    /// Something that is no file, to be written.
    #[error("--write writes files, and {} is none: --fix alone prints the record", escape::text(.0))]
    NoFile(String),
    /// A file whose name says of no form of picture.
    #[error("{}: the name of a picture ends in .png or .svg", escape::text(.0))]
    NoPicture(String),
    /// A rule that is none.
    #[error("no rule has the code or the name '{}'; --rules lists them", escape::text(.0))]
    NoRule(String),
    /// A subcommand that is none.
    #[error("'spfc {}' is no command; 'spfc --help' lists them", escape::text(.0))]
    NoCommand(String),
    /// A file without the policy that it should hold.
    #[error("{0} has no SPF record of {1}; --record gives the one that goes with a zone, as A's")]
    NotInFile(String, DomainName),
    /// A file of several policies.
    #[error("which policy of {0} is meant? write '{0}#DOMAIN'")]
    Which(String),
    /// A file that a bulk run cannot read as a list.
    #[error(
        "--jobs reads lists, a domain or record a line: {0} is none by its name; --file takes it for one"
    )]
    NoList(String),
    /// Neither a target nor a recording's domains.
    #[error(
        "nothing to lint: give a domain, a record or a file, or a lock file as --lock or --dns-file"
    )]
    NothingToLint,
    /// A comparison with a recording of other domains.
    #[error("{0} records the policy of none of the linted domains")]
    NotLocked(String),
    /// More names than are looked at.
    #[error("{file} has {count} names below {domain}, and at most {most} are looked at")]
    ManySubdomains {
        /// The file.
        file: String,
        /// How many there are.
        count: usize,
        /// The domain.
        domain: DomainName,
        /// How many there may be.
        most: usize,
    },
    /// A lock file that says nothing about any policy.
    #[error("{0} names no domain whose policy it records")]
    NoDomains(String),
    /// A line of a batch that is no message.
    #[error("{count} of {lines} lines of the batch are no messages; the first is line {first}")]
    Batch {
        /// How many.
        count: usize,
        /// Of how many.
        lines: usize,
        /// The number of the first.
        first: usize,
    },
}

/// Reads a domain as people write it: in any case, with or without a final
/// dot, in Unicode.
pub(super) fn read_domain(text: &str) -> Result<DomainName, UsageError> {
    let name = DomainName::from_user(text)
        .map_err(|reason| UsageError::Domain { text: text.to_owned(), reason })?;
    if name.is_root() {
        return Err(UsageError::NoDomain(text.to_owned()));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_domains_in_any_form() {
        for text in ["example.com", "EXAMPLE.com.", " example.com "] {
            assert_eq!(read_domain(text).unwrap().to_string(), "example.com");
        }
        assert_eq!(read_domain("bücher.example").unwrap().to_string(), "xn--bcher-kva.example");
    }

    #[test]
    fn says_what_is_wrong() {
        let message = |text: &str| read_domain(text).unwrap_err().to_string();
        assert_eq!(message(""), "'' names no domain");
        assert_eq!(message("."), "'.' names no domain");
        assert_eq!(message("a..b\x1b"), "'a..b\\u{1b}' has an empty label");
        assert!(message(&"a.".repeat(150)).ends_with("is over 253 octets"));
    }
}
