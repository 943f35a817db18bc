//! What a history holds: versions of sources, what changed with them, and events
//! that brought no version.

use std::net::IpAddr;
use std::sync::Arc;

/// Why a version came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// It is the source's first.
    First,
    /// DNS or the source's file says something else than before.
    Changed,
    /// The source is defined in another way than before.
    Configured,
    /// A person accepted what was held back.
    Accepted,
    /// A person went back to an earlier version.
    RolledBack {
        /// The number of that version.
        to: u64,
    },
}

impl Why {
    /// The reason as a word in lower case.
    pub fn word(self) -> &'static str {
        match self {
            Why::First => "first",
            Why::Changed => "changed",
            Why::Configured => "configured",
            Why::Accepted => "accepted",
            Why::RolledBack { .. } => "rolled-back",
        }
    }

    /// The number that goes with the word.
    pub fn to(self) -> Option<u64> {
        match self {
            Why::RolledBack { to } => Some(to),
            _ => None,
        }
    }

    /// Reads the word and the number that goes with it.
    pub fn read(word: &str, to: Option<u64>) -> Option<Why> {
        Some(match (word, to) {
            ("first", None) => Why::First,
            ("changed", None) => Why::Changed,
            ("configured", None) => Why::Configured,
            ("accepted", None) => Why::Accepted,
            ("rolled-back", Some(to)) => Why::RolledBack { to },
            _ => return None,
        })
    }
}

/// What a change means for the senders of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// They pass and did not before.
    Gained,
    /// They passed before and do not any more.
    Lost,
    /// Something else.
    Other,
}

impl Change {
    /// All of them, in their order.
    const ALL: [Change; 3] = [Change::Gained, Change::Lost, Change::Other];

    /// The word in the database.
    pub(super) fn word(self) -> &'static str {
        match self {
            Change::Gained => "gained",
            Change::Lost => "lost",
            Change::Other => "other",
        }
    }

    pub(super) fn read(word: &str) -> Option<Change> {
        Change::ALL.into_iter().find(|change| change.word() == word)
    }
}

/// A range of addresses that is decided in another way than in the version before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RangeChange {
    /// What changed for it.
    pub change: Change,
    /// The included domain whose term makes the change. Any text.
    pub provider: Arc<str>,
    /// The first address.
    pub first: IpAddr,
    /// The last address, of the same family and not before the first.
    pub last: IpAddr,
}

/// A version of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The source's name in the configuration.
    pub source: String,
    /// The version's number, from 1; the newest version has the highest.
    pub number: u64,
    /// When it came, in seconds since 1970.
    pub time: i64,
    /// The domain whose policy it is.
    pub domain: String,
    /// What the configuration had as the domain's record, where that was not DNS's.
    pub record: Option<String>,
    /// Why it came.
    pub why: Why,
    /// The same for people.
    pub sentence: String,
    /// The lock file that it was compiled from; none where the source is a file
    /// of addresses. Comes back octet for octet.
    pub lock: Option<String>,
    /// How many IPv4 addresses pass.
    pub ip4: u128,
    /// How many IPv6 networks of 64 bits pass.
    pub ip6: u128,
    /// What changed against the version before. Comes back sorted.
    pub changes: Vec<RangeChange>,
}

/// A version without what is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionSummary {
    /// The version's number.
    pub number: u64,
    /// When it came, in seconds since 1970.
    pub time: i64,
    /// The domain whose policy it is.
    pub domain: String,
    /// Why it came.
    pub why: Why,
    /// The same for people.
    pub sentence: String,
    /// Whether there is a lock file.
    pub has_lock: bool,
    /// How many IPv4 addresses pass.
    pub ip4: u128,
    /// How many IPv6 networks of 64 bits pass.
    pub ip6: u128,
    /// How much changed by which provider, sorted by change and provider.
    pub counts: Vec<ProviderCount>,
}

/// How much of one kind changed by one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCount {
    /// What changed.
    pub change: Change,
    /// By whom. Any text.
    pub provider: String,
    /// How many ranges.
    pub ranges: u64,
    /// How many IPv4 addresses these have.
    pub ip4: u128,
    /// How many IPv6 networks of 64 bits these touch, each range counted alone.
    pub ip6: u128,
}

/// What happened when no version came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A change was held back until a person accepts it.
    Held,
    /// What was held back went away by itself.
    Released,
    /// The source could not be read or compiled: the last version stays.
    Failed,
    /// The source can be read again, and says what it said before.
    Recovered,
    /// The source is no longer configured.
    Removed,
}

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 5] = [
        EventKind::Held,
        EventKind::Released,
        EventKind::Failed,
        EventKind::Recovered,
        EventKind::Removed,
    ];

    /// The kind as a word in lower case.
    pub fn word(self) -> &'static str {
        match self {
            EventKind::Held => "held",
            EventKind::Released => "released",
            EventKind::Failed => "failed",
            EventKind::Recovered => "recovered",
            EventKind::Removed => "removed",
        }
    }

    pub(super) fn read(word: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Something that happened to a source and brought no version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The source's name in the configuration.
    pub source: String,
    /// When, in seconds since 1970.
    pub time: i64,
    /// What.
    pub kind: EventKind,
    /// The same for people.
    pub sentence: String,
}
