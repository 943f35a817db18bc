//! The documents of `spfc history` and of orders to a server.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::SCHEMA;
use crate::history::{Event, Version, VersionSummary};
use crate::refresh::ProviderChange;

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderDocument {
    pub(crate) schema: u32,
    /// In a sentence.
    pub(crate) done: String,
}

impl OrderDocument {
    pub(crate) fn new(done: String) -> OrderDocument {
        OrderDocument { schema: SCHEMA, done }
    }
}

/// How a source came to be what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryDocument {
    pub(crate) schema: u32,
    pub(crate) source: String,
    /// The newest first.
    pub(crate) versions: Vec<VersionShape>,
    /// What brought no version, the latest first.
    pub(crate) events: Vec<EventShape>,
}

impl HistoryDocument {
    pub(crate) fn new(
        source: String,
        versions: Vec<VersionShape>,
        events: Vec<EventShape>,
    ) -> HistoryDocument {
        HistoryDocument { schema: SCHEMA, source, versions, events }
    }
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionShape {
    pub(crate) number: u64,
    /// In seconds since 1970.
    pub(crate) time: i64,
    pub(crate) domain: String,
    /// `first`, `changed`, `configured`, `accepted` or `rolled-back`.
    pub(crate) why: &'static str,
    /// The version that was gone back to.
    pub(crate) to: Option<u64>,
    pub(crate) sentence: String,
    /// Whether it can be gone back to.
    pub(crate) has_lock: bool,
    /// IPv4 addresses that pass, in decimal digits.
    pub(crate) ip4: String,
    /// IPv6 networks of 64 bits that pass, in decimal digits.
    pub(crate) ip6: String,
    pub(crate) providers: Vec<ProviderChange>,
}

impl From<&VersionSummary> for VersionShape {
    fn from(version: &VersionSummary) -> VersionShape {
        VersionShape {
            number: version.number,
            time: version.time,
            domain: version.domain.clone(),
            why: version.why.word(),
            to: version.why.to(),
            sentence: version.sentence.clone(),
            has_lock: version.has_lock,
            ip4: version.ip4.to_string(),
            ip6: version.ip6.to_string(),
            providers: version.counts.iter().map(ProviderChange::from).collect(),
        }
    }
}

/// A version with the answers that it was compiled from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionDocument {
    schema: u32,
    source: String,
    number: u64,
    /// In seconds since 1970.
    time: i64,
    domain: String,
    /// What the configuration had as the domain's record.
    record: Option<String>,
    /// `first`, `changed`, `configured`, `accepted` or `rolled-back`.
    why: &'static str,
    /// The version that was gone back to.
    to: Option<u64>,
    sentence: String,
    /// IPv4 addresses that pass, in decimal digits.
    ip4: String,
    /// IPv6 networks of 64 bits that pass, in decimal digits.
    ip6: String,
    /// The lock file; `null` for a file of addresses.
    lock: Option<String>,
}

impl From<Version> for VersionDocument {
    fn from(version: Version) -> VersionDocument {
        VersionDocument {
            schema: SCHEMA,
            source: version.source,
            number: version.number,
            time: version.time,
            domain: version.domain,
            record: version.record,
            why: version.why.word(),
            to: version.why.to(),
            sentence: version.sentence,
            ip4: version.ip4.to_string(),
            ip6: version.ip6.to_string(),
            lock: version.lock,
        }
    }
}

/// Something that brought no version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventShape {
    /// In seconds since 1970.
    pub(crate) time: i64,
    /// `held`, `released`, `failed`, `recovered` or `removed`.
    pub(crate) kind: &'static str,
    pub(crate) sentence: String,
}

impl From<&Event> for EventShape {
    fn from(event: &Event) -> EventShape {
        let (time, kind, sentence) = (event.time, event.kind.word(), event.sentence.clone());
        EventShape { time, kind, sentence }
    }
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Which {
    /// A version, by its number.
    Number(u64),
    /// What waits for a person.
    Held(HeldWord),
}

/// `held`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HeldWord {
    /// The word.
    Held,
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Which, String> {
        match text {
            "held" => Ok(Which::Held(HeldWord::Held)),
            number => number
                .parse()
                .map(Which::Number)
                .map_err(|_| "expected the number of a version, or 'held'".to_owned()),
        }
    }
}

impl Display for Which {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Which::Number(number) => write!(f, "version {number}"),
            Which::Held(_) => f.write_str("what waits"),
        }
    }
}

/// What changed from one version to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionsDocument {
    pub(crate) schema: u32,
    pub(crate) source: String,
    pub(crate) from: Which,
    pub(crate) to: Which,
    pub(crate) gained: Vec<ChangedRangeShape>,
    pub(crate) lost: Vec<ChangedRangeShape>,
    pub(crate) changed: Vec<ChangedRangeShape>,
}

/// A range that is decided in another way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedRangeShape {
    /// A prefix, an address, or the first and the last with `-` between them.
    pub(crate) range: String,
    /// Who brought or lost it.
    pub(crate) provider: String,
}
