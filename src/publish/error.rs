//! Why a change cannot be written in a form.

use thiserror::Error;

use super::Form;
use crate::name::DomainName;

/// Why a change cannot be written in a form. The caller chose form and zone;
/// what stands at the names is not the form's fault either.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A name that the zone does not hold.
    #[error("{name} is not in the zone {zone}")]
    OutsideZone {
        /// The name.
        name: DomainName,
        /// The zone.
        zone: DomainName,
    },
    /// A name with labels that the form has no way to write.
    #[error(
        "{form} takes names of letters, digits, hyphens and underscores, and '*' as a first label: not {name}"
    )]
    Name {
        /// The form.
        form: Form,
        /// The name.
        name: DomainName,
    },
    /// A TXT record that the form would read as another one.
    #[error("{form} cannot write a TXT record of {name}, {fault}")]
    Text {
        /// The form.
        form: Form,
        /// The record's owner.
        name: DomainName,
        /// What is the matter.
        fault: TextFault,
    },
    /// A TTL that the form takes for something else, or not at all.
    #[error("{form} takes a TTL of {least} to {most} seconds for {name}, not {ttl}")]
    Ttl {
        /// The form.
        form: Form,
        /// The record's owner.
        name: DomainName,
        /// The TTL, in seconds.
        ttl: u32,
        /// The shortest TTL that the form takes.
        least: u32,
        /// The longest TTL that the form takes.
        most: u32,
    },
    /// An update that no message holds.
    #[error(
        "{form} sends a step as one message of at most {most} octets, and this one needs {octets}"
    )]
    LargeMessage {
        /// The form.
        form: Form,
        /// Octets of the step.
        octets: usize,
        /// Octets that a message holds.
        most: usize,
    },
    /// A batch over the limits of the host.
    #[error("{form} takes at most {most} {what} at once, and this change has {count}")]
    LargeBatch {
        /// The form.
        form: Form,
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}

/// What keeps a text from being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextFault {
    /// Octets that the form knows no escape for.
    #[error("which has octets that are not ASCII")]
    NotAscii,
    /// Octets that the form knows no escape for.
    #[error("which has octets that are not printable ASCII")]
    NotPrintable,
    /// No text at all.
    #[error("which has no text")]
    Empty,
    /// A backslash at the end.
    #[error("which ends in a backslash")]
    FinalBackslash,
    /// A backslash before a semicolon.
    #[error("which has a backslash before a semicolon")]
    BackslashSemicolon,
    /// What the form takes for the end of one string and the start of another.
    #[error("which has a blank between two quotation marks")]
    QuotedBlank,
    /// More text than the host takes.
    #[error("which is over {0} characters")]
    Long(usize),
}
