//! The documents of `spfc history` and of orders to a server.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use serde::Serialize;

use super::SCHEMA;
use crate::history::{Event, VersionSummary};
use crate::refresh::ProviderChange;

/// What was done.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct OrderDocument {
    pub(in crate::cli) schema: u32,
    /// In a sentence.
    pub(in crate::cli) done: String,
}

impl OrderDocument {
    pub(in crate::cli) fn new(done: String) -> OrderDocument {
        OrderDocument { schema: SCHEMA, done }
    }
}

/// How a source came to be what it is.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct HistoryDocument {
    pub(in crate::cli) schema: u32,
    pub(in crate::cli) source: String,
    /// The newest first.
    pub(in crate::cli) versions: Vec<VersionShape>,
    /// What brought no version, the latest first.
    pub(in crate::cli) events: Vec<EventShape>,
}

impl HistoryDocument {
    pub(in crate::cli) fn new(
        source: String,
        versions: Vec<VersionShape>,
        events: Vec<EventShape>,
    ) -> HistoryDocument {
        HistoryDocument { schema: SCHEMA, source, versions, events }
    }
}

/// A version.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct VersionShape {
    pub(in crate::cli) number: u64,
    /// In seconds since 1970.
    pub(in crate::cli) time: i64,
    pub(in crate::cli) domain: String,
    /// `first`, `changed`, `configured`, `accepted` or `rolled-back`.
    pub(in crate::cli) why: &'static str,
    /// The version that was gone back to.
    pub(in crate::cli) to: Option<u64>,
    pub(in crate::cli) sentence: String,
    /// Whether it can be gone back to.
    pub(in crate::cli) has_lock: bool,
    /// IPv4 addresses that pass, in decimal digits.
    pub(in crate::cli) ip4: String,
    /// IPv6 networks of 64 bits that pass, in decimal digits.
    pub(in crate::cli) ip6: String,
    pub(in crate::cli) providers: Vec<ProviderChange>,
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

/// Something that brought no version.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct EventShape {
    /// In seconds since 1970.
    pub(in crate::cli) time: i64,
    /// `held`, `released`, `failed`, `recovered` or `removed`.
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) sentence: String,
}

impl From<&Event> for EventShape {
    fn from(event: &Event) -> EventShape {
        let (time, kind, sentence) = (event.time, event.kind.word(), event.sentence.clone());
        EventShape { time, kind, sentence }
    }
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(in crate::cli) enum Which {
    /// A version, by its number.
    Number(u64),
    /// What waits for a person.
    Held(HeldWord),
}

/// `held`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum HeldWord {
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
#[derive(Debug, Serialize)]
pub(in crate::cli) struct VersionsDocument {
    pub(in crate::cli) schema: u32,
    pub(in crate::cli) source: String,
    pub(in crate::cli) from: Which,
    pub(in crate::cli) to: Which,
    pub(in crate::cli) gained: Vec<ChangedRangeShape>,
    pub(in crate::cli) lost: Vec<ChangedRangeShape>,
    pub(in crate::cli) changed: Vec<ChangedRangeShape>,
}

/// A range that is decided in another way.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ChangedRangeShape {
    /// A prefix, an address, or the first and the last with `-` between them.
    pub(in crate::cli) range: String,
    /// Who brought or lost it.
    pub(in crate::cli) provider: String,
}
