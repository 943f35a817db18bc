//! What is known of a source: the version that is served, and what stands against
//! another one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dns::Recording;
use crate::history::Why;

use super::ProviderChange;

/// One version of a source, as it was found or chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its number among those of the source, from 1.
    pub number: u64,
    /// When it came to be served, in seconds since 1970.
    pub since: i64,
    /// Why it did.
    pub why: Why,
    /// All answers that it is compiled from; none where the source is a file of
    /// addresses.
    pub answers: Option<Arc<Recording>>,
}

/// What was found and waits for a person, while the good version is served.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Why it is not served, in a sentence.
    pub reason: String,
    /// How much would change by which provider.
    pub providers: Vec<ProviderChange>,
    /// All answers that it would be compiled from; none where the source is a file of
    /// addresses.
    pub answers: Option<Arc<Recording>>,
}

/// What keeps a source from being read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Failing {
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Whose fault it is.
    pub kind: FaultKind,
    /// What is wrong, in a sentence.
    pub reason: String,
}

/// Whose fault it is that a source cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum FaultKind {
    /// DNS gives no answer for now.
    Dns,
    /// The policy is in error, or does not go with the record of a zone.
    Policy,
    /// A file that cannot be read, or is none of addresses.
    File,
}

/// What is known of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceState {
    /// The version that is served.
    pub good: Option<Version>,
    /// Whether a person chose that version, so that no other takes its place by itself.
    pub pinned: bool,
    /// What waits for a person.
    pub held: Option<Held>,
    /// Why it cannot be read.
    pub failing: Option<Failing>,
    /// When it was last read without a failure, in seconds since 1970.
    pub checked: Option<i64>,
}

/// How a source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should.
    Fine,
    /// What is served is good, and DNS fails for now.
    Failing,
    /// What is served is good, and another record than the published one goes with it.
    Unpublished,
    /// What is served is good, and what was found since waits for a person.
    Held,
    /// What is served is good, and the policy is in error since.
    Broken,
    /// There is nothing to serve.
    Unready,
}

impl SourceState {
    /// How the source does.
    pub fn health(&self) -> Health {
        match (&self.good, &self.failing, &self.held) {
            (None, ..) => Health::Unready,
            (_, Some(failing), _) if failing.kind != FaultKind::Dns => Health::Broken,
            (_, _, Some(_)) => Health::Held,
            (_, Some(_), None) => Health::Failing,
            (_, None, None) => Health::Fine,
        }
    }

    /// The number of the next version.
    pub fn next_number(&self) -> u64 {
        self.good.as_ref().map_or(1, |good| good.number.saturating_add(1))
    }
}
