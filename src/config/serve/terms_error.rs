//! Why no zone can be served for a macro record. The fault lies with who wrote
//! the record into the configuration.

use thiserror::Error;

use crate::image::LayoutError;
use crate::name::{DomainName, NameError};

/// What is wrong with a macro record. May hold text of the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// No sound record.
    #[error("the record has a mistake: {0}")]
    Syntax(String),
    /// No term that asks a zone for clients.
    #[error(
        "no exists: or include: of the record asks for a name with the client's address, such as \
         exists:%{{ir}}.%{{v}}.ZONE"
    )]
    NoTerm,
    /// No such term of the zone that is named.
    #[error("no exists: or include: of the record asks {0} for a name with the client's address")]
    NotAsked(DomainName),
    /// A macro that the sender chooses the value of.
    #[error(
        "'{term}' has {found} in its name: names over 253 octets lose labels from the left (RFC 7208 section \
         7.3), so whoever chooses its value can put another address in place of the client's"
    )]
    Chosen {
        /// The term.
        term: String,
        /// The macro.
        found: String,
    },
    /// A macro of the address that is written otherwise than zones are served.
    #[error("'{term}' has {found}, where zones are served for exactly {expected}")]
    Macro {
        /// The term.
        term: String,
        /// The macro.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// Parts in another order.
    #[error(
        "'{0}' is none of %{{ir}}.ZONE, %{{ir}}.%{{v}}.ZONE and %{{ir}}.%{{v}}.%{{d}}.ZONE, nor of these with %{{i}}"
    )]
    Form(String),
    /// `%{d}` behind addresses of unknown length.
    #[error(
        "'{0}' has %{{d}} without %{{v}}: nothing would tell where the address ends and the domain begins"
    )]
    DomainWithoutVersion(String),
    /// Terms that read names in different ways.
    #[error(
        "'{0}' and '{1}' differ in mechanism, order, %{{v}} or %{{d}}: a zone has one of each, since the same name \
         means another address otherwise"
    )]
    Mixed(String, String),
    /// Terms of different zones.
    #[error("the record asks two zones, {0} and {1}: 'name' says which is meant")]
    TwoZones(DomainName, DomainName),
    /// A zone above the one that the record asks.
    #[error("the zone that the record asks is {asked}, not {named}")]
    OtherZone {
        /// What the record says.
        asked: DomainName,
        /// What 'name' says.
        named: DomainName,
    },
    /// The same names for two outcomes.
    #[error("the record asks {0} twice: the second term never matches")]
    Twice(DomainName),
    /// A name that the zone does not hold.
    #[error("'{term}' asks for {name}, which the zone does not hold")]
    NotHeld {
        /// The term.
        term: String,
        /// The name.
        name: DomainName,
    },
    /// Text that is no name of a zone.
    #[error("'{term}' ends in no name of a zone: it {reason}")]
    Name {
        /// The term.
        term: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// A zone without room for addresses.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}
