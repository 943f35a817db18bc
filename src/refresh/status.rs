//! How sources and zones do, as it is told to people and to monitors.

use serde::{Deserialize, Serialize};

use super::{Failing, FaultKind, Health, Held, Identity, SourceFile};
use crate::history::{Change, ProviderCount, Why};

/// The number of the form.
const SCHEMA: u32 = 1;

/// How all sources and zones do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Status {
    /// The number of the form.
    pub schema: u32,
    /// Whether a server said this; `false` where it was read from the state directory.
    pub running: bool,
    /// When, in seconds since 1970.
    pub time: i64,
    /// The sources, by name.
    pub sources: Vec<SourceStatus>,
    /// The zones.
    pub zones: Vec<ZoneStatus>,
    /// Why the state cannot be written.
    pub problem: Option<String>,
}

/// How a source does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct SourceStatus {
    /// Its name in the configuration.
    pub source: String,
    /// What it is.
    #[serde(flatten)]
    pub identity: Identity,
    /// How it does.
    pub health: Health,
    /// The number of the version that is served.
    pub version: Option<u64>,
    /// Since when it is, in seconds since 1970.
    pub since: Option<i64>,
    /// Why it is.
    pub why: Option<WhyServed>,
    /// Whether a person chose that version.
    pub pinned: bool,
    /// When it was last read, in seconds since 1970.
    pub checked: Option<i64>,
    /// In how many seconds it is read again.
    pub next: Option<u64>,
    /// What waits for a person.
    pub held: Option<HeldStatus>,
    /// What keeps it from being read.
    pub failing: Option<Failing>,
    /// What is to be published in place of what the configuration has as the record.
    pub publish: Option<String>,
    /// How many IPv4 addresses pass, in decimal digits.
    pub ip4_addresses: Option<String>,
    /// How many IPv6 networks of 64 bits pass, in decimal digits.
    pub ip6_networks: Option<String>,
}

/// Why a version is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct WhyServed {
    /// The reason, as a word.
    pub kind: String,
    /// The version that a person went back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
}

impl From<Why> for WhyServed {
    fn from(why: Why) -> WhyServed {
        WhyServed { kind: why.word().to_owned(), to: why.to() }
    }
}

/// What waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct HeldStatus {
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Why it is not served.
    pub reason: String,
    /// How much would change by which provider.
    pub providers: Vec<ProviderChange>,
}

/// How much of one kind changes by one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ProviderChange {
    /// Who brings or loses it: the domain that is included, or the policy's own.
    pub provider: String,
    /// `gained`, `lost` or `changed`.
    pub change: String,
    /// How many ranges.
    pub ranges: u64,
    /// How many IPv4 addresses these have, in decimal digits.
    pub ip4: String,
    /// How many IPv6 networks of 64 bits these touch, in decimal digits.
    pub ip6: String,
}

impl From<&ProviderCount> for ProviderChange {
    fn from(count: &ProviderCount) -> ProviderChange {
        let change = match count.change {
            Change::Gained => "gained",
            Change::Lost => "lost",
            Change::Other => "changed",
        };
        ProviderChange {
            provider: count.provider.clone(),
            change: change.to_owned(),
            ranges: count.ranges,
            ip4: count.ip4.to_string(),
            ip6: count.ip6.to_string(),
        }
    }
}

impl From<&Held> for HeldStatus {
    fn from(held: &Held) -> HeldStatus {
        let (reason, providers) = (held.reason.clone(), held.providers.clone());
        HeldStatus { since: held.since, reason, providers }
    }
}

/// How a zone does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ZoneStatus {
    /// Its name.
    pub zone: String,
    /// Whether there is anything to answer from.
    pub served: bool,
    /// Since when it holds what it holds, in seconds since 1970.
    pub since: Option<u64>,
    /// How many names it has below which addresses stand.
    pub names: usize,
    /// Of how many of its domains nothing is known.
    pub unready: usize,
}

/// What a monitor has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All is well.
    Fine,
    /// DNS fails for now, and what was good is served.
    DnsFails,
    /// Something waits for a person: a change that is held, or a record to publish.
    Waits,
    /// A policy or a file is in error, or something is not served.
    Broken,
}

impl Status {
    /// How they do, by a running server.
    pub fn new(
        time: i64,
        sources: Vec<SourceStatus>,
        zones: Vec<ZoneStatus>,
        problem: Option<String>,
    ) -> Status {
        Status { schema: SCHEMA, running: true, time, sources, zones, problem }
    }

    /// How sources did when their files were written.
    pub fn of_files(time: i64, files: Vec<SourceFile>) -> Status {
        let sources = files.into_iter().map(SourceStatus::of_file).collect();
        Status { running: false, ..Status::new(time, sources, Vec::new(), None) }
    }

    /// The same so many seconds later, where nothing has happened since.
    pub fn later(mut self, seconds: u64) -> Status {
        self.time = self.time.saturating_add_unsigned(seconds);
        for source in &mut self.sources {
            source.next = source.next.map(|next| next.saturating_sub(seconds));
        }
        self
    }

    /// How many sources there are, and how many do so.
    pub fn counts(&self) -> [(&'static str, usize); 7] {
        let count = |health| self.sources.iter().filter(|it| it.health == health).count();
        [
            ("sources", self.sources.len()),
            ("sources_fine", count(Health::Fine)),
            ("sources_unpublished", count(Health::Unpublished)),
            ("sources_held", count(Health::Held)),
            ("sources_failing", count(Health::Failing)),
            ("sources_broken", count(Health::Broken)),
            ("sources_unready", count(Health::Unready)),
        ]
    }

    /// What a monitor has to know, the worst of all.
    pub fn verdict(&self) -> Verdict {
        let state = if self.problem.is_some() { Verdict::Waits } else { Verdict::Fine };
        let sources = self.sources.iter().map(SourceStatus::verdict).max();
        sources.into_iter().chain([state]).max().unwrap_or(Verdict::Fine)
    }
}

impl SourceStatus {
    /// How it did when its file was written.
    fn of_file(file: SourceFile) -> SourceStatus {
        let health = file.state.health();
        let good = file.state.good.as_ref();
        SourceStatus {
            health,
            version: good.map(|good| good.number),
            since: good.map(|good| good.since),
            why: good.map(|good| good.why.into()),
            pinned: file.state.pinned,
            checked: None,
            next: None,
            held: file.state.held.as_ref().map(Into::into),
            failing: file.state.failing.clone(),
            publish: None,
            ip4_addresses: None,
            ip6_networks: None,
            source: file.source,
            identity: file.identity,
        }
    }

    fn verdict(&self) -> Verdict {
        let dns = self.failing.as_ref().is_some_and(|failing| failing.kind == FaultKind::Dns);
        match self.health {
            Health::Fine => Verdict::Fine,
            Health::Held | Health::Unpublished => Verdict::Waits,
            Health::Failing => Verdict::DnsFails,
            Health::Unready if dns => Verdict::DnsFails,
            Health::Unready | Health::Broken => Verdict::Broken,
        }
    }
}
